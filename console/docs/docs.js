// Adds to the pages of /docs what needs the browser: the address of this service in the examples, and buttons that copy them.

const EXAMPLE_ADDRESS = 'http://127.0.0.1:8080'
const ADDRESS_IN_WORDS = "'the address of this page'"

const status = document.createElement('p')
status.className = 'hidden'
status.setAttribute('role', 'status')
document.body.append(status)

/** The clipboard API exists only on https and on this machine; elsewhere the selection is copied. */
async function copy(code) {
  if (navigator.clipboard) return navigator.clipboard.writeText(code.textContent)
  getSelection().selectAllChildren(code)
  document.execCommand('copy')
}

for (const block of document.querySelectorAll('pre')) {
  const code = block.firstElementChild
  code.textContent = code.textContent.replaceAll(EXAMPLE_ADDRESS, location.origin).replaceAll(ADDRESS_IN_WORDS, location.origin)

  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', `Copy: ${block.getAttribute('aria-label')}`)
  button.addEventListener('click', async () => {
    await copy(code)
    button.textContent = status.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
      status.textContent = ''
    }, 2000)
  })
  const frame = document.createElement('div')
  frame.className = 'code'
  block.replaceWith(frame)
  frame.append(block, button)
}
