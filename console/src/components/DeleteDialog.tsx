import { useLocation } from 'preact-iso'
import { useState } from 'preact/hooks'
import { ApiError } from '../api/client'
import { count } from '../format'
import { useAction, useQuery } from '../hooks'
import { DependentList, type Dependents } from './DependentList'
import { Failure, isConflict, Loaded, notDone } from './states'
import { Button, Dialog } from './ui'

/** Asks before an object is deleted, and shows the agents and routes that prevent it. */
export function DeleteDialog(props: {
  name: string
  /** What else is lost. */
  loss: string
  /** What to do with the agents and routes that use it. */
  advice: string
  /** The page that lists such objects. */
  list: string
  /** The revision that the user saw. */
  etag: string
  loadEtag: () => Promise<string>
  loadDependents: (signal: AbortSignal) => Promise<Dependents>
  remove: (etag: string) => Promise<unknown>
  onClose: () => void
}) {
  const { route } = useLocation()
  const dependents = useQuery('dependents', props.loadDependents)
  const [etag, setEtag] = useState(props.etag)
  const remove = useAction(async () => {
    try {
      await props.remove(etag)
    } catch (e) {
      if (isConflict(e)) setEtag(await props.loadEtag())
      throw e
    }
    route(props.list)
  })
  const blockers = remove.failure instanceof ApiError ? remove.failure.problem.blockers : undefined
  const isUsed = blockers != null || (dependents.value?.total ?? 0) > 0
  return (
    <Dialog title={isUsed ? `${props.name} is in use` : `Delete ${props.name}?`} onClose={props.onClose}>
      <Loaded query={dependents} lines={2}>
        {({ items, total }) =>
          isUsed ? (
            <>
              <p>It cannot be deleted, because these use it. {props.advice}</p>
              <DependentList items={blockers ?? items} />
              {!blockers && total > items.length && <p class="muted">{count(total - items.length)} more</p>}
              <div class="actions">
                <Button onClick={props.onClose}>Close</Button>
              </div>
            </>
          ) : (
            <>
              <p>{props.loss}</p>
              {remove.failure !== undefined && <Failure failure={remove.failure} title={notDone(remove.failure, 'Delete')} />}
              <div class="actions">
                <Button kind="danger" icon="trash" isBusy={remove.isRunning} onClick={() => remove.run()}>
                  Delete
                </Button>
                <Button onClick={props.onClose}>Cancel</Button>
              </div>
            </>
          )
        }
      </Loaded>
    </Dialog>
  )
}
