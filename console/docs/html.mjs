// The parts of HTML that the guides and the API reference share.

export const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

/** The anchor of a heading, by GitHub's rules, so that a link works in the repository and here. */
export function slugger() {
  const used = new Map()
  return (text) => {
    const slug = text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-')
    const count = used.get(slug) ?? 0
    used.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  }
}

/** A heading with a link to itself; `text` is plain, `html` is its inline HTML. */
export const heading = (level, id, text, html = escape(text)) =>
  `<h${level} id="${escape(id)}">${html} <a class="anchor" href="#${escape(id)}" aria-label="Link to the section ${escape(text)}">#</a></h${level}>\n`

// A reader without a mouse scrolls what is wider than the page with the arrow keys, so it takes the focus.
export const code = (text, label) =>
  `<pre tabindex="0" role="group" aria-label="${escape(label)}"><code>${escape(text)}</code></pre>\n`

export const scrollable = (label, table) =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escape(label)}">${table}</div>\n`

/** A table of inline HTML; an empty head cell is not a header, and the first cell of a row is one. */
export function table(label, head, rows) {
  const cell = (html, tag, scope) => (html === '' ? '<td></td>' : `<${tag} scope="${scope}">${html}</${tag}>`)
  const body = rows.map(
    ([first, ...rest]) => `<tr>${cell(first, 'th', 'row')}${rest.map((html) => `<td>${html}</td>`).join('')}</tr>`,
  )
  return scrollable(
    label,
    `<table><thead><tr>${head.map((html) => cell(html, 'th', 'col')).join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`,
  )
}

const links = (items, path) =>
  `<ul>\n${items
    .map(({ href, title }) => `<li><a href="${escape(href)}"${href === path ? ' aria-current="page"' : ''}>${escape(title)}</a></li>`)
    .join('\n')}\n</ul>`

/**
 * A whole page. `sections` are the groups of links beside it, each with a title and links, which a narrow page has behind `menu`;
 * `contents` are its own sections.
 */
export function page({ path, title, area, menu, sections, contents, body }) {
  const navigation =
    `<nav aria-label="${area}">\n${sections
      .map((section) => `<p class="group">${escape(section.title)}</p>\n${links(section.links, path)}`)
      .join('\n')}\n</nav>`
  const current = (name) => (name === area ? ' aria-current="true"' : '')
  const toc =
    contents.length < 2
      ? ''
      : `<nav class="contents" aria-label="On this page">\n<p class="group">On this page</p>\n${links(
          contents.map(({ id, title }) => ({ href: `#${id}`, title })),
          path,
        )}\n</nav>\n`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · agent-lab</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="product" href="/docs"><img src="/icon.svg" alt="" width="24" height="24">agent-lab</a>
<nav aria-label="Main">
<ul>
<li><a href="/">Console</a></li>
<li><a href="/docs"${current('Guides')}>Guides</a></li>
<li><a href="/docs/api-reference"${current('API reference')}>API reference</a></li>
<li><a href="/openapi.json">openapi.json</a></li>
</ul>
</nav>
</header>
<div class="page">
<div class="beside">
${navigation}
</div>
<details class="menu">
<summary>${menu}</summary>
${navigation}
</details>
<main id="content" tabindex="-1">
<h1>${escape(title)}</h1>
${toc}<div class="text">
${body}</div>
</main>
</div>
</body>
</html>
`
}
