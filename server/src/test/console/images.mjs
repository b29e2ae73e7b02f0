// The screenshots of the documentation. They are written only where the build asks for them.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { call, callRaw, createProvider, flow, settled, visit } from './console.mjs'
import { startUpstream } from './upstream.mjs'

const folder = process.env.IMAGES

const ANSWER = `Air scatters **short** wavelengths of light more than long ones.

1. Sunlight has all colours.
2. Blue light is scattered about four times as much as red light.
3. So blue light arrives from every part of the sky.

\`I ∝ 1 / λ⁴\` is the law that Lord Rayleigh found.`

/** Where Ollama listens. */
const OLLAMA_PORT = 11434

async function chat(model, headers) {
  const body = { model, stream: true, messages: [{ role: 'user', content: 'Hello' }] }
  await (await callRaw('POST', '/v1/chat/completions', body, headers)).text()
}

async function writeImages(it) {
  mkdirSync(folder, { recursive: true })
  const upstream = await startUpstream({ port: OLLAMA_PORT, models: ['llama3.2', 'qwen3'], answer: ANSWER })
  it.cleanUp(() => upstream.close())
  await call('POST', '/api/providers', { name: 'ollama', config: { name: 'ollama', base_url: upstream.url } })
  const config = { provider: 'ollama', model: { name: 'llama3.2' }, system_prompt: 'You answer in one sentence.' }
  const agent = await call('POST', '/api/agents', { name: 'science', config })
  const changed = { ...config, model: { name: 'qwen3', capabilities: { chat: { temperature: 0.2 } } }, system_prompt: 'You answer in one sentence, with the law behind it.' }
  await call('PUT', `/api/agents/${agent.id}`, { name: 'science', config: changed }, { 'If-Match': '*' })
  await createProvider('backup', { error_rate: 0.2, error_status: 503 })
  for (const model of Array.from({ length: 40 }, (_, i) => ['guide', 'science', 'backup/simulated'][i % 3])) {
    await chat(model)
  }

  const page = await it.open()
  const shoot = async (name) => {
    await settled(page)
    await page.evaluate(showDefaultAddress)
    await page.mouse.move(0, 0)
    await page.screenshot({ path: join(folder, `console-${name}.png`), animations: 'disabled', caret: 'hide' })
  }

  await visit(page, '/')
  await page.getByText('Calls in the last hour').waitFor()
  await shoot('home')

  await visit(page, '/providers/new?kind=ollama')
  // Nothing listens there.
  await page.getByRole('textbox', { name: 'Base URL' }).fill('http://localhost:1143')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText('How to correct it').waitFor()
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  await shoot('provider-test')

  await visit(page, `/agents/${agent.id}?tab=revisions`)
  await page.getByRole('region', { name: /^Differences/ }).waitFor()
  await shoot('agent-revisions')

  await visit(page, '/playground?model=science&model=guide')
  await page.getByLabel('Message', { exact: true }).fill('Why is the sky blue?')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Regenerate' }).nth(1).waitFor()
  await shoot('playground')

  await visit(page, '/connect?tool=codex&model=science')
  await page.getByRole('button', { name: 'Add key' }).click()
  const key = await page.getByText(/^agl_key_/).textContent()
  await page.getByRole('button', { name: 'Watch for the first call' }).click()
  await chat('science', { Authorization: `Bearer ${key}` })
  await page.getByText('It works').waitFor()
  await page.getByRole('heading', { name: 'Configuration' }).evaluate((it) => it.scrollIntoView())
  await shoot('connect')
}

/** Replaces the address of the service under test by the default one. Runs in the page. */
function showDefaultAddress() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(location.origin, 'http://127.0.0.1:8080')
}

if (folder) flow('the screenshots of the documentation are written', writeImages)
