// Every view in every state: accessible in both themes, and without horizontal scrolling at a width of 320 px.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assert, call, callRaw, createAgent, createKey, createProvider, createRoute, field, flow, settled, until, violations, visit } from './console.mjs'

/**
 * The views by their routes:
 *
 * - `path` is the address, if the route has parameters;
 * - `title` is the heading, and `unknownTitle` that of an object that is not known, if they differ;
 * - `empty` is what the view says without any objects, if it lists them;
 * - `shows` finds what stays usable while all requests fail, if the view needs none;
 * - `failed` is what such a view says about a failed request, if it says anything;
 * - `steps` lead to dialogs and results, each on the page that the one before has left.
 */
const VIEWS = {
  '/': { title: 'Home' },
  '/providers': { title: 'Providers', empty: 'No providers yet' },
  '/providers/new': {
    title: 'New provider',
    steps: [
      async (page) => {
        await page.getByRole('link', { name: /^OpenAI-compatible/ }).click()
        await field(page, 'Base URL').fill('http://127.0.0.1:1/v1')
        await page.getByText('More options').click()
        await page.getByRole('button', { name: 'Test', exact: true }).click()
        await page.getByText('The test failed').waitFor()
      },
    ],
  },
  '/providers/:id': {
    title: 'views',
    unknownTitle: 'Provider',
    path: ({ provider }) => `/providers/${provider.id}`,
    steps: [
      (page) => openTab(page, 'Models'),
      (page) => openTab(page, 'Used by'),
      (page) => openDialog(page, 'Delete'),
    ],
  },
  '/agents': { title: 'Agents', empty: 'No agents yet' },
  '/agents/new': { title: 'New agent', shows: (page) => page.getByLabel('System prompt') },
  '/agents/:id': {
    title: 'views',
    unknownTitle: 'Agent',
    path: ({ agent }) => `/agents/${agent.id}`,
    steps: [
      (page) => openTab(page, 'Revisions'),
      (page) => openDialog(page, 'Restore revision 1'),
      (page) => closeDialog(page),
      (page) => openDialog(page, 'Delete'),
    ],
  },
  '/routes': { title: 'Routes', empty: 'No routes yet' },
  '/routes/new': {
    title: 'New route',
    shows: (page) => page.getByLabel('Provider'),
    steps: [(page) => page.getByRole('button', { name: 'Add agent' }).click()],
  },
  '/routes/:id': {
    title: 'views-route',
    unknownTitle: 'Route',
    path: ({ route }) => `/routes/${route.id}`,
    steps: [
      async (page) => {
        await openTab(page, 'Explain')
        await page.getByRole('button', { name: 'Explain' }).click()
        await page.getByText('is called', { exact: true }).waitFor()
      },
      async (page) => {
        await openTab(page, 'Figures')
        await page.getByRole('table', { name: 'Figures' }).waitFor()
      },
      (page) => openTab(page, 'Revisions'),
      (page) => openDialog(page, 'Restore revision 1'),
      (page) => closeDialog(page),
      (page) => openDialog(page, 'Delete'),
    ],
  },
  '/playground': {
    title: 'Playground',
    path: () => '/playground?model=views',
    shows: (page) => page.getByLabel('Message', { exact: true }),
    failed: 'The models cannot be listed',
    steps: [
      async (page) => {
        await page.getByText('Options', { exact: true }).click()
        await page.getByLabel('Message', { exact: true }).fill('Hello')
        await page.keyboard.press('Enter')
        await page.getByRole('button', { name: 'Regenerate' }).waitFor()
      },
      async (page) => {
        await page.getByRole('button', { name: 'Compare' }).click()
        await page.getByRole('combobox', { name: 'Agent, route or model 2' }).fill('views')
        await page.getByRole('option').first().waitFor()
      },
      (page) => openDialog(page, 'Copy as code'),
    ],
  },
  '/connect': {
    title: 'Connect',
    path: () => '/connect?tool=codex&model=views',
    shows: (page) => page.getByRole('radio', { name: 'Codex', checked: true }),
    failed: 'The models cannot be listed',
    steps: [
      async (page) => {
        await page.getByRole('button', { name: 'Add key' }).click()
        await page.getByText('The key is created').waitFor()
      },
    ],
  },
  '/calls': {
    title: 'Calls',
    empty: 'No calls yet',
    steps: [
      (page) => page.getByText('More filters').click(),
      (page) => visit(page, `/calls?tag=a=b&tag=c=d&key=${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`),
    ],
  },
  '/calls/session': { title: 'Session', path: () => '/calls/session?id=views', empty: 'No call has this session' },
  '/calls/:id': { title: /^Call of /, unknownTitle: 'Call', path: ({ request }) => `/calls/${request}` },
  '/keys': { title: 'Keys', empty: 'There are no keys' },
  '/keys/new': {
    title: 'New key',
    steps: [
      async (page) => {
        await page.getByRole('radio', { name: /^Only these agents/ }).check()
        await page.getByRole('button', { name: 'Add route' }).click()
        await page.getByRole('button', { name: 'Add models' }).click()
        await page.getByRole('button', { name: 'Remove Models' }).waitFor()
      },
      async (page) => {
        await page.getByRole('radio', { name: 'Every agent, route and model' }).check()
        await field(page, 'Name').fill('of the views')
        await page.getByRole('button', { name: 'Add key' }).click()
        await page.getByRole('dialog').waitFor()
      },
    ],
  },
  '/keys/:id': {
    title: 'views',
    unknownTitle: 'Key',
    path: ({ key }) => `/keys/${key.id}`,
    steps: [(page) => openDialog(page, 'Rotate'), (page) => closeDialog(page), (page) => openDialog(page, 'Revoke')],
  },
  '/me/keys': { title: 'My keys', empty: 'You have no keys of your own' },
  '/me/keys/new': { title: 'New key' },
  '/audit': {
    title: 'Audit',
    empty: 'Nothing was changed yet',
    steps: [
      async (page) => {
        await openDialog(page, 'Verify')
        await page.getByRole('dialog').getByRole('button', { name: 'Verify' }).click()
        await page.getByText('The trail is intact').waitFor()
      },
    ],
  },
  '/audit/:seq': { title: /^#\d+ /, unknownTitle: /^Event #\d+$/, path: ({ seq }) => `/audit/${seq}` },
  '/secrets': { title: 'Secrets', steps: [(page) => openDialog(page, 'Rotate')] },
  '/about': { title: 'About' },
}

/** The compressed files that a browser loads for Home: the page, its scripts, styles and fonts. */
const MAX_HOME_BYTES = 130_000

async function openTab(page, name) {
  await page.getByRole('tab', { name }).click()
  await settled(page)
}

async function openDialog(page, button) {
  await page.getByRole('main').getByRole('button', { name: button, exact: true }).click()
  await page.getByRole('dialog').waitFor()
  await settled(page)
}

async function closeDialog(page) {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

let fixture

/** One object of each kind, the same for all flows. */
function objects() {
  fixture ??= (async () => {
    const provider = await createProvider('views')
    const agent = await createAgent('views', 'views')
    const changed = { name: 'views', config: { provider: 'views', model: { name: 'simulated' }, system_prompt: 'Another.' } }
    await call('PUT', `/api/agents/${agent.id}`, changed, { 'If-Match': '*' })
    const key = await createKey('views', ['invoke'])
    const [event] = (await call('GET', '/api/audit?page_size=1')).data
    return { provider, agent, key, seq: event.seq, ...(await callWithRoute()) }
  })()
  return fixture
}

/** Makes a call with everything that its page shows, and returns the id of its request, and the route. */
async function callWithRoute() {
  await createProvider('views-down', { error_rate: 1, error_status: 503 })
  const targets = [{ provider: 'views-down', model: 'simulated' }, { agent: 'views', priority: 2 }, { provider: 'views', model: 'simulated', priority: 3 }]
  const { id } = await createRoute('views-route', targets.slice(1))
  const route = await call('PUT', `/api/routes/${id}`, { name: 'views-route', config: { targets } }, { 'If-Match': '*' })
  const labels = { 'Agent-Lab-Session': 'views', 'Agent-Lab-Tags': 'team=views,job=night', 'Agent-Lab-End-User': 'ada' }
  const body = { model: 'views-route', stream: true, messages: [{ role: 'user', content: 'Hello' }] }
  const response = await callRaw('POST', '/v1/chat/completions', body, labels)
  await response.text()
  await until('the call is listed', async () => (await call('GET', '/api/calls?session=views')).data.length === 1)
  return { request: response.headers.get('Agent-Lab-Request-Id'), route }
}

/** Answers the requests of the page from now on, but not those about the session. */
async function answerWith(page, status, json) {
  await page.route(/\/(api\/(?!session|sign-in)|v1\/models)/, (route) => route.fulfill({ status, json }))
}

function problem(status, title, detail) {
  return { type: '/problems/test', title, status, detail, instance: '/', request_id: 'test' }
}

async function requireUsable(page, state) {
  assert.deepEqual(await violations(page), [], `${state}, light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  assert.deepEqual(await violations(page), [], `${state}, dark`)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 320, height: 640 })
  // Charts follow the width of the page one frame later.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  assert.equal(await page.evaluate(overflow), null, `${state}: the page scrolls horizontally at 320 px`)
  await page.setViewportSize({ width: 1280, height: 800 })
}

/** The element that makes the page scroll horizontally, if any. Runs in the page. */
function overflow() {
  if (document.documentElement.scrollWidth <= innerWidth) return null
  const right = (it) => it.getBoundingClientRect().right
  const widest = [...document.body.querySelectorAll('*')].reduce((a, b) => (right(b) > right(a) ? b : a))
  return `${widest.outerHTML.slice(0, 200)} ends at ${right(widest)}`
}

for (const [route, view] of Object.entries(VIEWS)) {
  const pathOf = async () => view.path?.(await objects()) ?? route
  const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true })
  const title = (page) => heading(page, view.title)

  flow(`${route} is accessible in both themes and fits 320 px`, async (it) => {
    const path = await pathOf()
    const page = await it.open()
    await visit(page, path)
    await title(page).waitFor()
    await requireUsable(page, 'ready')
    for (const [i, step] of (view.steps ?? []).entries()) {
      await step(page)
      await requireUsable(page, `step ${i + 1}`)
    }
  })

  flow(`${route} has a state for what loads, fails, is forbidden or empty`, async (it) => {
    const path = await pathOf()
    const page = await it.open()
    const main = page.getByRole('main')
    const stays = view.shows?.(page)
    // What a view says about a request that was refused or that failed.
    const requireReason = async (reason) => {
      await heading(page, view.unknownTitle ?? view.title).waitFor()
      await stays?.waitFor()
      if (view.failed) await main.getByRole('alert').filter({ hasText: view.failed }).waitFor()
      if (!stays) await reason.waitFor()
    }

    await page.route(/\/(api\/(?!session|sign-in)|v1\/models)/, () => {})
    await page.goto(path)
    await (stays ?? page.getByRole('status').filter({ hasText: /Loading/ }).first()).waitFor()
    await requireUsable(page, 'loading')
    await page.unrouteAll({ behavior: 'ignoreErrors' })

    it.expect(500, /^\/(api|v1)\//)
    await answerWith(page, 500, problem(500, 'Internal error', 'The service failed.'))
    await visit(page, path)
    await requireReason(main.getByRole('alert').filter({ hasText: 'The service failed.' }).first())
    await requireUsable(page, 'failed')
    await page.unrouteAll()

    it.expect(403, /^\/(api|v1)\//)
    await answerWith(page, 403, problem(403, 'Forbidden', 'the caller needs the scope test:read'))
    await visit(page, path)
    await requireReason(main.getByText('This requires the scope test:read, which you do not have.').first())
    await requireUsable(page, 'forbidden')
    await page.unrouteAll()

    if (!view.empty) return
    await answerWith(page, 200, { data: [], total: 0, page: 1, page_size: 25, total_pages: 0 })
    await visit(page, path)
    await title(page).waitFor()
    await main.getByRole('heading', { level: 2, name: view.empty, exact: true }).waitFor()
    await requireUsable(page, 'empty')
  })
}

flow('the files of Home are small', async (it) => {
  await objects()
  const page = await it.open()
  const responses = []
  page.on('response', (response) => responses.push(response))
  await visit(page, '/')
  await page.getByText('Calls in the last hour', { exact: true }).waitFor()
  await page.waitForLoadState('networkidle')
  const files = responses.filter((it) => !new URL(it.url()).pathname.startsWith('/api/'))
  const sizes = await Promise.all(
    files.map(async (it) => [new URL(it.url()).pathname, (await it.request().sizes()).responseBodySize]),
  )
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  assert.ok(sizes.some(([path]) => /^\/assets\/Home-.*\.js$/.test(path)), 'the view is counted')
  assert.ok(total <= MAX_HOME_BYTES, `${total} bytes: ${sizes.map((it) => it.join(' ')).join(', ')}`)
})

test('every route of the console is in the list of views', () => {
  const app = readFileSync(join(process.env.CONSOLE_SOURCES, 'App.tsx'), 'utf8')
  const routes = [...app.matchAll(/<Route path="([^"]+)"/g)].map((it) => it[1])
  assert.deepEqual(Object.keys(VIEWS).toSorted(), routes.toSorted())
})

flow('the sign-in page and the page of an unknown address are accessible and fit 320 px', async (it) => {
  it.expect(401, '/api/session')
  const page = await it.open({ key: null })
  await page.goto('/')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await requireUsable(page, 'sign-in')
  await page.goto('/sign-in?error=oidc_denied')
  await page.getByRole('alert').waitFor()
  await requireUsable(page, 'a failed sign-in')

  const signedIn = await it.open()
  await visit(signedIn, '/agents/x/y')
  await signedIn.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await requireUsable(signedIn, 'not found')
})

flow('the documentation is accessible in both themes and fits 320 px', async (it) => {
  const page = await it.open({ key: null })
  for (const path of ['/docs', '/docs/providers', '/docs/api-reference']) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await requireUsable(page, path)
  }
})

flow('at 320 px the navigation opens and closes', async (it) => {
  const page = await it.open({ width: 320, height: 640 })
  await visit(page, '/')
  const menu = page.getByRole('button', { name: 'Menu' })
  const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Agents' })
  assert.ok(!(await link.isVisible()))
  await menu.click()
  await link.waitFor()
  await requireUsableWidth(page)
  await page.keyboard.press('Escape')
  await link.waitFor({ state: 'hidden' })
  await menu.click()
  await link.click()
  await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor()
  await link.waitFor({ state: 'hidden' })
})

async function requireUsableWidth(page) {
  assert.equal(await page.evaluate(overflow), null)
  assert.deepEqual(await violations(page), [])
}
