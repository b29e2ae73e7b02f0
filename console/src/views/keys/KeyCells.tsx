import { api, type Schema, unwrap } from '../../api/client'
import { Badge, Time } from '../../components/ui'
import { useQuery } from '../../hooks'
import { useScopes } from '../../session'
import { summary } from './scopes'

export type ApiKey = Schema<'ApiKey'>

/** The same as that of the overview, which lists these keys among what needs attention. */
const EXPIRY_NOTICE_MS = 14 * 86_400_000

/** The state of a key in words. */
export function KeyStatus(props: { apiKey: ApiKey }) {
  const { status, expires_at } = props.apiKey
  if (status === 'active' && expires_at && Date.parse(expires_at) - Date.now() < EXPIRY_NOTICE_MS) {
    return <Badge tone="warn">Expires soon</Badge>
  }
  switch (status) {
    case 'active':
      return <Badge tone="good">Active</Badge>
    case 'expired':
      return <Badge>Expired</Badge>
    case 'revoked':
      return <Badge>Revoked</Badge>
    case 'invalid':
      return <Badge tone="bad">Invalid</Badge>
  }
}

/** When a key expires, which a reader plans by: in the future as a date. */
export function Expiry(props: { apiKey: ApiKey }) {
  const { expires_at } = props.apiKey
  return expires_at ? <Time at={expires_at} /> : <span class="muted">Never</span>
}

const SHORT = 2

/** The first scopes of a key, and how many there are beyond them. */
export function ShortScopes(props: { scopes: string[] }) {
  const parts = summary(props.scopes)
  const rest = parts.slice(SHORT)
  return (
    <>
      {parts.slice(0, SHORT).join(', ')}
      {rest.length > 0 && <span class="muted"> and {rest.length} more</span>}
    </>
  )
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A caller by its id: the name of the key with a link if it is one, else the id. */
export function CallerName(props: { id: string }) {
  const isKey = UUID.test(props.id)
  const may = useScopes()
  if (!isKey || !may('keys:admin')) return <span>{props.id === 'anyone' ? 'Anyone, without authentication' : props.id}</span>
  return <KeyName id={props.id} />
}

function KeyName(props: { id: string }) {
  const { value } = useQuery(`key name ${props.id}`, (signal) =>
    unwrap(api.GET('/api/keys/{id}', { params: { path: { id: props.id } }, signal })),
  )
  return <a href={`/keys/${props.id}`}>{value?.name ?? props.id}</a>
}
