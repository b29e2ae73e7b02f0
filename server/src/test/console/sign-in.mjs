// Signing in and out.
import { adminKey, assert, call, createKey, createProvider, field, flow, service, visit } from './console.mjs'
import { startIdentityProvider } from './identity-provider.mjs'

const SIGN_IN = 'Sign in to agent-lab'

function keyField(page) {
  return page.getByLabel('API key')
}

async function submitKey(page, key) {
  await keyField(page).fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

flow('an API key signs in, and a wrong one is refused at its field', async (it) => {
  const page = await it.open({ key: null })
  it.expect(401, '/api/session')
  await page.goto('/providers')
  await page.getByRole('heading', { name: SIGN_IN }).waitFor()

  await submitKey(page, 'agl_admin_wrong')
  await page.locator('[aria-invalid]').waitFor()
  assert.equal(await keyField(page).getAttribute('aria-invalid'), 'true')
  assert.ok(await keyField(page).evaluate((it) => it === document.activeElement), 'the field has the focus')

  await submitKey(page, adminKey)
  await page.getByRole('heading', { level: 1, name: 'Providers' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/providers', 'the requested page opens')
  const [cookie] = await page.context().cookies()
  assert.ok(cookie.httpOnly, 'scripts cannot read the cookie')
  assert.equal(cookie.sameSite, 'Lax')
  assert.ok(!cookie.value.includes(adminKey))
})

flow('a sign-in link works once and leaves the address bar', async (it) => {
  const { url } = await call('POST', '/api/session/links')
  const first = await it.open({ key: null })
  await first.goto(url)
  await first.getByRole('button', { name: 'Sign in' }).click()
  await first.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
  assert.equal(first.url(), `${service}/`)

  const second = await it.open({ key: null })
  it.expect(401, '/api/session')
  await second.goto(url)
  await second.getByRole('button', { name: 'Sign in' }).click()
  await second.getByRole('alert').filter({ hasText: 'The link does not work' }).waitFor()
  assert.equal(second.url(), `${service}/sign-in`)

  // Another link in the same tab changes only the fragment.
  const another = await call('POST', '/api/session/links')
  await second.goto(another.url)
  await second.getByRole('button', { name: 'Sign in' }).click()
  await second.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
})

flow('signing out ends the session of all tabs', async (it) => {
  const page = await it.open()
  await visit(page, '/')
  const [cookie] = await page.context().cookies()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: SIGN_IN }).waitFor()
  const response = await fetch(`${service}/api/providers`, { headers: { Cookie: `${cookie.name}=${cookie.value}` } })
  assert.equal(response.status, 401)
})

flow('a key that may only read sees nothing that changes', async (it) => {
  const key = await createKey('reader', ['providers:read', 'agents:read'])
  const page = await it.open({ key: key.key })
  await visit(page, '/providers')
  const navigation = page.getByRole('navigation', { name: 'Main' })
  await navigation.getByRole('link', { name: 'Agents' }).waitFor()
  for (const hidden of ['Playground', 'Connect', 'Keys', 'Audit', 'Secrets', 'About']) {
    assert.equal(await navigation.getByRole('link', { name: hidden, exact: true }).count(), 0, hidden)
  }
  assert.equal(await page.getByRole('link', { name: /Add|New/ }).count(), 0)
  for (const path of ['/playground', '/connect', '/providers/new', '/agents/new', '/keys', '/audit', '/secrets', '/about']) {
    await visit(page, path)
    await page.getByRole('heading', { name: 'Permission denied' }).waitFor()
    assert.equal(await page.getByRole('main').locator('.button, input').count(), 0, `${path} shows nothing to press`)
  }
})

flow('the identity provider signs in', async (it) => {
  const issuer = process.env.ISSUER
  const ada = { sub: 'ada', name: 'Ada Lovelace', scope: 'providers:read agents:read' }
  const provider = await startIdentityProvider(issuer, 'agent-lab', ada)
  it.cleanUp(() => provider.close())
  it.allowOrigin(new URL(issuer).origin)
  it.expect(401, '/api/session')
  const page = await it.open({ key: null })
  await page.goto('/agents')
  await page.getByRole('link', { name: /Continue with/ }).click()
  await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor()
  await page.getByText('Ada Lovelace').waitFor()
  assert.equal(new URL(page.url()).pathname, '/agents', 'the requested page opens')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: SIGN_IN }).waitFor()
  provider.isDenying = true
  await page.getByRole('link', { name: /Continue with/ }).click()
  await page.getByRole('alert').filter({ hasText: 'The identity provider refused the sign-in.' }).waitFor()

  provider.isDenying = false
  provider.claims = { sub: 'bob', name: 'Bob' }
  await page.getByRole('link', { name: /Continue with/ }).click()
  await page.getByRole('alert').filter({ hasText: 'You are known, but have no rights here.' }).waitFor()
})

flow('signing in again at the identity provider keeps what was typed', async (it) => {
  const issuer = process.env.ISSUER
  const eve = { sub: 'eve', name: 'Eve', scope: 'providers:read agents:read agents:write' }
  await createProvider('again')
  const provider = await startIdentityProvider(issuer, 'agent-lab', eve)
  it.cleanUp(() => provider.close())
  it.allowOrigin(new URL(issuer).origin)
  it.expect(401, /^\/api\//)
  const page = await it.open({ key: null })
  await page.goto(`/agents/new?provider=again&model=simulated`)
  await page.getByRole('link', { name: /Continue with/ }).click()
  await page.getByRole('heading', { level: 1, name: 'New agent' }).waitFor()
  await page.getByLabel('System prompt').fill('Typed before the session ended.')

  const other = await it.openBeside(page)
  await visit(other, '/')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('heading', { name: SIGN_IN }).waitFor()
  await field(page, 'Name').fill('eve')
  // A request of the page itself may have found the end of the session already.
  await page.getByRole('button', { name: 'Save' }).dispatchEvent('click')
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  const tab = page.context().waitForEvent('page')
  await dialog.getByRole('link', { name: /Continue with/ }).click()
  await (await tab).getByRole('heading', { level: 1, name: 'Home' }).waitFor()
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('System prompt').inputValue(), 'Typed before the session ended.')
})
