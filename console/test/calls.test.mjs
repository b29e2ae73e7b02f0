import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { cacheHits, callsOf, inputTokens, sessionFigures, sessionPath, stepsOf } = await vite.ssrLoadModule('/src/views/calls/data.ts')
after(() => vite.close())

const reported = (tokens) => ({ tokens: { source: 'reported', ...tokens } })
const call = (startedAt, tokens, status = 'ok') => ({ status, started_at: startedAt, duration_us: 2_500_000, tokens })

test('input includes all that was read from or written to a cache', () => {
  assert.equal(inputTokens({ source: 'reported', input: 1, cached_input: 20, cache_write_5m: 300, cache_write_1h: 4000, output: 9 }), 4321)
  assert.equal(inputTokens({ source: 'reported', cached_input: 0, output: 9 }), 0)
  assert.equal(inputTokens({ source: 'reported', output: 9 }), undefined)
})

test('cache hits are the part of all input that was read', () => {
  const calls = [reported({ input: 10, cached_input: 0, cache_write_5m: 190 }), reported({ input: 10, cached_input: 290, cache_write_1h: 100 })]
  assert.deepEqual(cacheHits(calls), { cached: 290, input: 600, calls: 2 })
})

test('calls without reported cache reads do not lower the hits', () => {
  const estimated = { tokens: { source: 'estimated', input: 500, cached_input: 0 } }
  const calls = [reported({ input: 50, cached_input: 50 }), reported({ input: 900, output: 3 }), estimated, { tokens: { source: 'none' } }]
  assert.deepEqual(cacheHits(calls), { cached: 50, input: 100, calls: 1 })
  assert.equal(cacheHits([reported({ input: 900, output: 3 })]), undefined)
  assert.equal(cacheHits([reported({ input: 0, cached_input: 0 })]), undefined)
})

test('sums of a session leave out what was not reported', () => {
  const figures = sessionFigures([
    call('2026-03-01T12:00:00Z', { source: 'reported', input: 5, output: 3 }),
    call('2026-03-01T12:00:10Z', { source: 'reported', input: 7, cached_input: 2, output: 4 }),
    call('2026-03-01T12:01:00Z', { source: 'estimated', input: 100, output: 1 }, 'cancelled'),
    call('2026-03-01T12:01:30Z', { source: 'none' }, 'failed'),
  ])
  assert.deepEqual(figures, {
    calls: 4,
    failed: 1,
    cancelled: 1,
    spanMs: 92_500,
    tokens: { input: 12, cached_input: 2, output: 7 },
    sources: { reported: 2, estimated: 1, none: 1 },
    cacheHits: { cached: 2, input: 9, calls: 1 },
  })
})

test('span of a session lasts to the latest end', () => {
  const long = { ...call('2026-03-01T12:00:00Z', { source: 'none' }), duration_us: 60_000_000 }
  assert.equal(sessionFigures([long, call('2026-03-01T12:00:20Z', { source: 'none' })]).spanMs, 60_000)
})

test('steps have retries, skipped and untried targets', () => {
  const attempt = (target, outcome) => ({ target, outcome, provider: 'p', model: 'm', latency_us: 1 })
  const attempts = [attempt('a', 'timed_out'), attempt('a', 'broken'), attempt('c', 'success')]
  const decision = { order: ['a', 'b', 'c', 'd'], skipped: [{ target: 'b', reason: 'is suspended' }] }
  assert.deepEqual(stepsOf({ attempts, decision }), [
    { target: 'a', attempt: attempts[0] },
    { target: 'a', attempt: attempts[1] },
    { target: 'b', skipped: 'is suspended' },
    { target: 'c', attempt: attempts[2] },
    { target: 'd', skipped: undefined },
  ])
})

test('steps of a call without a route are its attempts', () => {
  const attempts = [{ target: 'a' }, { target: 'a' }]
  assert.deepEqual(stepsOf({ attempts }), attempts.map((attempt) => ({ target: 'a', attempt })))
  assert.deepEqual(stepsOf({}), [])
})

test('addresses keep any session and any tag', () => {
  assert.equal(new URL(sessionPath('a/b #1&c'), 'http://x').searchParams.get('id'), 'a/b #1&c')
  assert.equal(new URL(callsOf({ tag: 'a=b&c' }), 'http://x').searchParams.get('tag'), 'a=b&c')
})
