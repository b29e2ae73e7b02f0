// Providers: the form of a kind, the test of unsaved values, lists, and upstreams that fail or are silent.
import { assert, call, createAgent, createProvider, field, flow, settled, visit } from './console.mjs'
import { startUpstream } from './upstream.mjs'

flow('a wrong value is shown at its field and unsaved values are tested before they are saved', async (it) => {
  const upstream = await startUpstream({ key: 'secret-1' })
  it.cleanUp(() => upstream.close())
  const page = await it.open()
  await visit(page, '/providers/new')
  await page.getByRole('link', { name: /^OpenAI-compatible/ }).click()
  await field(page, 'Name').fill('tested')
  const url = field(page, 'Base URL')
  await url.fill('nonsense')
  it.expect(400, '/api/providers')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('[aria-invalid=true]').waitFor()
  assert.equal(await url.getAttribute('aria-invalid'), 'true')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true')

  // A wrong key fails in its stage, with what to do about it.
  await url.fill(`${upstream.url}/v1`)
  const token = page.getByLabel(/^Token/).last()
  await token.fill('wrong')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  const result = page.getByRole('region', { name: 'Result of the test' })
  await result.getByText('The test failed').waitFor()
  assert.match(await result.getByRole('listitem').filter({ hasText: 'Authenticate' }).textContent(), /failed/)
  await result.getByText('How to correct it').waitFor()
  assert.equal((await call('GET', '/api/providers?search=tested')).total, 0, 'a test saves nothing')

  await token.fill('secret-1')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await result.getByText('It lists 2 models.').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'tested' }).waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()

  // The secret is kept, and no answer of the service has it.
  await page.reload()
  await settled(page)
  assert.ok(!(await page.content()).includes('secret-1'))
  await page.getByRole('button', { name: 'Replace Token' }).waitFor()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await result.getByText('It lists 2 models.').waitFor()
  await page.getByRole('tab', { name: 'Models' }).click()
  await page.getByRole('cell', { name: 'small-1', exact: true }).waitFor()
})

flow('a provider that agents use cannot be deleted', async (it) => {
  const provider = await createProvider('used')
  const agent = await createAgent('uses-it', 'used')
  const page = await it.open()
  await visit(page, `/providers/${provider.id}`)
  await page.getByRole('button', { name: 'Delete' }).click()
  const blocked = page.getByRole('dialog', { name: 'used is in use' })
  await blocked.getByRole('link', { name: 'uses-it' }).waitFor()
  await blocked.getByRole('button', { name: 'Close' }).last().click()

  await call('DELETE', `/api/agents/${agent.id}`, undefined, { 'If-Match': '"1"' })
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog', { name: 'Delete used?' }).getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('heading', { level: 1, name: 'Providers' }).waitFor()
  assert.equal((await call('GET', '/api/providers?search=used')).total, 0)
})

flow('a list of 60 providers pages on the server, and its filters survive reload and back', async (it) => {
  for (let i = 0; i < 60; i++) await createProvider(`many-${String(i).padStart(2, '0')}`)
  const page = await it.open()
  await visit(page, '/providers')
  const names = page.getByRole('main').getByRole('heading', { level: 2 }).filter({ hasText: /^many-/ })
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('many-')
  await page.waitForURL(/search=many-/)
  await page.getByText('1–24 of 60').waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('25–48 of 60').waitFor()
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption({ label: 'Newest first' })
  await page.getByText('1–24 of 60').waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('25–48 of 60').waitFor()
  const shown = await names.allTextContents()
  assert.equal(shown.length, 24)

  await page.reload()
  await page.getByText('25–48 of 60').waitFor()
  assert.deepEqual(await names.allTextContents(), shown)
  assert.equal(await page.getByRole('searchbox', { name: 'Search by name' }).inputValue(), 'many-')

  await page.getByRole('link', { name: shown[0], exact: true }).click()
  await page.getByRole('heading', { level: 1, name: shown[0] }).waitFor()
  await page.goBack()
  await page.getByText('25–48 of 60').waitFor()
  assert.deepEqual(await names.allTextContents(), shown)

  // Back returns to the earlier page of the list, with its search.
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('many-0')
  await page.getByText('1–10 of 10').waitFor({ state: 'attached' })
  await page.goBack()
  await page.getByText('1–24 of 60').waitFor()
  assert.equal(await page.getByRole('searchbox', { name: 'Search by name' }).inputValue(), 'many-')
})

flow('back returns to the earlier tab and keeps what was typed', async (it) => {
  const provider = await createProvider('tabbed')
  const page = await it.open()
  await visit(page, `/providers/${provider.id}`)
  await field(page, 'Name').fill('typed')
  await page.getByRole('tab', { name: 'Models' }).click()
  await page.getByRole('tab', { name: 'Models', selected: true }).waitFor()
  await page.goBack()
  await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor()
  assert.equal(await field(page, 'Name').inputValue(), 'typed')
})

flow('a provider that never answers blocks neither its page nor the playground', async (it) => {
  const upstream = await startUpstream({ isSilent: true })
  it.cleanUp(() => upstream.close())
  const provider = await call('POST', '/api/providers', {
    name: 'silent',
    config: { name: 'openai-compatible', base_url: `${upstream.url}/v1`, options: { auth_type: 'none', models: ['quiet'] } },
  })
  await createProvider('prompt')
  const page = await it.open()
  await visit(page, `/providers/${provider.id}?tab=models`)
  await page.getByRole('tab', { name: 'Settings' }).click()
  assert.equal(await field(page, 'Name').inputValue(), 'silent')

  await visit(page, '/playground?model=silent/quiet')
  const message = page.getByLabel('Message', { exact: true })
  await message.fill('Hello')
  await message.press('Enter')
  await page.getByText('Waiting for the first token').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped.', { exact: true }).waitFor()

  const model = page.getByRole('combobox', { name: 'Agent or model' })
  await model.fill('prompt/simulated')
  await model.press('Enter')
  await message.fill('Hello again')
  await message.press('Enter')
  await page.getByText('Last message: Hello again').waitFor()
  await call('DELETE', `/api/providers/${provider.id}`, undefined, { 'If-Match': '*' })
})

flow('a failing provider is shown with its failure, and the answer can be tried again', async (it) => {
  await createProvider('failing', { error_rate: 1, error_status: 500 })
  const page = await it.open()
  it.expect(500, '/v1/chat/completions')
  await visit(page, '/playground?model=failing/simulated')
  await page.getByLabel('Message', { exact: true }).fill('Hello')
  await page.keyboard.press('Enter')
  await page.getByText('No answer', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()

  await visit(page, '/providers?search=failing')
  await page.getByText('Failing', { exact: true }).waitFor()
})
