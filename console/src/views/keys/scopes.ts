import type { Schema } from '../../api/client'

export type ScopeInfo = Schema<'ScopeInfo'>

/** What a scope allows: all of a kind of actions, or what a restricted form names. */
export type Grant =
  | { kind: 'whole'; scope: string }
  | { kind: 'agent'; agent: string }
  | { kind: 'route'; route: string }
  | { kind: 'provider'; provider: string }
  | { kind: 'models'; provider: string; pattern: string }
  | { kind: 'proxy'; provider: string }

const AGENT = 'invoke:agent/'
const ROUTE = 'invoke:route/'
const PROVIDER = 'invoke:provider/'
const MODELS = 'invoke:model/'
const PROXY = 'proxy:'

export function parseScope(text: string): Grant {
  if (text.startsWith(PROVIDER)) return { kind: 'provider', provider: decode(text.slice(PROVIDER.length)) }
  if (text.startsWith(MODELS)) {
    const rest = text.slice(MODELS.length)
    const slash = rest.indexOf('/')
    return { kind: 'models', provider: decode(rest.slice(0, slash)), pattern: rest.slice(slash + 1) }
  }
  if (text.startsWith(ROUTE)) return { kind: 'route', route: text.slice(ROUTE.length) }
  if (text.startsWith(AGENT)) return { kind: 'agent', agent: text.slice(AGENT.length) }
  if (text.startsWith('invoke:')) return { kind: 'agent', agent: text.slice('invoke:'.length) }
  if (text.startsWith(PROXY)) return { kind: 'proxy', provider: decode(text.slice(PROXY.length)) }
  return { kind: 'whole', scope: text }
}

export function scopeText(grant: Grant): string {
  switch (grant.kind) {
    case 'whole':
      return grant.scope
    case 'agent':
      return AGENT + grant.agent
    case 'route':
      return ROUTE + grant.route
    case 'provider':
      return PROVIDER + encode(grant.provider)
    case 'models':
      return `${MODELS}${encode(grant.provider)}/${grant.pattern}`
    case 'proxy':
      return PROXY + encode(grant.provider)
  }
}

function encode(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('/', '%2F')
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** The sections of a form with all scopes, in their order. A scope that no section names is in the last one. */
export const SECTIONS: { title: string; prefixes: string[] }[] = [
  { title: 'Providers', prefixes: ['providers:'] },
  { title: 'Agents', prefixes: ['agents:'] },
  { title: 'Routes', prefixes: ['routes:'] },
  { title: 'Administration', prefixes: [''] },
]

/** The scopes of a section, without those that can be restricted, which have sections of their own. */
export function scopesOf(section: (typeof SECTIONS)[number], all: ScopeInfo[]): ScopeInfo[] {
  const sectionOf = (scope: string) => SECTIONS.find((it) => it.prefixes.some((prefix) => scope.startsWith(prefix)))
  return all.filter((it) => it.restrictions.length === 0 && sectionOf(it.scope) === section)
}

/** A summary of the scopes of a key, such as `providers:read`, `invoke: 2 agents`, the most useful first. */
export function summary(scopes: string[]): string[] {
  const counts = new Map<string, number>()
  const whole: string[] = []
  for (const grant of scopes.map(parseScope)) {
    if (grant.kind === 'whole') whole.push(grant.scope)
    else counts.set(grant.kind, (counts.get(grant.kind) ?? 0) + 1)
  }
  const nouns = {
    agent: 'invoke: # agent',
    route: 'invoke: # route',
    provider: 'invoke: # provider',
    models: 'invoke: # model pattern',
    proxy: 'proxy: # provider',
  }
  const restricted = Object.entries(nouns).flatMap(([kind, noun]) => {
    const count = counts.get(kind)
    return count ? [noun.replace('#', String(count)) + (count === 1 ? '' : 's')] : []
  })
  const isCall = (scope: string) => scope === 'invoke' || scope === 'proxy'
  return [...whole.filter(isCall), ...restricted, ...whole.filter((it) => !isCall(it))]
}
