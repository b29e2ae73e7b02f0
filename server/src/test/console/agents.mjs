// Agents: revisions, their differences, and the conversation beside the editor.
import { assert, call, createAgent, createProvider, field, flow, settled, visit } from './console.mjs'

flow('revisions of an agent are compared and restored', async (it) => {
  await createProvider('revised')
  const agent = await createAgent('revised', 'revised', { system_prompt: 'You answer in one sentence.' })
  const page = await it.open()
  await visit(page, `/agents/${agent.id}`)
  await page.getByLabel('System prompt').fill('You answer in rhymes.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved as revision 2').waitFor()

  await page.getByRole('tab', { name: 'Revisions' }).click()
  const diff = page.getByRole('region', { name: 'Differences from revision 1 to revision 2' })
  assert.match(await diff.textContent(), /removed: .*You answer in one sentence\..*added: .*You answer in rhymes\./)

  await page.getByRole('button', { name: 'Restore revision 1' }).click()
  const dialog = page.getByRole('dialog', { name: 'Restore revision 1?' })
  await dialog.getByRole('region', { name: 'Differences from the revision in use to revision 1' }).waitFor()
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await page.getByRole('cell', { name: '3 in use' }).waitFor()
  assert.equal((await call('GET', `/api/agents/${agent.id}`)).config.system_prompt, 'You answer in one sentence.')

  await page.getByRole('tab', { name: 'Edit' }).click()
  assert.equal(await page.getByLabel('System prompt').inputValue(), 'You answer in one sentence.')
})

flow('an agent is tried beside its editor, and the answer is stopped', async (it) => {
  await createProvider('tried', { reply: 'one two three four five six seven eight nine ten', time_per_token: '1s' })
  const agent = await createAgent('tried', 'tried')
  const page = await it.open()
  await visit(page, `/agents/${agent.id}`)
  const area = page.getByRole('region', { name: 'Try it' })
  await area.getByLabel('Message').fill('Count.')
  await area.getByRole('button', { name: 'Send' }).click()
  await area.getByText('one two').waitFor()
  await area.getByRole('button', { name: 'Stop' }).click()
  await area.getByText(/^Stopped/).first().waitFor()
  await area.getByRole('button', { name: 'Send' }).waitFor()
  assert.ok(!(await area.textContent()).includes('ten'), 'the answer ended early')
})

flow('an agent whose name is taken keeps what was typed', async (it) => {
  await createProvider('typed')
  await createAgent('taken', 'typed')
  const page = await it.open()
  await visit(page, '/agents/new?provider=typed&model=simulated')
  await field(page, 'Name').fill('taken')
  await page.getByLabel('System prompt').fill('A long prompt.')
  it.expect(409, '/api/agents')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Not saved').waitFor()
  assert.equal(await page.getByLabel('System prompt').inputValue(), 'A long prompt.')
  await field(page, 'Name').fill('free')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'free' }).waitFor()
  await settled(page)
})
