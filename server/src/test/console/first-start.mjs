// From the sign-in link of a new service to a streamed answer, and to the call of a program.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { assert, field, flow, service, settled, violations, visit } from './console.mjs'

const ECHO = 'This is a simulated response; no model was called. Last message: '

flow('a new service has empty views that are accessible and say what to do', async (it) => {
  const page = await it.open()
  const invitations = {
    '/': 'Three steps to a streamed answer',
    '/providers': 'No providers yet',
    '/agents': 'No agents yet',
    '/playground': 'There is no model yet',
    '/connect': 'There is no model yet',
    '/me/keys': 'You have no keys of your own',
  }
  for (const [path, invitation] of Object.entries(invitations)) {
    await visit(page, path)
    await page.getByRole('heading', { name: invitation }).waitFor()
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await violations(page), [], `${path}, ${colorScheme}`)
    }
  }
})

flow('the sign-in link leads to a streamed answer, a key and its first call', async (it) => {
  const page = await it.open({ key: null })
  await page.goto(process.env.SIGN_IN_LINK)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Three steps to a streamed answer' }).waitFor()

  // A provider and an agent.
  await page.getByRole('button', { name: 'Use the simulated one' }).click()
  await page.getByRole('heading', { level: 1, name: 'New agent' }).waitFor()
  await page.getByText('The simulated provider was added.').waitFor()
  await field(page, 'Name').fill('guide')
  await page.getByLabel('System prompt').fill('You answer in one sentence.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'guide' }).waitFor()
  await page.getByText('Saved as revision 1').waitFor()

  // A streamed answer.
  await page.getByRole('link', { name: 'Open in playground' }).click()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  await page.getByLabel('Message', { exact: true }).fill('Why is the sky blue?')
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText(`${ECHO}Why is the sky blue?`).waitFor()
  await page.getByRole('log').getByText(/^\d+ in, \d+ out$/).waitFor()

  // A key for a tool, whose call arrives.
  await page.getByRole('link', { name: 'Connect', exact: true }).click()
  await page.getByRole('radio', { name: 'curl' }).check()
  const model = page.getByRole('combobox', { name: 'Agent, route or model' })
  await model.fill('guide')
  await model.press('Enter')
  await page.getByRole('button', { name: 'Add key' }).click()
  const key = await page.getByText(/^agl_key_/).textContent()
  await page.getByRole('button', { name: 'Watch for the first call' }).click()
  await page.getByText('Waiting for the first call').waitFor()

  const response = await fetch(`${service}/v1/chat/completions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'guide', messages: [{ role: 'user', content: 'Hello' }] }),
  })
  assert.equal((await response.json()).choices[0].message.content, `${ECHO}Hello`)
  await page.getByText('It works').waitFor()

  // The same key with the command line.
  const { stdout } = await promisify(execFile)(process.env.AGENT_LAB, ['agent', 'chat', 'guide', 'Hello'], {
    env: { ...process.env, AGENT_LAB_KEY: key },
    input: '',
  })
  assert.ok(stdout.includes(`${ECHO}Hello`), stdout)

  // Home shows the calls.
  await page.getByRole('link', { name: 'Home' }).click()
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
  await page.getByText('Calls in the last hour').waitFor()
})
