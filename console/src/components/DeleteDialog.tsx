import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useState } from 'preact/hooks'
import type { Versioned } from '../api/client'
import { useAction } from '../hooks'
import { Failure, isConflict, notDone } from './states'
import { Button, Dialog } from './ui'

/**
 * Deletes an object with its revisions, as it was loaded: one that was changed meanwhile needs another confirmation.
 *
 * @param back the view that opens afterwards
 */
export function DeleteDialog<S extends Versioned<{ name: string }>>(props: {
  object: S
  remove: (etag: string) => Promise<unknown>
  reload: () => Promise<Versioned<unknown>>
  back: string
  onClose: () => void
  children: ComponentChildren
}) {
  const { route } = useLocation()
  const [etag, setEtag] = useState(props.object.etag)
  const remove = useAction(async () => {
    try {
      await props.remove(etag)
    } catch (e) {
      if (isConflict(e)) setEtag((await props.reload()).etag)
      throw e
    }
    route(props.back)
  })
  return (
    <Dialog title={`Delete ${props.object.value.name}?`} onClose={props.onClose}>
      {props.children}
      {remove.failure !== undefined && <Failure title={notDone(remove.failure, 'Delete')} failure={remove.failure} />}
      <div class="actions">
        <Button kind="danger" icon="trash" isBusy={remove.isRunning} onClick={() => remove.run()}>
          Delete
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
