import { useState } from 'preact/hooks'
import { api, type Schema, unwrap } from '../api/client'
import { DataTable } from '../components/DataTable'
import { Failure, Loaded, requireScope } from '../components/states'
import { Button, Dialog, Notice, Page } from '../components/ui'
import { count, plural } from '../format'
import { useAction, useQuery } from '../hooks'

type Status = Schema<'EncryptionStatus'>
type Rotation = Schema<'EncryptionKeyRotation'>
type Replica = Schema<'StaleReplica'>

/** The encryption of stored secrets, and the rotation of its key. */
function Secrets() {
  const status = useQuery('secrets', (signal) => unwrap(api.GET('/api/secrets', { signal })), 10_000)
  const [isAsking, setAsking] = useState(false)
  const [rotation, setRotation] = useState<Rotation>()
  return (
    <Page
      title="Secrets"
      lead="Secrets of providers are encrypted in the database. The key-encryption key, which is not in the database, protects them all."
      actions={
        status.value && (
          <Button icon="refresh" onClick={() => setAsking(true)}>
            Rotate
          </Button>
        )
      }
    >
      {rotation && <Result rotation={rotation} source={status.value?.source} />}
      <Loaded query={status}>
        {(it) => (
          <>
            <Facts status={it} />
            {it.stale_replicas.length > 0 && <StaleReplicas replicas={it.stale_replicas} />}
            <Steps source={it.source} />
          </>
        )}
      </Loaded>
      {isAsking && status.value && (
        <RotateDialog
          source={status.value.source}
          onRotated={(it) => {
            setAsking(false)
            setRotation(it)
            status.reload()
          }}
          onClose={() => {
            setAsking(false)
            status.reload()
          }}
        />
      )}
    </Page>
  )
}

export default requireScope('secrets:admin', 'Secrets', Secrets)

function isFromFile(source: string | undefined): boolean {
  return source === 'file'
}

function Facts(props: { status: Status }) {
  const { status } = props
  return (
    <section class="card">
      <h2>Key in force</h2>
      <dl class="facts">
        <dt>Id</dt>
        <dd>
          <code>{status.key}</code>
        </dd>
        <dt>Source</dt>
        <dd>
          {isFromFile(status.source) ? (
            <>
              The file <code>master.key</code> in the data folder. Back it up, apart from the database.
            </>
          ) : (
            <>
              The variable <code>SECRETS_KEY</code> of the service’s environment.
            </>
          )}
        </dd>
        <dt>Data keys</dt>
        <dd>
          {count(status.data_keys)}: one for each provider or agent with secrets, and one for the service.
        </dd>
        <dt>Outdated</dt>
        <dd>
          {status.outdated === 0
            ? 'None: this key protects all of them.'
            : `${plural(status.outdated, 'data key')} under an older key. A rotation moves them to this one.`}
        </dd>
      </dl>
    </section>
  )
}

const REPLICA_COLUMNS = [
  { title: 'Replica', cell: (it: Replica) => <code>{it.address}</code> },
  { title: 'Takes its keys from', cell: (it: Replica) => (isFromFile(it.source) ? 'master.key' : 'The environment') },
  {
    title: 'Keys that it lacks',
    cell: (it: Replica) => it.missing_keys.map((key) => <code key={key}>{key} </code>),
  },
]

function StaleReplicas(props: { replicas: Replica[] }) {
  return (
    <section class="stack">
      <Notice tone="warn" title="A rotation waits for these replicas">
        <p>
          They cannot read the newest key. Until they can, the older one stays in force and everything works. Give them the
          same key, then rotate again.
        </p>
      </Notice>
      <DataTable label="Replicas without the newest key" columns={REPLICA_COLUMNS} rows={props.replicas} rowKey={(it) => it.address} />
    </section>
  )
}

function Result(props: { rotation: Rotation; source: string | undefined }) {
  const { rotation } = props
  return (
    <Notice tone="good" role="status" title="The key was rotated">
      <p>
        {plural(rotation.rewrapped, 'data key')} moved to the key <code>{rotation.key}</code>.
      </p>
      {isFromFile(props.source) ? (
        <p>
          Back up <code>master.key</code> again now: an older copy of it cannot read the secrets.
        </p>
      ) : (
        rotation.unused_keys.length > 0 && (
          <p>
            Remove from <code>SECRETS_PREVIOUS_KEYS</code> what is no longer needed:{' '}
            {rotation.unused_keys.map((key) => (
              <code key={key}>{key} </code>
            ))}
          </p>
        )
      )}
    </Notice>
  )
}

function Steps(props: { source: string }) {
  return (
    <section class="stack">
      <h2>How to rotate</h2>
      {isFromFile(props.source) ? (
        <ol>
          <li>
            Press “Rotate”. The service writes a new key to <code>master.key</code>, moves all data keys to it and removes
            the old one.
          </li>
          <li>
            Back up <code>master.key</code> again, apart from the database.
          </li>
        </ol>
      ) : (
        <ol>
          <li>
            Make a key with <code>openssl rand -base64 32</code>.
          </li>
          <li>
            Restart every replica with the new key in <code>SECRETS_KEY</code> and the old one in{' '}
            <code>SECRETS_PREVIOUS_KEYS</code>.
          </li>
          <li>Press “Rotate”. All data keys move to the new key.</li>
          <li>
            Remove the old key from <code>SECRETS_PREVIOUS_KEYS</code>.
          </li>
        </ol>
      )}
      <p>
        <a href="/docs/secrets" target="_blank">
          Guide on secrets
        </a>
      </p>
    </section>
  )
}

function RotateDialog(props: { source: string; onRotated: (rotation: Rotation) => void; onClose: () => void }) {
  const action = useAction(async () => props.onRotated(await unwrap(api.POST('/api/secrets/rotate'))))
  return (
    <Dialog title="Rotate the key-encryption key" onClose={props.onClose}>
      <p>
        {isFromFile(props.source) ? (
          <>
            The service makes a new key in <code>master.key</code>. After that, only a new backup of this file can read the
            secrets.
          </>
        ) : (
          <>
            The service moves all data keys to the key in <code>SECRETS_KEY</code>. Set a new one there first.
          </>
        )}
      </p>
      <p>Calls go on meanwhile. The secrets themselves do not change.</p>
      {action.failure !== undefined && <Failure failure={action.failure} />}
      <div class="actions">
        <Button kind="primary" isBusy={action.isRunning} onClick={() => action.run()}>
          Rotate
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
