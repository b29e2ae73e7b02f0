import { useState } from 'preact/hooks'
import { api, unwrap } from '../api/client'
import { DeleteDialog } from '../components/DeleteDialog'
import { dependentsOf } from '../components/DependentList'
import { Revisions } from '../components/Revisions'
import { SavedNotice } from '../components/SavedNotice'
import { Loaded } from '../components/states'
import { Button, ButtonLink, CodeBlock, Page, Tabs, Time } from '../components/ui'
import { useQuery } from '../hooks'
import { useScopes } from '../session'
import { useUrlFilters } from '../url'
import { callsOf } from './calls/data'
import { Explain } from './routes/Explain'
import { Figures } from './routes/Figures'
import { revisionsOf } from './routes/revisions'
import { loadRoute, RouteForm, type StoredRoute } from './routes/RouteForm'
import { LABELS, newRoute } from './routes/settings'

const TABS = ['edit', 'explain', 'figures', 'revisions'] as const
type Tab = (typeof TABS)[number]

/** One model route: its targets, where a request would go, how its targets do, and its revisions. */
export default function Route(props: { id: string }) {
  return <RoutePage key={props.id} id={props.id} />
}

function RoutePage({ id }: { id: string }) {
  const may = useScopes()
  const [filters, setFilters] = useUrlFilters()
  const [created, setCreated] = useState(() => newRoute.take(id))
  const [newest, setNewest] = useState<StoredRoute>()
  const [isDeleting, setDeleting] = useState(false)
  const route = useQuery(`route ${id}`, (signal) => loadRoute(id, signal))
  const tab = TABS.find((it) => it === filters.tab) ?? 'edit'
  const current = newest && (!route.value || newest.value.revision >= route.value.value.revision) ? newest : route.value
  return (
    <Page
      title={current?.value.name ?? 'Route'}
      back={{ href: '/routes', label: 'Routes' }}
      lead={
        current && (
          <>
            Revision {current.value.revision}, changed <Time at={current.value.updated_at} />
          </>
        )
      }
      actions={
        current && (
          <>
            {may('invoke') && (
              <>
                <ButtonLink href={`/playground?model=${encodeURIComponent(current.value.name)}`} icon="message">
                  Open in playground
                </ButtonLink>
                <ButtonLink href={`/connect?model=${encodeURIComponent(current.value.name)}`} icon="plug">
                  Connect
                </ButtonLink>
              </>
            )}
            <ButtonLink href={callsOf({ route: id })} icon="activity">
              Calls
            </ButtonLink>
            {may('routes:write') && (
              <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            )}
          </>
        )
      }
    >
      <Loaded query={route} lines={8} back={{ href: '/routes', label: 'Routes' }}>
        {() => (
          <Tabs<Tab>
            label="Route"
            tabs={[
              { id: 'edit', label: may('routes:write') ? 'Edit' : 'Settings' },
              { id: 'explain', label: 'Explain' },
              { id: 'figures', label: 'Figures' },
              { id: 'revisions', label: 'Revisions' },
            ]}
            selected={tab}
            onSelect={(it) =>
              setFilters({ tab: it === 'edit' ? undefined : it, page: undefined, from: undefined, to: undefined, period: undefined }, true)
            }
          >
            {/* What was typed stays while another tab is open. */}
            <div class="stack" hidden={tab !== 'edit'}>
              <div class="live" role="status">{created && <SavedNotice saved={created} labels={LABELS} />}</div>
              {may('routes:write') ? (
                <RouteForm
                  stored={current}
                  onUnsaved={(it) => it && setCreated(undefined)}
                  onSaved={(it) => {
                    setNewest(it)
                    setCreated(undefined)
                  }}
                  onDiscarded={setNewest}
                />
              ) : (
                <CodeBlock label="Configuration" code={JSON.stringify(current!.value.config, null, 2)} />
              )}
            </div>
            <div hidden={tab !== 'explain'}>
              <Explain route={current!.value} />
            </div>
            {tab === 'figures' && <Figures route={current!.value} />}
            {tab === 'revisions' && (
              <Revisions object={current!} source={revisionsOf(id)} mayWrite={may('routes:write')} onRestored={route.reload} />
            )}
          </Tabs>
        )}
      </Loaded>
      {isDeleting && current && <DeleteRoute route={current} onClose={() => setDeleting(false)} />}
    </Page>
  )
}

function DeleteRoute(props: { route: StoredRoute; onClose: () => void }) {
  const { id, name } = props.route.value
  const path = { id }
  return (
    <DeleteDialog
      name={name}
      loss="The route and all its revisions are deleted, which cannot be undone. Clients that request it get an error."
      advice="Delete them, or give them another route."
      list="/routes"
      etag={props.route.etag}
      loadEtag={async () => (await loadRoute(id)).etag}
      loadDependents={async (signal) =>
        dependentsOf(await unwrap(api.GET('/api/routes/{id}/dependents', { params: { path, query: { page_size: 20 } }, signal })))
      }
      remove={(etag) => unwrap(api.DELETE('/api/routes/{id}', { params: { path, header: { 'If-Match': etag } } }))}
      onClose={props.onClose}
    />
  )
}
