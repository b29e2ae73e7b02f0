import { api, type Schema, unwrap, unwrapVersioned, type Versioned } from '../../api/client'
import { DeleteDialog } from '../../components/DeleteDialog'
import { dependentsOf } from '../../components/DependentList'

/** Asks before a provider is deleted. */
export function DeleteProvider(props: { provider: Versioned<Schema<'Provider'>>; onClose: () => void }) {
  const { id, name } = props.provider.value
  const path = { id }
  return (
    <DeleteDialog
      name={name}
      loss="No agent and no route uses it. Its settings and secrets are deleted, which cannot be undone."
      advice="Delete them, or give them another provider."
      list="/providers"
      etag={props.provider.etag}
      loadEtag={async () => (await unwrapVersioned(api.GET('/api/providers/{id}', { params: { path } }))).etag}
      loadDependents={async (signal) =>
        dependentsOf(await unwrap(api.GET('/api/providers/{id}/dependents', { params: { path, query: { page_size: 20 } }, signal })))
      }
      remove={(etag) => unwrap(api.DELETE('/api/providers/{id}', { params: { path, header: { 'If-Match': etag } } }))}
      onClose={props.onClose}
    />
  )
}
