import { useState } from 'preact/hooks'
import { api, unwrap } from '../api/client'
import { DataTable, Pagination } from '../components/DataTable'
import { Empty, Loaded } from '../components/states'
import { Button, ButtonLink, Name, Page, Time } from '../components/ui'
import { useListing } from '../hooks'
import { useScopes, useSignedIn } from '../session'
import '../styles/keys.css'
import { useUrlFilters } from '../url'
import { callsOf } from './calls/data'
import { CallsOf } from './keys/Calls'
import { type ApiKey, Expiry, KeyStatus, ShortScopes } from './keys/KeyCells'
import { NewKeyDialog, RevokeDialog, RevokedNotice, RotateDialog } from './keys/KeyDialogs'
import { OwnKeysLead } from './keys/OwnKeysLead'

const PAGE_SIZE = 25

/** The keys that the caller made for its own programs, and its recent calls. */
export default function MyKeys() {
  const may = useScopes()
  const { session } = useSignedIn()
  const [filters] = useUrlFilters()
  const query = { page: Number(filters.page) || 1, page_size: PAGE_SIZE }
  const keys = useListing(`my keys ${query.page}`, (signal) => unwrap(api.GET('/api/me/keys', { params: { query }, signal })))
  const [dialog, setDialog] = useState<{ name: 'rotate' | 'revoke' | 'new'; apiKey: ApiKey }>()
  const [revoked, setRevoked] = useState<string>()
  const close = () => setDialog(undefined)
  const path = { path: { id: dialog?.apiKey.id ?? '' } }

  const columns = [
    {
      title: 'Name',
      cell: (it: ApiKey) => (
        <>
          <Name text={it.name} />
          <code class="prefix muted">{it.prefix}…</code>
        </>
      ),
    },
    { title: 'Status', cell: (it: ApiKey) => <KeyStatus apiKey={it} /> },
    { title: 'Scopes', cell: (it: ApiKey) => <ShortScopes scopes={it.scopes} /> },
    { title: 'Last used', cell: (it: ApiKey) => <Time at={it.last_used_at} absent="Never" /> },
    { title: 'Expires', cell: (it: ApiKey) => <Expiry apiKey={it} /> },
    {
      title: 'Actions',
      cell: (it: ApiKey) =>
        it.status === 'active' && (
          <div class="actions">
            <Button onClick={() => setDialog({ name: 'rotate', apiKey: it })} aria-label={`Rotate ${it.name}`}>
              Rotate
            </Button>
            <Button kind="danger" onClick={() => setDialog({ name: 'revoke', apiKey: it })} aria-label={`Revoke ${it.name}`}>
              Revoke
            </Button>
          </div>
        ),
    },
  ]

  return (
    <Page
      title="My keys"
      lead={<OwnKeysLead />}
      actions={
        <ButtonLink href="/me/keys/new" kind="primary" icon="plus">
          Add key
        </ButtonLink>
      }
    >
      {revoked !== undefined && <RevokedNotice name={revoked} />}
      <Loaded query={keys}>
        {(page) =>
          page.total === 0 ? (
            <Empty icon="key" title="You have no keys of your own">
              <p>Make one for each program, so that you can revoke one without the others.</p>
            </Empty>
          ) : (
            <>
              <DataTable label="My keys" columns={columns} rows={page.data} rowKey={(it) => it.id} />
              <Pagination page={page.page} pageSize={page.page_size} total={page.total} />
            </>
          )
        }
      </Loaded>
      <section class="stack">
        <h2>My recent calls</h2>
        <CallsOf />
        <p>
          {may('calls:read') ? (
            <a href={callsOf({ owner: `${session.caller.kind}:${session.caller.id}` })}>All calls of these keys</a>
          ) : (
            <a href="/calls">All my calls</a>
          )}
        </p>
      </section>
      {dialog?.name === 'rotate' && (
        <RotateDialog
          apiKey={dialog.apiKey}
          rotate={(overlap) => unwrap(api.POST('/api/me/keys/{id}/rotate', { params: path, body: { overlap } }))}
          onRotated={(rotated) => {
            setDialog({ name: 'new', apiKey: rotated })
            keys.reload()
          }}
          onClose={close}
        />
      )}
      {dialog?.name === 'revoke' && (
        <RevokeDialog
          apiKey={dialog.apiKey}
          revoke={async () => void (await unwrap(api.DELETE('/api/me/keys/{id}', { params: path })))}
          onRevoked={() => {
            close()
            setRevoked(dialog.apiKey.name)
            keys.reload()
          }}
          onClose={close}
        />
      )}
      {dialog?.name === 'new' && <NewKeyDialog apiKey={dialog.apiKey} onClose={close} />}
    </Page>
  )
}
