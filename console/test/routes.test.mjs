import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { draftOf, inputOf, mergeDrafts, NEW_TARGET, routeText, sharesOf } = await vite.ssrLoadModule('/src/views/routes/settings.ts')
const { decisionsOf, headersOf } = await vite.ssrLoadModule('/src/views/routes/explanation.ts')
after(() => vite.close())

const ID = '0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0003'
const ROUTE = {
  name: 'smart',
  config: {
    targets: [
      { provider: 'openai', provider_id: ID, model: 'gpt-5', weight: 3, priority: 1 },
      { agent: 'helper', agent_id: ID, weight: 1, priority: 2 },
    ],
    fallback_on: ['5xx', 'timeout'],
    affinity: 'session',
    parameters: { defaults: { temperature: 0.2 }, limits: { max_output_tokens: 100 } },
  },
}

test('a route is sent as it is stored, with the names of its targets', () => {
  const draft = draftOf(ROUTE)
  const { name, config } = inputOf(draft, draft)

  assert.equal(name, 'smart')
  assert.deepEqual(config.targets, [
    { provider: 'openai', model: 'gpt-5', weight: 3, priority: 1 },
    { agent: 'helper', weight: 1, priority: 2 },
  ])
  assert.deepEqual(config.fallback_on, ['timeout', '5xx'])
  assert.deepEqual(config.parameters, ROUTE.config.parameters)
})

test('a deleted target is sent by its id', () => {
  const config = { ...ROUTE.config, targets: [{ provider_id: ID, model: 'm' }] }

  assert.deepEqual(inputOf(draftOf({ ...ROUTE, config })).config.targets, [{ provider_id: ID, model: 'm', weight: 1, priority: 1 }])
})

test('shares are those within a priority', () => {
  const target = (weight, priority) => ({ ...NEW_TARGET, weight, priority })

  assert.deepEqual(sharesOf([target('3', '1'), target('1', '1'), target('7', '2')]), [75, 25, 100])
  assert.deepEqual(sharesOf([target('0', '1'), target('x', '2')]), [undefined, undefined])
})

test('a conflict keeps the changes of both', () => {
  const base = draftOf(ROUTE)
  const mine = { ...base, fallbackOn: [] }
  const theirs = { ...base, name: 'other', targets: base.targets.slice(0, 1) }

  assert.deepEqual(mergeDrafts(base, mine, theirs), { ...theirs, fallbackOn: [] })
})

test('the text to compare has a line for each target', () => {
  assert.match(routeText(ROUTE), /^Name: smart\nTargets:\n {2}openai\/gpt-5, weight 3, priority 1\n {2}agent helper, weight 1, priority 2\nSettings:\n/)
})

test('decisions are in the order of the route', () => {
  const explanation = {
    target: 'b',
    order: ['a', 'b', 'c'],
    skipped: [
      { target: 'x', reason: 'cannot be called' },
      { target: 'a', reason: 'is suspended' },
    ],
  }

  assert.deepEqual(decisionsOf(explanation), [
    { target: 'a', outcome: 'skipped', reason: 'is suspended' },
    { target: 'b', outcome: 'called' },
    { target: 'c', outcome: undefined },
    { target: 'x', outcome: 'skipped', reason: 'cannot be called' },
  ])
})

test('header fields are read from lines', () => {
  assert.deepEqual(headersOf('X-One: 1\n\n a:b:c '), { 'X-One': '1', a: 'b:c' })
  assert.equal(headersOf('no field'), undefined)
})
