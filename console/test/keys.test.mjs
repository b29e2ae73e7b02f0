import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { parseScope, scopesOf, scopeText, SECTIONS, summary } = await vite.ssrLoadModule('/src/views/keys/scopes.ts')
const { parseHead } = await vite.ssrLoadModule('/src/views/audit/head.ts')
after(() => vite.close())

test('grants are written as the service writes scopes', () => {
  assert.equal(scopeText({ kind: 'agent', agent: 'model/x' }), 'invoke:agent/model/x')
  assert.equal(scopeText({ kind: 'route', route: 'a/b 100%' }), 'invoke:route/a/b 100%')
  assert.equal(scopeText({ kind: 'provider', provider: 'a/b 100%' }), 'invoke:provider/a%2Fb 100%25')
  assert.equal(scopeText({ kind: 'models', provider: 'a/b', pattern: 'meta/*' }), 'invoke:model/a%2Fb/meta/*')
  assert.equal(scopeText({ kind: 'proxy', provider: 'openai' }), 'proxy:openai')
})

test('scopes are read back as they were granted', () => {
  for (const grant of [
    { kind: 'whole', scope: 'providers:read' },
    { kind: 'agent', agent: 'helper' },
    { kind: 'route', route: 'model/a%2Fb' },
    { kind: 'provider', provider: 'a/b 100%' },
    { kind: 'models', provider: 'a/b', pattern: 'meta/*' },
    { kind: 'proxy', provider: '%2F' },
  ]) {
    assert.deepEqual(parseScope(scopeText(grant)), grant)
  }
  assert.deepEqual(parseScope('invoke:1f13a68a-f52c-47cd-a5b6-fb6a0e57b253'), {
    kind: 'agent',
    agent: '1f13a68a-f52c-47cd-a5b6-fb6a0e57b253',
  })
})

test('summary counts restricted scopes and begins with calls', () => {
  assert.deepEqual(summary(['audit:read', 'invoke:agent/a', 'invoke:agent/b', 'invoke:route/r', 'proxy:c', 'invoke:model/c/*', 'invoke']), [
    'invoke',
    'invoke: 2 agents',
    'invoke: 1 route',
    'invoke: 1 model pattern',
    'proxy: 1 provider',
    'audit:read',
  ])
})

test('every scope without restrictions is in exactly one section', () => {
  const infos = ['providers:read', 'agents:write', 'routes:read', 'keys:admin', 'new:scope'].map((scope) => ({ scope, restrictions: [] }))
  const placed = SECTIONS.flatMap((it) => scopesOf(it, [...infos, { scope: 'invoke', restrictions: [{}] }]))
  assert.deepEqual(placed.map((it) => it.scope).sort(), infos.map((it) => it.scope).sort())
})

test('head is read in each form in which it is given', () => {
  const hash = 'ab12'.repeat(16)
  const head = { seq: 42, hash }
  assert.deepEqual(parseHead(`42:${hash}`), head)
  assert.deepEqual(parseHead(`head 42:${hash}\n`), head)
  assert.deepEqual(parseHead(JSON.stringify(head)), head)
  assert.equal(parseHead(`42:${hash.slice(1)}`), undefined)
  assert.equal(parseHead('42'), undefined)
})
