// Writes the pages of /docs to target/classes/docs: the guides of the repository, and the reference of the HTTP API.
// The service maps /docs/NAME to NAME.html and /docs to index.html.

import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defects } from './check.mjs'
import { GROUPS, guidePage, indexBody } from './guides.mjs'
import { page } from './html.mjs'
import { REFERENCE, referencePages } from './reference.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = `${here}/../..`
const out = `${here}/../target/classes/docs`

const description = JSON.parse(readFileSync(`${root}/server/src/test/openapi/openapi.json`, 'utf8'))
const listed = new Set(GROUPS.flatMap((group) => group.guides).map((guide) => guide.file))
const unlisted = readdirSync(`${root}/docs`).filter((name) => name.endsWith('.md') && !listed.has(`docs/${name}`))
if (unlisted.length > 0) {
  throw new Error(`not listed in GROUPS of guides.mjs: ${unlisted.join(', ')}`)
}

for (const guide of GROUPS.flatMap((group) => group.guides)) {
  guide.page = guidePage(guide, root)
  guide.title = guide.page.title
}
const guides = GROUPS.flatMap((group) => group.guides).map((guide) => guide.page)
const reference = referencePages(description)
const sections = [
  { title: 'Guides', links: [{ href: '/docs', title: 'All guides' }] },
  ...GROUPS.map((group) => ({
    title: group.title,
    links: group.guides.map(({ name, title }) => ({ href: `/docs/${name}`, title })),
  })),
]
const index = {
  path: '/docs',
  title: 'Guides',
  contents: [],
  body: indexBody({ href: REFERENCE, title: 'API reference', about: 'Look up each operation of the HTTP API, with examples.' }),
}
const pages = new Map(
  [...[index, ...guides].map((guide) => ({ area: 'Guides', menu: 'All guides', sections, ...guide })), ...reference].map((one) => [one.path, page(one)]),
)

const images = guides.flatMap((guide) => guide.images)
const others = new Set(['/', '/icon.svg', '/openapi.json', '/me/keys', '/docs/docs.css', '/docs/docs.js', ...images.map((image) => `/${image}`)])
const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods))
const operationPages = new Map(reference.flatMap(({ path, contents }) => contents.map(({ id }) => [id, path])))
const found = defects(pages, others, operations.map(({ operationId }) => `${operationPages.get(operationId)}#${operationId}`))
if (found.length > 0) {
  throw new Error(`defects of the pages of /docs:\n${found.join('\n')}`)
}

rmSync(out, { recursive: true, force: true })
const write = (name, text) => {
  mkdirSync(dirname(`${out}/${name}`), { recursive: true })
  writeFileSync(`${out}/${name}`, text)
}
for (const [path, html] of pages) {
  write(path === '/docs' ? 'index.html' : `${path.slice('/docs/'.length)}.html`, html)
}
for (const name of ['docs.css', 'docs.js']) {
  write(name, readFileSync(`${here}/${name}`, 'utf8'))
}
for (const image of images) {
  cpSync(`${root}/${image}`, `${out}/${image.slice('docs/'.length)}`)
}
console.log(`docs: ${pages.size} pages, ${operations.length} operations`)
