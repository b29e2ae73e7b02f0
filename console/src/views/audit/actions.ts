import type { paths } from '../../api/schema'

type Filters = NonNullable<paths['/api/audit']['get']['parameters']['query']>
export type Action = NonNullable<Filters['action']>
export type Kind = NonNullable<Filters['kind']>

/** The words for each action that the trail records: a new one without words does not compile. */
export const ACTIONS: Record<Action, string> = {
  'provider.created': 'Provider created',
  'provider.replaced': 'Provider changed',
  'provider.deleted': 'Provider deleted',
  'agent.created': 'Agent created',
  'agent.replaced': 'Agent changed',
  'agent.restored': 'Agent restored',
  'agent.deleted': 'Agent deleted',
  'route.created': 'Route created',
  'route.replaced': 'Route changed',
  'route.restored': 'Route restored',
  'route.deleted': 'Route deleted',
  'key.created': 'Key created',
  'key.rotated': 'Key rotated',
  'key.revoked': 'Key revoked',
  'session.created': 'Signed in',
  'session.deleted': 'Signed out',
  'link.created': 'Sign-in link created',
  'secrets.rotated': 'Key-encryption key rotated',
}

export const KINDS: Record<Kind, string> = {
  provider: 'Provider',
  agent: 'Agent',
  route: 'Route',
  key: 'Key',
  session: 'Session',
  link: 'Sign-in link',
  secrets: 'Secrets',
}

/** An action in words; that of a newer replica as it is. */
export function actionLabel(action: string): string {
  return ACTIONS[action as Action] ?? action
}
