// The guides of the repository's docs folder as pages.

import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { Marked } from 'marked'
import { code, escape, heading, slugger, table } from './html.mjs'

/** The guides by task, with the file of each in the repository; a file of docs that is not listed fails the build. */
export const GROUPS = [
  {
    title: 'Start',
    guides: [
      { name: 'console', file: 'docs/console.md', about: 'Sign in to the web console, and see what it shows.' },
      { name: 'providers', file: 'docs/providers.md', about: 'Add a provider, test it, and choose the models that it offers.' },
      { name: 'agents', file: 'docs/agents.md', about: 'Define an agent, run it, and restore an earlier revision.' },
      { name: 'routes', file: 'docs/routes.md', about: 'Define a model route, a name for which calls go to one of several targets, and see where they went.' },
      { name: 'keys', file: 'docs/keys.md', about: 'Create API keys for programs and people, with the scopes that they need.' },
    ],
  },
  {
    title: 'Use',
    guides: [
      { name: 'gateway', file: 'docs/gateway.md', about: 'Use models and agents with the clients of OpenAI, Anthropic and Google.' },
      { name: 'api', file: 'docs/api.md', about: 'Manage providers, agents and keys, and run agents, over HTTP.' },
    ],
  },
  {
    title: 'Operate',
    guides: [
      { name: 'operations', file: 'docs/operations.md', about: 'Run the service in production: PostgreSQL, TLS, proxies, OpenID Connect and metrics.' },
      { name: 'configuration', file: 'docs/configuration.md', about: 'Every setting, with its variable, its default and what it accepts.' },
      { name: 'secrets', file: 'docs/secrets.md', about: 'Back up and rotate the key-encryption key, and reference secrets that stay elsewhere.' },
      { name: 'calls', file: 'docs/calls.md', about: 'See every model call: who called what, why it went where it did, and what it used.' },
      { name: 'audit', file: 'docs/audit.md', about: 'See who changed what, and verify that the record is complete.' },
      { name: 'security', file: 'SECURITY.md', about: 'What the service defends against, and what it leaves to you.' },
    ],
  },
]

const GUIDES = GROUPS.flatMap((group) => group.guides)
const IMAGE = /\.(svg|png|jpe?g|webp)$/

/** Paths of a running service that are links on its own pages, and code in the repository. */
const OWN_PAGES = new Set(['/docs/api-reference', '/openapi.json'])

const titleOf = ({ file }, root) => /^# (.+)$/m.exec(readFileSync(`${root}/${file}`, 'utf8'))[1]

/**
 * The page of a guide: `{title, contents, body, images}`. A link to another file of the repository becomes plain text,
 * because the service does not serve that file; `root` is the repository's folder.
 */
export function guidePage({ name, file }, root) {
  const markdown = readFileSync(`${root}/${file}`, 'utf8')
  const slug = slugger()
  const contents = []
  const images = []
  let section = titleOf({ file }, root)
  let codes = 0

  const inRepository = (href) => posix.normalize(posix.join(posix.dirname(file), href))
  const plain = (tokens) => tokens.map((token) => (token.tokens ? plain(token.tokens) : token.text)).join('')

  const renderer = {
    heading({ tokens, depth }) {
      const text = plain(tokens)
      section = text
      const id = slug(text)
      if (depth === 1) {
        return ''
      }
      if (depth === 2) {
        contents.push({ id, title: text })
      }
      return heading(depth, id, text, this.parser.parseInline(tokens))
    },
    codespan({ text }) {
      const html = `<code>${escape(text)}</code>`
      return OWN_PAGES.has(text) ? `<a href="${text}">${html}</a>` : html
    },
    code({ text, lang }) {
      codes++
      return code(text, `Code ${codes}${lang ? ` in ${lang}` : ''}`)
    },
    table({ header, rows }) {
      // A long name may break, so that the columns beside it stay in sight.
      const inline = (cell) =>
        this.parser
          .parseInline(cell.tokens)
          .replace(/<code>[^<]*<\/code>/g, (name) => name.replace(/[_.](?=\w)/g, '$&<wbr>'))
      const columns = header.map((cell) => plain(cell.tokens)).filter((text) => text !== '')
      return table(`${section}: ${columns.join(', ')}`, header.map(inline), rows.map((row) => row.map(inline)))
    },
    link({ href, tokens, text }) {
      const html = this.parser.parseInline(tokens)
      if (/^(https?:|#)/.test(href)) {
        return `<a href="${escape(href)}">${html}</a>`
      }
      const [path, anchor] = href.split('#')
      const target = inRepository(path)
      if (!existsSync(`${root}/${target}`)) {
        throw new Error(`${file}: no such file: ${href}`)
      }
      const guide = GUIDES.find((other) => other.file === target)
      if (!guide) {
        return html
      }
      const label = text.endsWith('.md') ? escape(titleOf(guide, root)) : html
      return `<a href="/docs/${guide.name}${anchor ? `#${escape(anchor)}` : ''}">${label}</a>`
    },
    image({ href, text }) {
      const target = inRepository(href)
      if (!text || !target.startsWith('docs/') || !IMAGE.test(target) || !existsSync(`${root}/${target}`)) {
        throw new Error(`${file}: an image needs a text and must be a file below docs: ${href}`)
      }
      images.push(target)
      return `<img src="/${escape(target)}" alt="${escape(text)}">`
    },
    html({ text }) {
      throw new Error(`${file}: HTML in Markdown: ${text}`)
    },
  }
  const body = new Marked({ renderer }).parse(markdown)
  return { path: `/docs/${name}`, title: titleOf({ file }, root), contents, body, images }
}

export function indexBody(reference) {
  const item = ({ href, title, about }) => `<li><a href="${href}">${escape(title)}</a><p>${escape(about)}</p></li>`
  return GROUPS.map(
    (group) =>
      `${heading(2, group.title.toLowerCase(), group.title)}<ul class="cards">\n${[
        ...group.guides.map(({ name, title, about }) => ({ href: `/docs/${name}`, title, about })),
        ...(group.title === 'Use' ? [reference] : []),
      ]
        .map(item)
        .join('\n')}\n</ul>\n`,
  ).join('')
}
