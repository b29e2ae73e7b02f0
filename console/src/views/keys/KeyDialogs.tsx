import { useEffect, useRef, useState } from 'preact/hooks'
import { Form, RadioField } from '../../components/fields'
import { Failure } from '../../components/states'
import { Button, CopyLine, Dialog, Notice, Time } from '../../components/ui'
import { useAction } from '../../hooks'
import type { ApiKey } from './KeyCells'

/** Shows a new key, which only the response that created it contains. It closes only once the user confirms the copy. */
export function NewKeyDialog(props: { apiKey: ApiKey; onClose: () => void }) {
  const [isReminded, setReminded] = useState(false)
  return (
    <Dialog title="Copy the key" onClose={() => setReminded(true)}>
      <p>
        The key <strong>{props.apiKey.name}</strong> is shown only now. It is not stored and cannot be shown again: if it
        is lost, rotate it.
      </p>
      <CopyLine text={props.apiKey.key ?? ''} label="Copy the key" />
      {isReminded && (
        <Notice tone="warn" role="alert">
          <p>Copy the key first. This is the only time that it is shown.</p>
        </Notice>
      )}
      <div class="actions">
        <Button onClick={props.onClose}>I have copied it</Button>
      </div>
    </Dialog>
  )
}

const OVERLAPS = [
  { value: '0s', label: 'It ends now', hint: 'For a key that may have leaked. Programs fail until they have the new key.' },
  { value: '1h', label: 'It works for 1 more hour' },
  { value: '24h', label: 'It works for 24 more hours', hint: 'Time to give the new key to every program.' },
  { value: '168h', label: 'It works for 7 more days' },
]

/** Asks how long the old key stays valid, and rotates. */
export function RotateDialog(props: {
  apiKey: ApiKey
  rotate: (overlap: string) => Promise<ApiKey>
  onRotated: (rotated: ApiKey) => void
  onClose: () => void
}) {
  const [overlap, setOverlap] = useState('24h')
  const action = useAction(async () => props.onRotated(await props.rotate(overlap)))
  return (
    <Dialog title={`Rotate ${props.apiKey.name}`} onClose={props.onClose}>
      <Form onSubmit={action.run} failure={action.failure}>
        <p>You get a new key with the same name, scopes and expiry.</p>
        <RadioField label="The old key" value={overlap} onInput={setOverlap} options={OVERLAPS} />
        {action.failure !== undefined && <Failure failure={action.failure} />}
        <div class="actions">
          <Button type="submit" kind="primary" isBusy={action.isRunning}>
            Rotate
          </Button>
          <Button onClick={props.onClose}>Cancel</Button>
        </div>
      </Form>
    </Dialog>
  )
}

/** Lists what ends with a key, and revokes it. */
export function RevokeDialog(props: {
  apiKey: ApiKey
  revoke: () => Promise<void>
  onRevoked: () => void
  onClose: () => void
}) {
  const { apiKey } = props
  const action = useAction(async () => {
    await props.revoke()
    props.onRevoked()
  })
  return (
    <Dialog title={`Revoke ${apiKey.name}`} onClose={props.onClose}>
      <ul>
        <li>
          Every program that uses <code>{apiKey.prefix}…</code> is refused within a second.
        </li>
        <li>Its requests that run now end with an error.</li>
        {apiKey.owner_id == null && <li>Keys that its owner made with it under My keys end too.</li>}
        <li>
          {apiKey.last_used_at ? (
            <>
              It was last used <Time at={apiKey.last_used_at} />.
            </>
          ) : (
            'It was never used.'
          )}
        </li>
      </ul>
      <p>This cannot be undone.</p>
      {action.failure !== undefined && <Failure failure={action.failure} />}
      <div class="actions">
        <Button kind="danger" isBusy={action.isRunning} onClick={() => action.run()}>
          Revoke
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}

/** Announces that a key was revoked, in the place of the buttons that the focus was on. */
export function RevokedNotice(props: { name: string }) {
  const notice = useRef<HTMLDivElement>(null)
  useEffect(() => notice.current?.focus(), [props.name])
  return (
    <div ref={notice} tabIndex={-1}>
      <Notice tone="neutral" title={`${props.name} is revoked`} />
    </div>
  )
}
