import type { Schema } from '../../api/client'
import { DataTable } from '../../components/DataTable'
import { Name } from '../../components/ui'
import { exactTime } from '../../format'
import { useScopes } from '../../session'
import { actionLabel } from './actions'

export type AuditEvent = Schema<'AuditEvent'>

/** Events of the audit trail. The names in them lead to all events of the resource or the caller. */
export function EventTable(props: { label: string; events: AuditEvent[] }) {
  return <DataTable label={props.label} columns={COLUMNS} rows={props.events} rowKey={(it) => String(it.seq)} />
}

const COLUMNS = [
  { title: 'Event', cell: (it: AuditEvent) => <a href={`/audit/${it.seq}`}>#{it.seq}</a> },
  { title: 'Time', cell: (it: AuditEvent) => <time dateTime={it.at}>{exactTime(it.at)}</time> },
  { title: 'Action', cell: (it: AuditEvent) => actionLabel(it.action) },
  { title: 'Resource', cell: (it: AuditEvent) => <Name text={nameOf(it)} href={eventsOf('resource', it.resource_id)} /> },
  { title: 'By', cell: (it: AuditEvent) => <Name text={it.caller_name} href={eventsOf('caller', it.caller_id)} /> },
  {
    title: 'From',
    cell: (it: AuditEvent) => (it.address ? <code>{it.address}</code> : <span class="muted">The service</span>),
  },
]

/** The address of the list of the events of a resource or a caller. */
export function eventsOf(filter: 'resource' | 'caller', id: string): string {
  return `/audit?${filter}=${encodeURIComponent(id)}`
}

function nameOf(event: AuditEvent): string {
  return event.resource_name || event.kind
}

const PAGES: Record<string, { scope: string; href: (id: string) => string }> = {
  provider: { scope: 'providers:read', href: (id) => `/providers/${id}` },
  agent: { scope: 'agents:read', href: (id) => `/agents/${id}` },
  key: { scope: 'keys:admin', href: (id) => `/keys/${id}` },
  secrets: { scope: 'secrets:admin', href: () => '/secrets' },
}

/** The resource of an event, with a link to its page if it was there afterwards and the caller may see it. */
export function Resource(props: { event: AuditEvent }) {
  const { event } = props
  const may = useScopes()
  const page = PAGES[event.kind]
  const name = nameOf(event)
  if (!page || !may(page.scope) || event.action.endsWith('.deleted')) return <>{name}</>
  return <a href={page.href(event.resource_id)}>{name}</a>
}
