import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { relativeTime, timeSpan } = await vite.ssrLoadModule('/src/format.ts')
after(() => vite.close())

const NOW = Date.parse('2026-03-01T12:00:00Z')
const HOUR = 3600
const DAY = 24 * HOUR
const written = (seconds) => relativeTime(new Date(NOW + seconds * 1000).toISOString(), NOW)

test('a time that a moment has shortened keeps its number', () => {
  assert.equal(written(24 * HOUR - 2), 'in 24 hours')
  assert.equal(written(7 * DAY - 2), 'in 7 days')
  assert.equal(written(30 * DAY - 2), 'in 30 days')
  assert.equal(written(60 * DAY - 2), 'in 60 days')
  assert.equal(written(90 * DAY - 2), 'in 3 months')
  assert.equal(written(365 * DAY - 2), 'in 12 months')
})

test('time is rounded to the nearest in both directions', () => {
  assert.equal(written(-89), '1 minute ago')
  assert.equal(written(-90), '2 minutes ago')
  assert.equal(written(90), 'in 2 minutes')
  assert.equal(written(-2.4 * DAY), '2 days ago')
  assert.equal(written(-2.6 * DAY), '3 days ago')
})

test('unit becomes coarser where the rounded number reaches its limit', () => {
  assert.equal(written(4), 'just now')
  assert.equal(written(-4.9), 'just now')
  assert.equal(written(5), 'in 5 seconds')
  assert.equal(written(-59.4), '59 seconds ago')
  assert.equal(written(-59.6), '1 minute ago')
  assert.equal(written(-59.4 * 60), '59 minutes ago')
  assert.equal(written(-59.6 * 60), '1 hour ago')
  assert.equal(written(47.4 * HOUR), 'in 47 hours')
  assert.equal(written(48 * HOUR), 'in 2 days')
  assert.equal(written(60.4 * DAY), 'in 60 days')
  assert.equal(written(61 * DAY), 'in 2 months')
  assert.equal(written(700 * DAY), 'in 23 months')
  assert.equal(written(730 * DAY), 'in 2 years')
})

test('span of time has its two largest units', () => {
  assert.equal(timeSpan(840), '840 ms')
  assert.equal(timeSpan(59_400), '59 s')
  assert.equal(timeSpan(59_600), '1 min')
  assert.equal(timeSpan(61_000), '1 min 1 s')
  assert.equal(timeSpan((2 * HOUR + 5 * 60 + 59) * 1000), '2 h 5 min')
  assert.equal(timeSpan(3 * HOUR * 1000), '3 h')
  assert.equal(timeSpan((2 * DAY + 40) * 1000), '2 d')
})
