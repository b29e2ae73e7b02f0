// The whole way to an answer with the keyboard only.
import { adminKey, assert, flow, settled } from './console.mjs'

/** Presses Tab until the element with a role and a name has the focus, which must be visible on the way. */
async function tabTo(page, role, name, { back = false } = {}) {
  const wanted = page.getByRole(role, { name }).first()
  await wanted.waitFor()
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab')
    await requireVisibleFocus(page)
    if (await wanted.evaluate((it) => it === document.activeElement)) return
  }
  assert.fail(`Tab does not reach the ${role} ${name}`)
}

/** The focused element has an outline or a change of its border, and is within the window. */
async function requireVisibleFocus(page) {
  const fault = await page.evaluate(async () => {
    // The browser scrolls to it first.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const element = document.activeElement
    if (!element || element === document.body) return null
    const style = getComputedStyle(element)
    const hasOutline = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1
    const box = element.getBoundingClientRect()
    const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    if (hasOutline && isInside) return null
    return `${hasOutline ? 'outside of the window' : 'no outline'}: ${element.outerHTML.slice(0, 200)}`
  })
  assert.equal(fault, null, 'the focus is visible')
}

function focusedText(page) {
  return page.evaluate(() => document.activeElement?.textContent)
}

flow('sign-in, a provider, an agent and a streamed answer need only the keyboard', async (it) => {
  const page = await it.open({ key: null })
  it.expect(401, '/api/session')
  await page.goto('/providers')
  await tabTo(page, 'textbox', /^API key/)
  await page.keyboard.type(adminKey)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Providers' }).waitFor()
  await settled(page)

  await tabTo(page, 'link', 'Skip to the content')
  await page.keyboard.press('Enter')
  await tabTo(page, 'link', 'Add provider')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'New provider' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  await tabTo(page, 'link', /^Simulated/)
  await page.keyboard.press('Enter')
  await tabTo(page, 'textbox', 'Name')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('keyboard')
  await tabTo(page, 'button', 'Test')
  await page.keyboard.press('Space')
  await page.getByText('The provider works.').waitFor()
  await tabTo(page, 'button', 'Save', { back: true })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'keyboard' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  assert.equal(await focusedText(page), 'keyboard', 'the heading of the new page has the focus')

  // Tabs move with the arrow keys.
  await tabTo(page, 'tab', 'Settings')
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'Models', selected: true }).waitFor()
  await page.keyboard.press('ArrowLeft')

  // A dialog takes the focus, and gives it back.
  await tabTo(page, 'button', 'Delete', { back: true })
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Delete keyboard?' })
  await dialog.getByRole('button', { name: 'Cancel' }).waitFor()
  assert.ok(await dialog.evaluate((it) => it.contains(document.activeElement)))
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.match(await focusedText(page), /Delete/)

  await tabTo(page, 'link', 'Agents', { back: true })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor()
  await settled(page)
  await tabTo(page, 'link', 'Add agent')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'New agent' }).waitFor()
  await settled(page)
  await tabTo(page, 'textbox', 'Name')
  await page.keyboard.type('keyboard-agent')
  await tabTo(page, 'combobox', 'Provider')
  await page.keyboard.type('keyboard')
  await tabTo(page, 'combobox', 'Model')
  await page.keyboard.type('simulated')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'keyboard-agent' }).waitFor()
  await settled(page)

  await tabTo(page, 'link', 'Open in playground')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  await settled(page)
  await tabTo(page, 'textbox', 'Message')
  await page.keyboard.type('Hello by keyboard')
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText('Last message: Hello by keyboard').waitFor()
})
