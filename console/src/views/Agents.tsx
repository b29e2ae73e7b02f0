import { api, type Schema, unwrap } from '../api/client'
import { DataTable, Pagination, SearchBox } from '../components/DataTable'
import { Empty, Loaded, requireScope } from '../components/states'
import { ButtonLink, Name, Page, Time } from '../components/ui'
import { useListing, useQuery } from '../hooks'
import { useScopes } from '../session'
import { useListingFilters } from '../url'

const PAGE_SIZE = 25

/** The agents. */
function Agents() {
  const may = useScopes()
  const query = useListingFilters(PAGE_SIZE)
  const agents = useListing(JSON.stringify(query), (signal) =>
    unwrap(api.GET('/api/agents', { params: { query }, signal })),
  )
  const rows = agents.value?.data ?? []
  const providers = useProviderNames(may('providers:read') ? rows : [])
  const isEmpty = agents.value?.total === 0 && !query.search
  return (
    <Page
      title="Agents"
      lead="An agent is a model of a provider, or a route, with a system prompt and settings, which clients request by its name."
      actions={
        may('agents:write') &&
        !isEmpty && (
          <ButtonLink href="/agents/new" kind="primary" icon="plus">
            Add agent
          </ButtonLink>
        )
      }
    >
      {!isEmpty && (
        <div class="filters">
          <SearchBox label="Search by name" />
        </div>
      )}
      <Loaded query={agents} lines={6}>
        {(page) => {
          if (isEmpty) return <NoAgents mayAdd={may('agents:write')} />
          if (page.total === 0) return <Empty icon="search" title={`No agent has “${query.search}” in its name`} />
          return (
            <>
              <DataTable
                label="Agents"
                isSortable
                rows={page.data}
                rowKey={(it) => it.id}
                columns={[
                  { title: 'Name', sort: 'name', cell: (it) => <Name text={it.name} href={`/agents/${it.id}`} /> },
                  { title: 'Model', cell: (it) => <code><Name text={String(it.config.model?.name ?? '')} /></code> },
                  { title: 'Provider or route', cell: (it) => <ProviderName agent={it} names={providers} /> },
                  { title: 'Revision', isNumeric: true, cell: (it) => it.revision },
                  { title: 'Changed', sort: 'updated_at', cell: (it) => <Time at={it.updated_at} /> },
                ]}
              />
              <Pagination page={page.page} pageSize={page.page_size} total={page.total} />
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

export default requireScope('agents:read', 'Agents', Agents)

function ProviderName(props: { agent: Schema<'Agent'>; names: Map<string, string> }) {
  const may = useScopes()
  const { provider_id: id, provider, route, route_id: routeId } = props.agent.config
  if (routeId) return <span>route <Name text={route ?? routeId} href={may('routes:read') ? `/routes/${routeId}` : undefined} /></span>
  if (!id) return <span class="muted">its own ({String(provider?.name ?? 'unknown')})</span>
  const name = props.names.get(id)
  return name ? <Name text={name} href={`/providers/${id}`} /> : <span class="muted">—</span>
}

/** One request lists as many providers; those beyond are requested by their ids. */
const MAX_PROVIDERS = 100

/** The names of the providers of one page of agents, by their ids. */
function useProviderNames(agents: Schema<'Agent'>[]): Map<string, string> {
  const ids = [...new Set(agents.flatMap((it) => it.config.provider_id ?? []))].sort()
  const query = useQuery(`names ${ids.join(' ')}`, async (signal) => {
    if (ids.length === 0) return new Map<string, string>()
    const listed = await unwrap(api.GET('/api/providers', { params: { query: { page_size: MAX_PROVIDERS } }, signal }))
    const names = new Map(listed.data.map((it) => [it.id, it.name]))
    const others = ids.filter((id) => !names.has(id))
    const found = await Promise.all(others.map((id) => api.GET('/api/providers/{id}', { params: { path: { id } }, signal })))
    for (const { data } of found) if (data) names.set(data.id, data.name)
    return names
  })
  return query.value ?? new Map()
}

function NoAgents(props: { mayAdd: boolean }) {
  return (
    <Empty icon="bot" title="No agents yet">
      {props.mayAdd ? (
        <>
          <p>Give a model a system prompt and settings, and try it before clients use it.</p>
          <ButtonLink href="/agents/new" kind="primary" icon="plus">
            Add agent
          </ButtonLink>
        </>
      ) : (
        <p>
          A user with the scope <code>agents:write</code> can add one.
        </p>
      )}
    </Empty>
  )
}
