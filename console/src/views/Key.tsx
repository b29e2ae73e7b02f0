import { useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { api, ApiError, unwrap } from '../api/client'
import { Empty, Loaded } from '../components/states'
import { Button, ButtonLink, ExactTime, Notice, Page } from '../components/ui'
import { useQuery, useReloadWith } from '../hooks'
import { useScopes } from '../session'
import '../styles/keys.css'
import { EventTable, eventsOf } from './audit/EventTable'
import { callsOf } from './calls/data'
import { CallsOf } from './keys/Calls'
import { type ApiKey, CallerName, KeyStatus } from './keys/KeyCells'
import { NewKeyDialog, RevokeDialog, RevokedNotice, RotateDialog } from './keys/KeyDialogs'
import { ScopeWords } from './keys/ScopeWords'

/** How often a visible page asks for the last use and for what was changed. */
const REFRESH_MS = 10_000

const BACK = { href: '/keys', label: 'Keys' }

/** One API key. Another key is another page, without the results of this one. */
export default function Key() {
  const { id } = useRoute().params as { id: string }
  return <KeyOf key={id} id={id} />
}

function KeyOf({ id }: { id: string }) {
  const path = { path: { id } }
  const key = useQuery(`key ${id}`, (signal) => unwrap(api.GET('/api/keys/{id}', { params: path, signal })), REFRESH_MS)
  const [dialog, setDialog] = useState<'rotate' | 'revoke'>()
  const [rotated, setRotated] = useState<ApiKey>()
  const [isRevoked, setRevoked] = useState(false)
  const [changes, setChanges] = useState(0)
  const value = key.value
  const isMissing = key.failure instanceof ApiError && [400, 404].includes(key.failure.status)

  if (isMissing) {
    return (
      <Page title="Key" back={BACK}>
        <Empty icon="key" title="There is no such key">
          <ButtonLink href="/keys">All keys</ButtonLink>
        </Empty>
      </Page>
    )
  }
  const close = () => setDialog(undefined)
  const reload = () => {
    setChanges((it) => it + 1)
    key.reload()
  }
  return (
    <Page
      title={value?.name ?? 'Key'}
      back={BACK}
      actions={
        value &&
        value.status !== 'revoked' && (
          <>
            {value.status === 'active' && (
              <Button icon="refresh" onClick={() => setDialog('rotate')}>
                Rotate
              </Button>
            )}
            <Button kind="danger" onClick={() => setDialog('revoke')}>
              Revoke
            </Button>
          </>
        )
      }
    >
      {isRevoked && <RevokedNotice name={value?.name ?? ''} />}
      <Loaded query={key}>{(it) => <KeyPage apiKey={it} changes={changes} />}</Loaded>
      {value && dialog === 'rotate' && (
        <RotateDialog
          apiKey={value}
          rotate={(overlap) => unwrap(api.POST('/api/keys/{id}/rotate', { params: path, body: { overlap } }))}
          onRotated={(it) => {
            close()
            setRotated(it)
            reload()
          }}
          onClose={close}
        />
      )}
      {value && dialog === 'revoke' && (
        <RevokeDialog
          apiKey={value}
          revoke={async () => void (await unwrap(api.DELETE('/api/keys/{id}', { params: path })))}
          onRevoked={() => {
            close()
            setRevoked(true)
            reload()
          }}
          onClose={close}
        />
      )}
      {rotated && <NewKeyDialog apiKey={rotated} onClose={() => setRotated(undefined)} />}
    </Page>
  )
}

/** @param changes how often the key was rotated or revoked here */
function KeyPage(props: { apiKey: ApiKey; changes: number }) {
  const { apiKey } = props
  const may = useScopes()
  const scopes = useQuery('scopes', (signal) => unwrap(api.GET('/api/scopes', { signal })))
  const overlapsUntil = apiKey.previous_expires_at
  return (
    <>
      {apiKey.status === 'invalid' && (
        <Notice tone="bad" title="This key is not accepted">
          <p>Its row was changed in the database by hand. Revoke it.</p>
        </Notice>
      )}
      {apiKey.status === 'active' && overlapsUntil && Date.parse(overlapsUntil) > Date.now() && (
        <Notice tone="neutral" title="The key was rotated">
          <p>
            The old key works until <ExactTime at={overlapsUntil} />.
          </p>
        </Notice>
      )}
      <div class="columns">
        <section class="card">
          <h2>Facts</h2>
          <dl class="facts">
            <dt>Status</dt>
            <dd>
              <KeyStatus apiKey={apiKey} />
            </dd>
            <dt>Begins with</dt>
            <dd>
              <code>{apiKey.prefix}…</code>
            </dd>
            <dt>Last used</dt>
            <dd>
              <ExactTime at={apiKey.last_used_at} absent="Never" />
            </dd>
            <dt>{apiKey.status === 'expired' ? 'Expired' : 'Expires'}</dt>
            <dd>
              <ExactTime at={apiKey.expires_at} absent="Never" />
            </dd>
            {apiKey.revoked_at && (
              <>
                <dt>Revoked</dt>
                <dd>
                  <ExactTime at={apiKey.revoked_at} />
                </dd>
              </>
            )}
            <dt>Created</dt>
            <dd>
              <ExactTime at={apiKey.created_at} />
            </dd>
            <dt>Created by</dt>
            <dd>
              <CallerName id={apiKey.created_by} />
            </dd>
            {apiKey.owner_id && (
              <>
                <dt>Belongs to</dt>
                <dd>
                  <CallerName id={apiKey.owner_id} />, and ends with it
                </dd>
              </>
            )}
          </dl>
        </section>
        <section class="card">
          <h2>What it may do</h2>
          <ScopeWords scopes={apiKey.scopes} infos={scopes.value?.data ?? []} />
        </section>
      </div>
      <section class="stack">
        <h2>Recent calls</h2>
        <CallsOf keyId={apiKey.id} changes={props.changes} />
        {may('calls:read') && (
          <p>
            <a href={callsOf({ key: apiKey.id })}>All calls of this key</a>
          </p>
        )}
      </section>
      {may('audit:read') && (
        <section class="stack">
          <h2>Audit</h2>
          <KeyEvents id={apiKey.id} changes={props.changes} />
        </section>
      )}
    </>
  )
}

function KeyEvents(props: { id: string; changes: number }) {
  const query = { resource: props.id, page: 1, page_size: 5 }
  const events = useQuery(`audit of ${props.id}`, (signal) => unwrap(api.GET('/api/audit', { params: { query }, signal })), REFRESH_MS)
  useReloadWith(props.changes, events.reload)
  return (
    <>
      <Loaded query={events} lines={2}>
        {(page) => <EventTable label="Changes of this key" events={page.data} />}
      </Loaded>
      <p>
        <a href={eventsOf('resource', props.id)}>All changes of this key</a>
        {' · '}
        <a href={eventsOf('caller', props.id)}>All changes that were made with it</a>
      </p>
    </>
  )
}
