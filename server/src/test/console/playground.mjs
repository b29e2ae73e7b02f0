// The playground: streams, several targets, and answers that are not to be trusted.
import { assert, call, createAgent, createProvider, createRoute, flow, until, visit } from './console.mjs'
import { startUpstream } from './upstream.mjs'

const HOSTILE = [
  'Look: <img src="https://example.invalid/pixel.png" onerror="document.title = `hacked`">',
  '<script>document.title = `hacked`</script>',
  '![image](https://example.invalid/pixel.png)',
  '[press](javascript:document.title=`hacked`) [press](https://example.invalid/page)',
  '<iframe src="https://example.invalid"></iframe><style>body { display: none }</style>',
  '**bold** and `code`',
].join('\n\n')

async function send(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}

flow('an answer is streamed and stopped', async (it) => {
  await createProvider('slow', { reply: 'one two three four five six seven eight nine ten', time_per_token: '1s' })
  const page = await it.open()
  await visit(page, '/playground?model=slow/simulated')
  await send(page, 'Count.')
  const log = page.getByRole('log')
  await log.getByText('one two').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await log.getByText('Stopped.').waitFor()
  assert.ok(!(await log.textContent()).includes('ten'), 'the answer ended early')
})

flow('a name that does not exist is reported at its field, and nothing is sent', async (it) => {
  await createProvider('named')
  const page = await it.open()
  await visit(page, '/playground?model=named/simulated')
  const picker = page.getByRole('combobox', { name: 'Agent, route or model' })
  await picker.fill('nonsense')
  await send(page, 'Hello.')
  await page.getByText('There is no agent, route or model named “nonsense”.').waitFor()
  assert.ok(await picker.evaluate((it) => it === document.activeElement), 'the field has the focus')
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'Hello.')
  await picker.fill('named/simulated')
  await send(page, 'Hello.')
  await page.getByRole('log').getByText(/Last message: Hello\./).waitFor()
})

flow('a route is offered beside agents and models, and called', async (it) => {
  await createProvider('mixed')
  await createAgent('mixed-name', 'mixed')
  const route = await createRoute('mixed-name', [{ agent: 'mixed-name' }])
  const page = await it.open()
  await visit(page, '/playground')
  const picker = page.getByRole('combobox', { name: 'Agent, route or model' })
  await picker.fill('mixed')
  const options = page.getByRole('option')
  await options.first().waitFor()
  assert.deepEqual(await options.allTextContents(), ['mixed-name route', 'mixed-name agent', 'mixed/simulated model'])
  await options.first().click()
  await send(page, 'Hello.')
  await page.getByRole('log').getByText(/Last message: Hello\./).waitFor()

  // A name of both means the route.
  await until('the call is listed', async () => (await call('GET', `/api/calls?route=${route.id}`)).data.length === 1)
})

flow('a list of models that does not arrive is not an unknown name', async (it) => {
  const page = await it.open()
  await page.route('**/v1/models', () => {})
  for (const path of ['/playground', '/connect?tool=curl']) {
    await page.goto(path)
    const model = page.getByRole('combobox', { name: 'Agent, route or model' })
    await model.fill('late')
    await page.getByText('The list is not available yet.').waitFor()
    await model.press('Enter')
    await page.waitForURL(/model=late/)
    assert.equal(await page.getByText(/No agent, route or model has such a name|There is no agent, route or model named/).count(), 0, path)
  }
})

flow('an answer stops when the page is left, and a reload asks first', async (it) => {
  await createProvider('leaving', { reply: 'one two three four five six seven eight nine ten', time_per_token: '1s' })
  const page = await it.open()
  await visit(page, '/playground?model=leaving/simulated')
  const composer = page.getByLabel('Message', { exact: true })
  const before = await composer.boundingBox()
  await send(page, 'Count.')
  await page.getByRole('log').getByText('one two').waitFor()
  assert.deepEqual(await composer.boundingBox(), before, 'the message box stays in its place')
  await page.getByRole('link', { name: 'Agents', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor()
  await page.getByRole('link', { name: 'Playground', exact: true }).click()
  await page.getByRole('log').getByText('Stopped when you left the page.').waitFor()

  const asked = page.waitForEvent('dialog')
  const reload = page.reload()
  const dialog = await asked
  assert.equal(dialog.type(), 'beforeunload')
  await dialog.accept()
  await reload
})

flow('two targets answer side by side', async (it) => {
  await createProvider('left', { reply: 'The answer of the left.' })
  await createProvider('right', { reply: 'The answer of the right.' })
  const page = await it.open()
  await visit(page, '/playground?model=left/simulated')
  await page.getByRole('button', { name: 'Compare' }).click()
  const second = page.getByRole('combobox', { name: 'Agent, route or model 2' })
  await second.fill('right/simulated')
  await second.press('Enter')
  await send(page, 'Who are you?')
  const left = await page.getByText('The answer of the left.').boundingBox()
  const right = await page.getByText('The answer of the right.').boundingBox()
  assert.ok(right.x >= left.x + left.width - 1, 'the answers are beside each other')
  assert.equal(new URL(page.url()).searchParams.getAll('model').join(), 'left/simulated,right/simulated')
})

flow('markdown of an answer runs nothing and requests nothing', async (it) => {
  const upstream = await startUpstream({ answer: HOSTILE })
  it.cleanUp(() => upstream.close())
  await call('POST', '/api/providers', {
    name: 'hostile',
    config: { name: 'openai-compatible', base_url: `${upstream.url}/v1`, options: { auth_type: 'none' } },
  })
  const page = await it.open()
  await visit(page, '/playground?model=hostile/small-1')
  await send(page, 'Attack.')
  const log = page.getByRole('log')
  await log.getByText('bold', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Send' }).waitFor()
  assert.equal(await page.title(), 'Playground · agent-lab')
  assert.equal(await log.locator('img, script, iframe, style').count(), 0)
  assert.deepEqual(
    await log.locator('.markdown a').evaluateAll((links) => [...new Set(links.map((it) => new URL(it.href).protocol))]),
    ['https:'],
  )
})

flow('a request is shown as code for several languages', async (it) => {
  await createProvider('coded')
  const page = await it.open()
  await visit(page, '/playground?model=coded/simulated')
  await page.getByLabel('Message', { exact: true }).fill('It’s "quoted".')
  await page.getByRole('button', { name: 'Copy as code' }).click()
  const dialog = page.getByRole('dialog')
  for (const language of ['curl', 'Python', 'JavaScript', 'Java']) {
    await dialog.getByRole('tab', { name: language, exact: true }).click()
    assert.match(await dialog.getByRole('region', { name: `The request in ${language}` }).textContent(), /coded\/simulated/)
  }

  await page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new DOMException('denied', 'NotAllowedError'))))
  await dialog.getByRole('button', { name: 'Copy', exact: true }).last().click()
  await dialog.getByRole('button', { name: 'Not copied' }).waitFor()
})

flow('a tool call, its result and structured output are shown', async (it) => {
  await createProvider('tools')
  const page = await it.open()
  await visit(page, '/playground?model=tools/simulated')
  await page.getByText('Options', { exact: true }).click()
  await page.getByLabel('Tools').fill('[{"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]')
  await send(page, 'What is the weather?')
  const log = page.getByRole('log')
  await log.getByRole('region', { name: 'Arguments of weather' }).waitFor()
  await log.getByLabel('Result of weather').fill('Sunny.')
  await log.getByRole('button', { name: 'Send the result' }).click()
  await log.getByText(/Tool result: Sunny\./).waitFor()

  await page.getByLabel('Tools').fill('')
  await page.getByLabel('JSON schema of the answer').fill('{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}')
  await send(page, 'Which city?')
  await log.getByText('Valid JSON').waitFor()
})

flow('a provider that refuses its key does not end the session', async (it) => {
  const upstream = await startUpstream({ key: 'right' })
  it.cleanUp(() => upstream.close())
  const config = { name: 'openai-compatible', base_url: `${upstream.url}/v1`, options: { auth_type: 'bearer', token: 'wrong', models: ['small-1'] } }
  await call('POST', '/api/providers', { name: 'refusing', config })
  it.expect(401, '/v1/chat/completions')
  const page = await it.open()
  await visit(page, '/playground?model=refusing/small-1')
  await send(page, 'Hello.')
  await page.getByText('Incorrect API key provided.').first().waitFor()
  assert.equal(await page.getByRole('dialog').count(), 0)
})
