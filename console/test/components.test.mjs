import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

// Vite compiles the modules as it does for the console.
const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { toRequest, fieldsOf, hasInput, labelOf, labelsOf, merge, problemsOf, setAt, withLabels } = await vite.ssrLoadModule('/src/components/schema.ts')
const { diffLines, sortedJson } = await vite.ssrLoadModule('/src/components/diffLines.ts')
const { CAPABILITIES, CLIENT, LABELS, clientOf, draftOf, inputOf, mergeDrafts } = await vite.ssrLoadModule('/src/views/agents/settings.ts')
const { axisTimes, codeParts, sentence } = await vite.ssrLoadModule('/src/format.ts')
const { ApiError } = await vite.ssrLoadModule('/src/api/client.ts')
const { readImages } = await vite.ssrLoadModule('/src/views/playground/conversation.ts')
const { mayExist, onlyTarget } = await vite.ssrLoadModule('/src/api/models.ts')
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

const problems = (value, stored = {}) => problemsOf(CLIENT, 'c', value, stored)
const chatProblems = (chat) => problemsOf(CAPABILITIES, 'c', { chat }, {}).map((it) => `${it.field}: ${it.message}`)

test('numbers are checked as the hints say', () => {
  assert.deepEqual(chatProblems({ temperature: '0.5', max_tokens: '100', seed: '-1', top_p: '', reasoning_effort: 'high' }), [])
  assert.deepEqual(chatProblems({ temperature: '9x', max_tokens: '1.5', seed: ' ', top_p: '2' }), [
    'c.chat.temperature: Enter a number, at least 0.',
    'c.chat.max_tokens: Enter a whole number, at least 1.',
    'c.chat.top_p: Enter a number, from 0 to 1.',
    'c.chat.seed: Enter a whole number.',
  ])
  assert.deepEqual(problems({ retry: { max_retries: '99' } }), [
    { field: 'c.retry.max_retries', message: 'Enter a whole number, from 0 to 10.' },
  ])
})

test('durations are checked as the service reads them', () => {
  for (const timeout of ['30s', '1m30s', '1.5m', '.5s', '100ms', '1h', '60m', '0', '0s', '150000us']) {
    assert.deepEqual(problems({ timeout }), [], timeout)
  }
  for (const timeout of ['30', '99ms', '1h1s', '-5s', 'soon', '1 m', 's', '1d']) {
    assert.equal(problems({ timeout })[0]?.message, 'Enter a duration such as 30s or 1m30s, from 100ms to 1h.', timeout)
  }
})

test('stored value passes until it is changed', () => {
  assert.deepEqual(problems({ connection_pool_size: 0, timeout: 60e9 }, { connection_pool_size: 0, timeout: 60e9 }), [])
  assert.equal(problems({ connection_pool_size: '0' }, { connection_pool_size: 0 }).length, 1)
})

test('merge takes from each side what it changed', () => {
  const base = { name: 'a', options: { header: 'x', priority: 1, other: { deep: 1 }, token: { env: 'A' } } }
  const theirs = { name: 'b', options: { header: 'x', priority: 2, other: { deep: 1 }, token: { file: 'f' }, new: true } }
  assert.deepEqual(merge(schema, base, base, theirs), theirs)
  assert.deepEqual(merge(schema, base, { name: 'a', options: { ...base.options, header: 'mine' } }, theirs), {
    name: 'b',
    options: { ...theirs.options, header: 'mine' },
  })
  const { header, ...withoutHeader } = base.options
  assert.equal('header' in merge(schema, base, { name: 'a', options: withoutHeader }, theirs).options, false)
  // A secret is one value, even as an object.
  assert.deepEqual(merge(schema, base, { name: 'a', options: { ...base.options, token: { env: 'B' } } }, theirs).options.token, { env: 'B' })
})

test('merged agent has the provider of one side', () => {
  const base = { name: 'a', provider: 'p', model: 'm', systemPrompt: '', capabilities: {}, client: {} }
  const own = { ...base, provider: '', inlineProvider: { name: 'ollama' } }
  const merged = mergeDrafts(base, { ...base, provider: 'q', client: { timeout: '1m' } }, { ...own, name: 'b' })
  assert.deepEqual(merged, { ...base, name: 'b', provider: 'q', client: { timeout: '1m' }, inlineProvider: undefined, route: undefined })
  assert.deepEqual(mergeDrafts(base, { ...base, name: 'c' }, own), { ...own, name: 'c' })
})

test('merged agent keeps a provider over a route of the other side', () => {
  const base = { name: 'a', provider: 'p', model: 'm', systemPrompt: '', capabilities: {}, client: {} }
  const routed = { ...base, provider: '', model: '', route: 'smart' }
  const merged = mergeDrafts(base, { ...base, provider: 'q' }, routed)
  assert.equal(merged.route, undefined)
  assert.equal(merged.model, 'm', 'a provider needs a model')
  assert.equal(mergeDrafts(base, { ...base, name: 'c' }, routed).route, 'smart')
})

test('merged agent keeps a route over a provider of the other side', () => {
  const base = { name: 'a', provider: 'p', model: 'm', systemPrompt: '', capabilities: {}, client: {} }
  const own = { ...base, provider: '', inlineProvider: { name: 'ollama' } }
  assert.equal(mergeDrafts(base, { ...base, route: 'smart' }, own).route, 'smart')
  const routed = { ...base, provider: '', model: '', route: 'smart' }
  assert.equal(mergeDrafts(routed, { ...routed, route: undefined, provider: 'q', model: 'n' }, { ...routed, route: 'other' }).route, undefined)
})

test('agent over a route keeps it without a model', () => {
  const id = '0189e3c1-7a40-7000-8000-000000000001'
  const agent = { name: 'a', config: { route: 'smart', route_id: id, model: { capabilities: {} } } }
  const draft = draftOf(agent, undefined)
  assert.equal(draft.route, 'smart')
  const { config } = inputOf({ ...draft, systemPrompt: 'Be brief.' }, { draft, agent })
  assert.equal(config.route_id, id)
  assert.deepEqual(Object.keys(config).sort(), ['client', 'model', 'route_id', 'system_prompt'])
  assert.equal('name' in config.model, false)
})

test('agent whose route is chosen has it in place of its provider', () => {
  const agent = { name: 'a', config: { provider_id: '0189e3c1-7a40-7000-8000-000000000001', model: { name: 'm', capabilities: {} } } }
  const draft = draftOf(agent, 'p')
  const { config } = inputOf({ ...draft, route: 'smart' }, { draft, agent })
  assert.equal(config.route, 'smart')
  assert.deepEqual(Object.keys(config).sort(), ['client', 'model', 'route', 'system_prompt'])
  assert.equal('name' in config.model, false)
  assert.deepEqual(inputOf(draft, { draft, agent }).config.provider_id, agent.config.provider_id)
})

test('retries are no setting of an agent over a route', () => {
  const paths = (draft) => fieldsOf(clientOf(draft)).map((it) => it.path.join('.'))
  assert.deepEqual(paths({ route: 'smart' }), ['timeout', 'connection_timeout', 'connection_pool_size'])
  assert.ok(paths({}).includes('retry.max_retries'))
})

test('paths in texts become the labels of their fields', () => {
  const labels = labelsOf(schema)
  assert.equal(withLabels('Set options.token, or the name in base_url.', labels), 'Set “Token”, or the name in “Base URL”.')
  assert.equal(withLabels('config.options.token is too long', labels), '“Token” is too long')
  assert.equal(withLabels('options.token_file and my.options.token stay', labels), 'options.token_file and my.options.token stay')
  assert.equal(withLabels('config.client.retry.max_retries is 99, above the limit; 10 is used', LABELS), '“Retries” is 99, above the limit; 10 is used')
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

test('message of the service becomes a sentence', () => {
  assert.equal(sentence('must be a number from 0 to 2, was "x"'), 'Must be a number from 0 to 2, was "x".')
  assert.equal(sentence('The name is taken.'), 'The name is taken.')
  assert.equal(sentence('is it?'), 'Is it?')
  assert.equal(sentence('base_url must be absolute'), 'base_url must be absolute.')
  assert.equal(sentence('reply: must be a string'), 'reply: must be a string.')
  assert.equal(sentence(" required "), "Required.")
  assert.equal(sentence(''), '')
})

test('backticks mark code in texts of the service', () => {
  assert.deepEqual(codeParts('The model `a/b` is not `c`.'), [
    { text: 'The model ', isCode: false },
    { text: 'a/b', isCode: true },
    { text: ' is not ', isCode: false },
    { text: 'c', isCode: true },
    { text: '.', isCode: false },
  ])
  assert.deepEqual(codeParts('one ` only'), [{ text: 'one ` only', isCode: false }])
})

test('times of an axis have 24 hours, and days where the steps are as long', () => {
  const at = new Date(2026, 0, 31, 18, 5, 7).getTime()
  assert.deepEqual(axisTimes([at], 300), ['18:05'])
  assert.deepEqual(axisTimes([at], 15), ['18:05:07'])
  assert.deepEqual(axisTimes([at], 86_400), ['31 Jan'])
})

const kindOf = (id) => (id.includes('/') ? 'model' : id.startsWith('route') ? 'route' : 'agent')
const listed = (...ids) => ids.map((id) => ({ id, kind: kindOf(id) }))

test('name of a target exists if it is listed, also without its provider', () => {
  const models = listed('guide', 'route-1', 'ollama/llama3')
  for (const name of ['guide', 'route-1', 'ollama/llama3', 'llama3', 'azure/not-listed']) assert.ok(mayExist(models, name), name)
  for (const name of ['nonsense', 'llama', 'ollama']) assert.ok(!mayExist(models, name), name)
})

test('only route or agent is preselected, else the only model', () => {
  assert.equal(onlyTarget(listed('guide', 'a/b', 'a/c')), 'guide')
  assert.equal(onlyTarget(listed('a/b')), 'a/b')
  assert.equal(onlyTarget(listed('a/b', 'a/c')), undefined)
  assert.equal(onlyTarget(listed('route-1', 'a/b', 'a/c')), 'route-1')
  assert.equal(onlyTarget(listed('guide', 'other', 'a/b')), undefined)
  assert.equal(onlyTarget(listed('route-1', 'guide', 'a/b')), undefined)
  assert.equal(onlyTarget([]), undefined)
})

test('form has inputs for declared fields, their parts and members of open objects only', () => {
  const has = (field, value = {}) => hasInput(schema, 'config', withOptions(value), field)
  assert.ok(has('config.base_url'))
  assert.ok(has('config.options.models[1]'))
  assert.ok(has('config.options.other'), 'other members are edited as JSON')
  assert.ok(has('config.options.token'))
  assert.ok(!has('config.options.token', { auth_type: 'none' }), 'a setting without effect has no input')
  assert.ok(!has('config.name'))
  assert.ok(!has('config.other'))
  assert.ok(!has('config'))
})

test('all messages for a field are shown', () => {
  const errors = [
    { field: 'name', message: 'must not be empty' },
    { field: 'other', message: 'is unknown' },
    { field: 'name', message: 'must be unique.' },
  ]
  assert.equal(new ApiError(400, { errors }).fieldMessage('name'), 'must not be empty. must be unique.')
  assert.equal(new ApiError(400, { errors }).fieldMessage('none'), undefined)
})

test('image that cannot be read is an error and the others are attached', async (context) => {
  context.after(() => delete globalThis.FileReader)
  globalThis.FileReader = class {
    readAsDataURL(file) {
      this.result = `data:${file.type};base64,`
      queueMicrotask(file.name === 'gone.png' ? this.onerror : this.onload)
    }
  }
  const files = ['gone.png', 'here.png', 'text.txt'].map((name) => ({ name, type: name.endsWith('png') ? 'image/png' : 'text/plain', size: 10 }))
  const { images, errors } = await readImages(files, 0)
  assert.deepEqual(images.map((it) => it.name), ['here.png'])
  assert.deepEqual(errors, ['gone.png cannot be read.', 'text.txt is not a PNG, JPEG, WebP or GIF image.'])
})
