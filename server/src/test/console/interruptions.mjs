// What happens when another user changes the same object, or when the session ends while a form is filled in.
import { assert, call, createAgent, createKey, createProvider, field, flow, settled, visit } from './console.mjs'

const ALL = ['providers:read', 'providers:write', 'agents:read', 'agents:write', 'invoke', 'system:read']

async function saved(page) {
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText(/^Saved/).first().waitFor()
}

for (const kind of ['provider', 'agent']) {
  flow(`a second change of the same ${kind} is offered as a choice and loses nothing`, async (it) => {
    const name = `shared-${kind}`
    const provider = await createProvider(name)
    const object = kind === 'agent' ? await createAgent(name, name) : provider
    const path = `/${kind}s/${object.id}`
    const read = async () => (await call('GET', `/api${path}`)).name
    const first = await it.open()
    const second = await it.open()
    it.expect(412, `/api${path}`)
    await visit(first, path)
    await visit(second, path)

    await field(first, 'Name').fill(`${name}-first`)
    await saved(first)
    await field(second, 'Name').fill(`${name}-second`)
    await second.getByRole('button', { name: 'Save', exact: true }).click()
    const dialog = second.getByRole('dialog', { name: 'It was changed meanwhile' })
    const diff = dialog.getByRole('region', { name: 'Differences between what is stored and yours' })
    assert.match(await diff.textContent(), new RegExp(`removed: .*${name}-first.*added: .*${name}-second`))
    assert.equal(await read(), `${name}-first`, 'nothing is overwritten before the choice')

    await dialog.getByRole('button', { name: 'Continue editing' }).click()
    assert.equal(await field(second, 'Name').inputValue(), `${name}-second`)
    await second.getByRole('button', { name: 'Save', exact: true }).click()
    await dialog.getByRole('button', { name: 'Save mine over theirs' }).click()
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await read(), `${name}-second`)

    // The first browser now is the late one, and gives its change up.
    await field(first, 'Name').fill(`${name}-third`)
    await first.getByRole('button', { name: 'Save', exact: true }).click()
    await first.getByRole('dialog').getByRole('button', { name: 'Discard mine' }).click()
    await first.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal(await field(first, 'Name').inputValue(), `${name}-second`)
    assert.equal(await read(), `${name}-second`)
  })
}

flow('a session that ends in the middle of a form keeps what was typed', async (it) => {
  await createProvider('interrupted')
  const key = await createKey('interrupted', ALL)
  const page = await it.open({ key: key.key })
  await visit(page, '/agents/new?provider=interrupted&model=simulated')
  await field(page, 'Name').fill('kept')
  await page.getByLabel('System prompt').fill('Typed before the session ended.')

  const other = await it.openBeside(page)
  await visit(other, '/')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('heading', { name: 'Sign in to agent-lab' }).waitFor()

  it.expect(401, /^\/api\//)
  // A request of the page itself may have found the end of the session already.
  await page.getByRole('button', { name: 'Save' }).dispatchEvent('click')
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('API key').fill(key.key)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('System prompt').inputValue(), 'Typed before the session ended.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'kept' }).waitFor()
})

flow('a session ends with its key', async (it) => {
  const key = await createKey('revoked', ALL)
  const page = await it.open({ key: key.key })
  await visit(page, '/providers')
  it.expect(401, /^\/api\//)
  await call('DELETE', `/api/keys/${key.id}`)
  // A request of the page itself may have opened the dialog already.
  await page.getByRole('link', { name: 'Agents' }).dispatchEvent('click')
  await page.getByRole('dialog', { name: 'Sign in again' }).waitFor()
  await settled(page)
})
