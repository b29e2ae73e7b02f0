import type { Schema } from '../../api/client'
import { DataTable } from '../../components/DataTable'
import { exactTime } from '../../format'
import { useScopes } from '../../session'
import { actionLabel } from './actions'

export type AuditEvent = Schema<'AuditEvent'>

/** Events of the audit trail. */
export function EventTable(props: { label: string; events: AuditEvent[] }) {
  return <DataTable label={props.label} columns={COLUMNS} rows={props.events} rowKey={(it) => String(it.seq)} />
}

const COLUMNS = [
  { title: 'Event', cell: (it: AuditEvent) => <a href={`/audit/${it.seq}`}>#{it.seq}</a> },
  { title: 'Time', cell: (it: AuditEvent) => <time dateTime={it.at}>{exactTime(it.at)}</time> },
  { title: 'Action', cell: (it: AuditEvent) => actionLabel(it.action) },
  { title: 'Resource', cell: (it: AuditEvent) => <Resource event={it} /> },
  { title: 'By', cell: (it: AuditEvent) => it.caller_name },
]

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
  const name = event.resource_name || event.kind
  if (!page || !may(page.scope) || event.action.endsWith('.deleted')) return <>{name}</>
  return <a href={page.href(event.resource_id)}>{name}</a>
}
