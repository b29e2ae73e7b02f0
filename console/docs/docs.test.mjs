import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defects } from './check.mjs'
import { code, slugger } from './html.mjs'
import { schemas } from './schema.mjs'

const check = (html, { others = [], anchors = [] } = {}) => defects(new Map([['/docs', html]]), new Set(others), anchors)

test('valid page has no defect', () => {
  assert.deepEqual(check('<!doctype html>\n<p id="a"><a href="#a">1 &lt; 2</a><br></p><a href="/">x</a>', { others: ['/'], anchors: ['/docs#a'] }), [])
})

test('dead links and anchors are defects', () => {
  assert.deepEqual(check('<a href="/docs/none">x</a><a href="#none">y</a>'), ['/docs: dead link /docs/none', '/docs: dead anchor #none'])
})

test('missing section is a defect', () => {
  assert.deepEqual(check('<p>x</p>', { anchors: ['/docs#getAgent'] }), ['missing: /docs#getAgent'])
})

test('repeated id is a defect', () => {
  assert.deepEqual(check('<p id="a">x</p><p id="a">y</p>'), ['/docs: id a twice'])
})

test('unbalanced elements and stray angle brackets are defects', () => {
  assert.deepEqual(check('<p><em>x</p></em>'), ['/docs: </p> closes <em>', '/docs: </em> closes <p>'])
  assert.deepEqual(check('<p>x'), ['/docs: not closed: p'])
  assert.deepEqual(check('<p>1 < 2</p>'), ['/docs: not HTML: 1 < 2'])
})

test('script of the service is no defect', () => {
  const script = '<script src="/docs/docs.js" defer></script>'
  assert.deepEqual(check(script, { others: ['/docs/docs.js'] }), [])
  assert.deepEqual(check(script), ['/docs: dead link /docs/docs.js'])
  assert.deepEqual(check('<script src="https://example.com/a.js"></script>'), ['/docs: <script>'])
})

test('inline styles and scripts are defects', () => {
  assert.deepEqual(check('<p style="color: red" onclick="x()">x</p><script>x</script>'), [
    '/docs: attribute style',
    '/docs: attribute onclick',
    '/docs: <script>',
  ])
})

test('anchors follow GitHub', () => {
  const slug = slugger()
  assert.equal(slug("Clients of OpenAI's Responses API"), 'clients-of-openais-responses-api')
  assert.equal(slug('TLS, `base_url` & more'), 'tls-base_url--more')
  assert.equal(slug('Errors'), 'errors')
  assert.equal(slug('Errors'), 'errors-1')
})

test('code is escaped', () => {
  assert.match(code('a < "b" && c', 'x'), /<code>a &lt; &quot;b&quot; &amp;&amp; c<\/code>/)
})

test('examples that violate their schema are found', () => {
  const { errors } = schemas({
    Kind: { type: 'string', enum: ['a', 'b'] },
    Thing: {
      type: 'object',
      properties: { kind: { $ref: '#/components/schemas/Kind' }, sizes: { type: 'array', items: { type: 'integer' } } },
      required: ['kind'],
      additionalProperties: false,
    },
  })
  const thing = { $ref: '#/components/schemas/Thing' }
  assert.deepEqual(errors({ kind: 'a', sizes: [1] }, 'x', thing), [])
  assert.deepEqual(errors({ kind: 'c', sizes: [1.5], more: 1 }, 'x', thing), [
    'x.kind: must be one of a, b',
    'x.sizes[0]: must be integer',
    'x.more: not accepted',
  ])
  assert.deepEqual(errors({}, 'x', thing), ['x.kind: missing'])
})
