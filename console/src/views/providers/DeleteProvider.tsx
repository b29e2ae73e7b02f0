import { useLocation } from 'preact-iso'
import { useState } from 'preact/hooks'
import { api, ApiError, type Schema, unwrap, unwrapVersioned, type Versioned } from '../../api/client'
import { Failure, isConflict, Loaded, notDone } from '../../components/states'
import { Button, Dialog, Name } from '../../components/ui'
import { plural } from '../../format'
import { useAction, useQuery } from '../../hooks'

/** Asks before a provider is deleted, and shows the agents that prevent it. */
export function DeleteProvider(props: { provider: Versioned<Schema<'Provider'>>; onClose: () => void }) {
  const { route } = useLocation()
  const { id, name } = props.provider.value
  const dependents = useQuery(`dependents ${id}`, (signal) =>
    unwrap(api.GET('/api/providers/{id}/dependents', { params: { path: { id }, query: { page_size: 20 } }, signal })),
  )
  const [etag, setEtag] = useState(props.provider.etag)
  const remove = useAction(async () => {
    const path = { id }
    try {
      await unwrap(api.DELETE('/api/providers/{id}', { params: { path, header: { 'If-Match': etag } } }))
    } catch (e) {
      if (isConflict(e)) setEtag((await unwrapVersioned(api.GET('/api/providers/{id}', { params: { path } }))).etag)
      throw e
    }
    route('/providers')
  })
  const isUsed = (dependents.value?.total ?? 0) > 0
  const blockers = remove.failure instanceof ApiError ? remove.failure.problem.blockers : undefined
  return (
    <Dialog title={isUsed || blockers ? `${name} is in use` : `Delete ${name}?`} onClose={props.onClose}>
      <Loaded query={dependents} lines={2}>
        {({ agents, total }) =>
          isUsed || blockers ? (
            <>
              <p>It cannot be deleted, because agents use it. Delete them or give them another provider.</p>
              <ul>
                {(blockers ?? agents).map((it) => (
                  <li key={it.id}>
                    <Name text={it.name} href={`/agents/${it.id}`} />
                  </li>
                ))}
              </ul>
              {!blockers && total > agents.length && <p class="muted">{plural(total - agents.length, 'other agent')}</p>}
              <div class="actions">
                <Button onClick={props.onClose}>Close</Button>
              </div>
            </>
          ) : (
            <>
              <p>No agent uses it. Its settings and secrets are deleted, which cannot be undone.</p>
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
