// Keys, the audit trail, secrets, and the configuration in force.
import { assert, call, callRaw, createProvider, createRoute, field, flow, settled, until, visit } from './console.mjs'

flow('a key is shown once, rotated and revoked', async (it) => {
  const page = await it.open()
  await visit(page, '/keys/new')
  await field(page, 'Name').fill('program')
  await page.getByRole('radio', { name: 'Every agent, route and model' }).check()
  await page.getByRole('button', { name: 'Add key' }).click()
  const dialog = page.getByRole('dialog', { name: 'Copy the key' })
  const key = await dialog.getByText(/^agl_key_/).textContent()
  const status = async (it) => (await callRaw('GET', '/v1/models', undefined, { Authorization: `Bearer ${it}` })).status
  assert.equal(await status(key), 200)
  await page.keyboard.press('Escape')
  await dialog.getByRole('alert').getByText('Copy the key first.').waitFor()
  await dialog.getByRole('button', { name: 'I have copied it' }).click()
  await page.getByRole('heading', { level: 1, name: 'program' }).waitFor()
  await page.reload()
  await settled(page)
  assert.ok(!(await page.content()).includes(key), 'the key is not shown again')

  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('radio', { name: 'It ends now' }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  const rotated = await dialog.getByText(/^agl_key_/).textContent()
  assert.notEqual(rotated, key)
  assert.equal(await status(rotated), 200)
  await until('the old key has ended', async () => (await status(key)) === 401)
  await dialog.getByRole('button', { name: 'I have copied it' }).click()
  await page.getByRole('cell', { name: 'Key rotated' }).waitFor()

  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('Revoked', { exact: true }).first().waitFor()
  await until('the key is revoked', async () => (await status(rotated)) === 401)
  await page.getByRole('cell', { name: 'Key revoked' }).waitFor()
})

flow('a key for only some models is not made without any', async (it) => {
  const page = await it.open()
  await visit(page, '/keys/new')
  await page.getByRole('button', { name: 'Add key' }).click()
  await page.getByText('Required.', { exact: true }).waitFor()
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true')
  await field(page, 'Name').fill('narrow')
  await page.getByText('Required.', { exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('radio', { name: /^Only these agents/ }).check()
  await page.getByRole('button', { name: 'Add key' }).click()
  await page.getByText('Add at least one agent, route, provider or model.').waitFor()
  assert.equal((await call('GET', '/api/keys?search=narrow')).total, 0)
})

flow('a key for one route calls it and nothing else', async (it) => {
  await createProvider('routed')
  const route = await createRoute('only', [{ provider: 'routed', model: 'simulated' }])
  await createRoute('other', [{ provider: 'routed', model: 'simulated' }])
  const page = await it.open()
  await visit(page, '/keys/new')
  await field(page, 'Name').fill('of one route')
  await page.getByRole('radio', { name: /^Only these agents/ }).check()
  await page.getByRole('button', { name: 'Add route' }).click()
  const name = page.getByLabel('Name or id of a route')
  await name.fill('missing')
  it.expect(400, '/api/keys')
  await page.getByRole('button', { name: 'Add key' }).click()
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true')
  await name.fill('only')
  await page.getByRole('button', { name: 'Add key' }).click()
  const dialog = page.getByRole('dialog', { name: 'Copy the key' })
  const key = await dialog.getByText(/^agl_key_/).textContent()
  await dialog.getByRole('button', { name: 'I have copied it' }).click()
  assert.equal(await page.getByRole('link', { name: 'only', exact: true }).getAttribute('href'), `/routes/${route.id}`)
  await page.getByText('Calling the route only').waitFor()

  const status = async (model) => {
    const body = { model, messages: [{ role: 'user', content: 'Hello' }] }
    return (await callRaw('POST', '/v1/chat/completions', body, { Authorization: `Bearer ${key}` })).status
  }
  assert.equal(await status('only'), 200)
  assert.equal(await status('other'), 404)
  assert.equal(await status('routed/simulated'), 404)

  // A caller with this key is offered what the key may call.
  const own = await it.open({ key })
  await visit(own, '/playground')
  await own.waitForURL(/model=only/)
  await own.getByLabel('Message', { exact: true }).fill('Hello')
  await own.keyboard.press('Enter')
  await own.getByRole('log').getByText('Last message: Hello').waitFor()
})

flow('the audit trail shows changes with their differences and is verified', async (it) => {
  const provider = await createProvider('audited')
  const input = { name: 'audited', config: { name: 'simulated', options: { reply: 'Good morning.' } } }
  await call('PUT', `/api/providers/${provider.id}`, input, { 'If-Match': '*' })
  const page = await it.open()
  await visit(page, `/audit?resource=${provider.id}`)
  const events = page.getByRole('table', { name: 'Audit events' })
  await until('both changes are listed', async () => {
    await page.reload()
    await settled(page)
    return (await events.getByRole('row').count()) === 3
  })
  await page.getByRole('combobox', { name: /^Action/ }).selectOption('provider.replaced')
  await page.waitForURL(/action=provider.replaced/)
  await until('one event is left', async () => (await events.getByRole('row').count()) === 2)
  await events.getByRole('link', { name: /^#/ }).click()
  assert.match(await page.getByRole('region', { name: 'What changed' }).textContent(), /added: .*Good morning\./)
  await page.getByRole('link', { name: 'Show all of this resource' }).click()
  await until('both changes are listed again', async () => (await events.getByRole('row').count()) === 3)
  assert.equal(await field(page, 'Resource, by its id').inputValue(), provider.id)

  await visit(page, '/audit')
  await page.getByRole('button', { name: 'Verify' }).click()
  const dialog = page.getByRole('dialog', { name: 'Verify the audit trail' })
  await dialog.getByRole('button', { name: 'Verify' }).click()
  await dialog.getByText('The trail is intact').waitFor()
})

flow('the key-encryption key is rotated and the secrets stay readable', async (it) => {
  await call('POST', '/api/providers', { name: 'sealed', config: { name: 'openai', options: { api_key: 'sk-test-0000' } } })
  const page = await it.open()
  await visit(page, '/secrets')
  const { key } = await call('GET', '/api/secrets')
  await page.getByRole('main').getByText(key).first().waitFor()
  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  await page.getByText('The key was rotated').waitFor()
  assert.notEqual((await call('GET', '/api/secrets')).key, key)
})

flow('About shows the version and the configuration in force with its sources', async (it) => {
  const page = await it.open()
  await visit(page, '/about')
  await page.getByText('auth.oidc_audience', { exact: true }).waitFor()
  assert.match(await page.getByRole('main').textContent(), /\d+\.\d+\.\d+/)
})
