import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

// Vite compiles the modules as it does for the console.
const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { toRequest, fieldsOf, labelOf, setAt } = await vite.ssrLoadModule('/src/components/schema.ts')
const { diffLines, sortedJson } = await vite.ssrLoadModule('/src/components/diffLines.ts')
after(() => vite.close())

const secret = { type: ['string', 'object'], format: 'password', writeOnly: true, properties: { env: { type: 'string' } } }
const schema = {
  required: ['name', 'base_url'],
  properties: {
    name: { const: 'kind' },
    base_url: { type: 'string' },
    options: {
      additionalProperties: true,
      required: ['token'],
      properties: {
        auth_type: { type: 'string', enum: ['bearer', 'none'], default: 'bearer' },
        token: { ...secret, 'x-used-with': { auth_type: ['bearer'] } },
        header: { type: 'string', 'x-used-with': { auth_type: ['bearer'] } },
        models: { type: 'array', items: { type: 'string' } },
        priority: { type: 'integer' },
      },
    },
  },
}
const mask = { set: true, hint: '…1234', updated_at: '2026-01-01T00:00:00Z' }
const withOptions = (options) => ({ name: 'kind', options })
const sent = (value, stored = {}) => toRequest(schema, withOptions(value), withOptions(stored)).options

test('untouched secret is omitted', () => {
  assert.deepEqual(sent({ token: mask }, { token: mask }), {})
})

test('new, cleared and referenced secrets are sent', () => {
  assert.deepEqual(sent({ token: 'new' }, { token: mask }), { token: 'new' })
  assert.deepEqual(sent({ token: null }, { token: mask }), { token: null })
  assert.deepEqual(sent({ token: { env: 'A' } }, { token: mask }), { token: { env: 'A' } })
})

test('emptied reference to a secret is cleared', () => {
  assert.deepEqual(sent({}, { token: { env: 'A' } }), { token: null })
})

test('setting without effect keeps its stored value', () => {
  assert.deepEqual(sent({ auth_type: 'none', header: 'typed', token: 'typed' }, { header: 'stored', token: mask }), {
    auth_type: 'none',
    header: 'stored',
  })
})

test('text of fields becomes the types of the schema', () => {
  assert.deepEqual(sent({ priority: '0.50', models: [' a ', '', 'b'], header: '' }), { priority: 0.5, models: ['a', 'b'] })
  assert.deepEqual(sent({ priority: 'x', models: [''] }), { priority: 'x' })
})

test('members that the schema does not declare are kept', () => {
  assert.deepEqual(sent({ other: { a: '' } }), { other: { a: '' } })
})

test('fields are those of nested objects, without constants', () => {
  const fields = fieldsOf(schema).map((it) => `${it.path.join('.')}${it.isRequired ? '!' : ''}`)
  assert.deepEqual(fields, ['base_url!', 'options.auth_type', 'options.token!', 'options.header', 'options.models', 'options.priority'])
})

test('label is made from the name', () => {
  assert.equal(labelOf('api_key'), 'API key')
  assert.equal(labelOf('total_timeout'), 'Total timeout')
})

test('removing an absent member adds no object', () => {
  assert.deepEqual(setAt({}, ['options', 'a'], undefined), {})
  assert.deepEqual(setAt({ options: { a: 1, b: 2 } }, ['options', 'a'], undefined), { options: { b: 2 } })
})

const compared = (before, after) =>
  diffLines([...before], [...after])
    .map((it) => ({ same: ' ', removed: '-', added: '+' })[it.change] + it.text)
    .join('')

test('comparison keeps the longest common lines', () => {
  assert.equal(compared('abcd', 'abcd'), ' a b c d')
  assert.equal(compared('abcd', 'acxd'), ' a-b c+x d')
  assert.equal(compared('', 'ab'), '+a+b')
  assert.equal(compared('ab', ''), '-a-b')
  assert.equal(compared('aab', 'ab'), ' a-a b')
})

test('comparison of very long texts ends', () => {
  const many = (prefix) => Array.from({ length: 5000 }, (_, i) => prefix + i)
  assert.equal(diffLines(many('a'), many('b')).length, 10_000)
})

test('JSON does not depend on the order of members', () => {
  assert.equal(sortedJson({ b: [{ d: 1, c: 2 }], a: null }), sortedJson({ a: null, b: [{ c: 2, d: 1 }] }))
})
