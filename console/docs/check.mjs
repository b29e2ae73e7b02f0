// Checks of the pages that fail the build.

const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta', 'wbr'])
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/g

/**
 * The defects of pages, a map of path and HTML: elements that are not closed, what the Content Security Policy blocks, an id that is used twice,
 * and links that lead nowhere. `others` are the paths that something else serves, and `anchors` are what some page must have: paths with `#id`.
 */
export function defects(pages, others, anchors) {
  const found = []
  const ids = new Map()
  const links = []
  for (const [path, html] of pages) {
    const own = new Set()
    const open = []
    const rest = html.replace('<!doctype html>', '').replace(TAG, (_, closing, name, attributes) => {
      if (closing) {
        const expected = open.pop()
        if (expected !== name) {
          found.push(`${path}: </${name}> closes <${expected ?? 'nothing'}>`)
        }
        return ''
      }
      if (!VOID.has(name)) {
        open.push(name)
      }
      if (name === 'style' || (name === 'script' && !/\ssrc="\//.test(attributes))) {
        found.push(`${path}: <${name}>`)
      }
      for (const [, attribute, value] of attributes.matchAll(/\s([a-z-]+)(?:="([^"]*)")?/g)) {
        if (attribute === 'style' || attribute.startsWith('on')) {
          found.push(`${path}: attribute ${attribute}`)
        } else if (attribute === 'id') {
          if (own.has(value)) {
            found.push(`${path}: id ${value} twice`)
          }
          own.add(value)
        } else if (attribute === 'href' || attribute === 'src') {
          links.push({ path, to: value.replaceAll('&amp;', '&') })
        }
      }
      return ''
    })
    if (open.length > 0) {
      found.push(`${path}: not closed: ${open.join(', ')}`)
    }
    if (/[<>]/.test(rest)) {
      found.push(`${path}: not HTML: ${/.{0,20}[<>].{0,40}/.exec(rest)[0]}`)
    }
    ids.set(path, own)
  }
  for (const { path, to } of links) {
    if (/^https?:/.test(to)) {
      continue
    }
    const [target, id] = to.startsWith('#') ? [path, to.slice(1)] : to.split('#')
    if (!pages.has(target) && !others.has(target)) {
      found.push(`${path}: dead link ${to}`)
    } else if (id && !ids.get(target)?.has(decodeURIComponent(id))) {
      found.push(`${path}: dead anchor ${to}`)
    }
  }
  for (const anchor of anchors) {
    const [path, id] = anchor.split('#')
    if (!ids.get(path)?.has(id)) {
      found.push(`missing: ${anchor}`)
    }
  }
  return found
}
