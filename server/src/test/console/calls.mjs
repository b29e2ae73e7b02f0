// The records of calls: real calls through the gateway, found by filters, and the pages of a call and of its session.
import { assert, call, callRaw, createAgent, createKey, createProvider, field, flow, settled, until, visit } from './console.mjs'
import { startUpstream } from './upstream.mjs'

/** Sends a chat, and returns the id of its request. */
async function chat(model, headers, isStream = true) {
  const body = { model, stream: isStream, messages: [{ role: 'user', content: 'Hello' }] }
  const response = await callRaw('POST', '/v1/chat/completions', body, headers)
  await response.text()
  return response.headers.get('Agent-Lab-Request-Id')
}

/** Waits until the calls of a filter are listed, and returns them. */
async function listed(filter, number) {
  let calls = []
  await until(`${number} calls with ${filter} are listed`, async () => {
    calls = (await call('GET', `/api/calls?${filter}`)).data
    return calls.length === number
  })
  return calls
}

/** An upstream whose input is mostly cached, and a provider on it. */
async function startCached(it, name) {
  const details = { prompt_tokens: 400, completion_tokens: 20, total_tokens: 420, prompt_tokens_details: { cached_tokens: 300 } }
  const upstream = await startUpstream({ usage: details })
  it.cleanUp(() => upstream.close())
  await call('POST', '/api/providers', {
    name,
    config: { name: 'openai-compatible', base_url: `${upstream.url}/v1`, options: { auth_type: 'none', models: ['small-1'] } },
  })
  return upstream
}

const table = (page, name = 'Calls') => page.getByRole('table', { name, exact: true })
const rows = (page, name) => table(page, name).locator('tbody').getByRole('row')
const figure = async (page, label) => page.getByRole('list', { name: 'Figures' }).getByRole('listitem').filter({ hasText: label }).locator('strong').textContent()

flow('calls are filtered, and a call leads to its session', async (it) => {
  await startCached(it, 'calls-cached')
  await createProvider('calls-down', { error_rate: 1, error_status: 503 })
  const route = await call('POST', '/api/routes', {
    name: 'calls-route',
    config: { targets: [{ provider: 'calls-down', model: 'simulated' }, { provider: 'calls-cached', model: 'small-1', priority: 2 }] },
  })
  const key = await createKey('calls of a program', ['invoke', 'on_behalf_of'])
  const session = 'a/b #1'
  const labels = {
    Authorization: `Bearer ${key.key}`,
    'Agent-Lab-Session': session,
    'Agent-Lab-Tags': 'team=calls,job=x%20y',
    'Agent-Lab-End-User': 'ada',
  }
  const requestId = await chat('calls-route', labels)
  await chat('calls-cached/small-1', labels)
  await chat('calls-down/simulated', { ...labels, 'Agent-Lab-Tags': '' })
  await chat('calls-cached/small-1', { Authorization: `Bearer ${key.key}` })
  await listed(`key=${key.id}`, 4)

  const page = await it.open()
  await visit(page, '/calls')
  // Another flow can have made newer calls.
  await field(page, 'Provider').fill('calls-down')
  await page.waitForURL(/provider=calls-down/)
  await until('one call is left', async () => (await rows(page).count()) === 1)
  await rows(page).getByText('Failed: refused').waitFor()
  await rows(page).getByRole('link', { name: 'calls of a program' }).click()
  await page.waitForURL(`/calls?key=${key.id}`)
  await until('all calls of the key are listed', async () => (await rows(page).count()) === 4)
  assert.equal(await field(page, 'Provider').inputValue(), '')

  await page.getByText('More filters').click()
  await field(page, 'Tag, as name=value').fill('team=calls')
  await until('the calls with the tag are left', async () => (await rows(page).count()) === 2)
  await page.goBack()
  await page.goForward()
  await until('the calls with the tag are back', async () => (await rows(page).count()) === 2)
  await page.reload()
  await settled(page)
  assert.equal(await rows(page).count(), 2)
  assert.equal(await field(page, 'Tag, as name=value').inputValue(), 'team=calls')
  await page.getByRole('button', { name: 'Remove the filter Key: calls of a program' }).click()
  await page.waitForURL('/calls?tag=team%3Dcalls')

  await rows(page).last().getByRole('link', { name: /:\d\d:/ }).click()
  await page.getByRole('heading', { level: 1, name: 'Call of calls-route' }).waitFor()
  const main = page.getByRole('main')
  await main.getByText(requestId, { exact: true }).waitFor()
  await main.getByText('calls-route, revision 1').waitFor()
  await main.getByText('Reported by the provider.').waitFor()
  await table(page, 'Tokens').getByRole('row', { name: 'Input, read from a cache 300' }).waitFor()
  const attempts = await rows(page, 'Attempts').allTextContents()
  assert.match(attempts[0], /calls-down\/simulated.*Failed: refused/)
  assert.match(attempts.at(-1), /calls-cached\/small-1.*Answered/)
  assert.equal(await figure(page, 'Input tokens'), '400')
  assert.doesNotMatch(await main.textContent(), /null|undefined|NaN/)
  const links = { 'ada': /end_user=ada$/, 'job=x y': /tag=job%3Dx\+y$/, 'calls-route': new RegExp(`/routes/${route.id}\\?`) }
  for (const [name, href] of Object.entries(links)) {
    assert.match(await main.getByRole('link', { name, exact: true }).getAttribute('href'), href)
  }

  await main.getByRole('link', { name: session, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Session' }).waitFor()
  await until('the calls of the session are listed', async () => (await rows(page, 'Calls of the session').count()) === 3)
  const requireSession = async () => {
    assert.equal(await figure(page, 'Calls'), '3')
    assert.equal(await figure(page, 'Failed'), '1')
    assert.equal(await figure(page, 'Read from a cache'), '75 %')
    await table(page, 'Tokens').getByRole('row', { name: 'Input, without a cache 200' }).waitFor()
    await main.getByText('The sums of 2 of 3 calls, as the providers reported them. Not included: 1 call without numbers.').waitFor()
  }
  await requireSession()
  assert.match(await rows(page, 'Calls of the session').first().textContent(), /calls-route/)
  await page.reload()
  await settled(page)
  await requireSession()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Call of calls-route' }).waitFor()
  await page.goBack()
  await until('the list has its filter', async () => (await rows(page).count()) === 2)
})

flow('every filter of the address is shown and can be removed', async (it) => {
  it.expect(400, '/api/calls')
  const page = await it.open()
  const fields = {
    status: 'ok', outcome: 'timed_out', provider: 'p', model: 'm', session: 's', end_user: 'e', request_id: 'r', dialect: 'd', operation: 'o',
  }
  const id = '1f13a68a-f52c-47cd-a5b6-fb6a0e57b253'
  const chips = { key: id, owner: `key:${id}`, agent: id, route: id }
  const times = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' }
  const query = new URLSearchParams({ ...fields, ...chips, ...times })
  query.append('tag', 'a=1')
  query.append('tag', 'b=2')
  await visit(page, `/calls?${query}`)
  await page.getByRole('heading', { name: 'No call matches every filter' }).waitFor()
  const values = await page.getByRole('search').locator('input, select').evaluateAll((all) => all.map((it) => it.value))
  assert.deepEqual(values.toSorted(), [...Object.values(fields), '2026-01-01T00:00', '2026-01-02T00:00', 'a=1'].toSorted())
  for (const name of ['Tag: b=2', `Key: ${id}`, `Owner: key:${id}`, `Agent: ${id}`, `Route: ${id}`]) {
    await page.getByRole('button', { name: `Remove the filter ${name}` }).click()
    await page.getByRole('button', { name: `Remove the filter ${name}` }).waitFor({ state: 'detached' })
  }
  assert.deepEqual(new URL(page.url()).searchParams.getAll('tag'), ['a=1'])
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await page.waitForURL('/calls')

  await visit(page, '/calls?agent=nonsense')
  await page.getByRole('alert').getByText('A filter is not valid').waitFor()
  await page.getByRole('listitem').filter({ hasText: 'Agent: nonsense' }).getByText(/UUID/).waitFor()
  await visit(page, '/calls?tag=nonsense')
  await page.getByText('Must be a name and a value such as team=research.').waitFor()
  assert.equal(await field(page, 'Tag, as name=value').getAttribute('aria-invalid'), 'true')
})

flow('a call shows what its translation ignored, or that it was cancelled', async (it) => {
  await createProvider('calls-special', { reply: 'one two three four five six seven eight', time_per_token: '100ms' })
  const request = { model: 'calls-special/simulated', stream: true, messages: [{ role: 'user', content: 'Hello' }] }
  const translated = await callRaw('POST', '/v1/messages', { ...request, max_tokens: 100, top_k: 5 })
  await translated.text()
  const cancelled = await callRaw('POST', '/v1/chat/completions', request)
  const reader = cancelled.body.getReader()
  await reader.read()
  await reader.cancel()
  const page = await it.open()
  const open = async (response) => {
    const id = response.headers.get('Agent-Lab-Request-Id')
    await listed(`request_id=${id}`, 1)
    await visit(page, `/calls/${id}`)
  }
  await open(translated)
  await page.getByRole('listitem').filter({ hasText: 'top_k is ignored' }).waitFor()
  await open(cancelled)
  await page.getByText('The client disconnected before the response was complete').waitFor()
  await page.getByText('Estimated, because the response ended early.').waitFor()
})

flow('older calls are a page of their own, from which Back returns', async (it) => {
  await createProvider('calls-many')
  const agent = await createAgent('calls-many', 'calls-many')
  for (let i = 0; i < 26; i++) await chat('calls-many', {}, false)
  await listed(`agent=${agent.id}`, 26)
  const page = await it.open()
  await visit(page, `/agents/${agent.id}`)
  await page.getByRole('main').getByRole('link', { name: 'Calls', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor()
  await until('the first page is listed', async () => (await rows(page).count()) === 25)
  await page.getByText('Agent: calls-many').waitFor()
  await page.getByRole('button', { name: 'Older calls' }).click()
  await until('the last call is listed', async () => (await rows(page).count()) === 1)
  assert.ok(await page.getByRole('button', { name: 'Older calls' }).isDisabled())
  await page.reload()
  await settled(page)
  assert.equal(await rows(page).count(), 1)
  await page.goBack()
  await until('the first page is back', async () => (await rows(page).count()) === 25)
  await page.goForward()
  await until('the last call is back', async () => (await rows(page).count()) === 1)
  await page.getByRole('button', { name: 'Newest calls' }).click()
  await until('the first page is listed again', async () => (await rows(page).count()) === 25)
})

flow('a caller without calls:read sees only its own calls', async (it) => {
  await createProvider('calls-own')
  const key = await createKey('calls own', ['invoke'])
  const labels = { 'Agent-Lab-Session': 'calls-shared' }
  const own = await chat('calls-own/simulated', { ...labels, Authorization: `Bearer ${key.key}` })
  const other = await chat('calls-own/simulated', labels)
  await listed('session=calls-shared', 2)
  it.expect(404, `/api/calls/${other}`)
  const page = await it.open({ key: key.key })
  await visit(page, '/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Calls' }).click()
  await page.getByText('The model calls that you and your keys made.').waitFor()
  await until('the own call is listed', async () => (await rows(page).count()) === 1)
  await rows(page).getByRole('link', { name: /:\d\d:/ }).click()
  await page.getByRole('main').getByText(own, { exact: true }).waitFor()
  await page.getByRole('link', { name: 'calls-shared' }).click()
  await page.getByText('only your own calls are shown').waitFor()
  assert.equal(await figure(page, 'Calls'), '1')
  await visit(page, `/calls/${other}`)
  await page.getByRole('heading', { name: 'There is no such call' }).waitFor()
})

flow('a key, the own keys and a provider lead to their calls', async (it) => {
  const provider = await createProvider('calls-linked')
  const key = await createKey('calls linked', ['invoke'])
  const { caller } = await call('GET', '/api/session')
  const page = await it.open()
  const links = {
    [`/keys/${key.id}`]: ['All calls of this key', { key: key.id }],
    '/me/keys': ['All calls of these keys', { owner: `key:${caller.id}` }],
    [`/providers/${provider.id}`]: ['Calls', { provider: 'calls-linked' }],
  }
  for (const [path, [name, filter]] of Object.entries(links)) {
    await visit(page, path)
    await page.getByRole('main').getByRole('link', { name, exact: true }).click()
    await page.waitForURL(`/calls?${new URLSearchParams(filter)}`)
    await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor()
  }
})

flow('an answer of the playground leads to its record', async (it) => {
  await createProvider('calls-asked')
  const page = await it.open()
  await visit(page, '/playground?model=calls-asked/simulated')
  await page.getByLabel('Message', { exact: true }).fill('Hello.')
  await page.keyboard.press('Enter')
  const figures = page.getByRole('log').locator('.answer-figures')
  const id = await figures.getByRole('link').textContent()
  await listed(`request_id=${id}`, 1)
  await figures.getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'Call of calls-asked/simulated' }).waitFor()
})

flow('a session with more calls than are loaded is shown as such', async (it) => {
  await startCached(it, 'calls-cut')
  await chat('calls-cut/small-1', { 'Agent-Lab-Session': 'calls-cut' })
  const [newest] = await listed('session=calls-cut', 1)
  const page = await it.open()
  const data = Array.from({ length: 1000 }, (_, i) => ({ ...newest, id: `${newest.id}-${i}` }))
  await page.route(/\/api\/calls\?/, (route) => route.fulfill({ json: { data, next: 'more' } }))
  await visit(page, '/calls/session?id=calls-cut')
  await page.getByText('The session has more than 1,000 calls').waitFor()
  assert.equal(await figure(page, 'Calls'), '1,000')
  await page.getByRole('link', { name: 'All calls of the session' }).click()
  await page.waitForURL('/calls?session=calls-cut')
})
