import { api, unwrap } from '../api/client'
import { DataTable, Pagination, SearchBox } from '../components/DataTable'
import { Empty, Loaded, requireScope } from '../components/states'
import { ButtonLink, Name, Page, Time } from '../components/ui'
import { useListing } from '../hooks'
import { useScopes } from '../session'
import { useListingFilters } from '../url'
import { targetText } from './routes/settings'

const PAGE_SIZE = 25

/** The model routes. */
function Routes() {
  const may = useScopes()
  const query = useListingFilters(PAGE_SIZE)
  const routes = useListing(`routes ${JSON.stringify(query)}`, (signal) =>
    unwrap(api.GET('/api/routes', { params: { query }, signal })),
  )
  const isEmpty = routes.value?.total === 0 && !query.search
  return (
    <Page
      title="Routes"
      lead="A route is a name for which calls go to one of several targets: by weight, and to the next one when a target fails."
      actions={
        may('routes:write') &&
        !isEmpty && (
          <ButtonLink href="/routes/new" kind="primary" icon="plus">
            Add route
          </ButtonLink>
        )
      }
    >
      {!isEmpty && (
        <div class="filters">
          <SearchBox label="Search by name" />
        </div>
      )}
      <Loaded query={routes} lines={6}>
        {(page) => {
          if (isEmpty) return <NoRoutes mayAdd={may('routes:write')} />
          if (page.total === 0) return <Empty icon="search" title={`No route has “${query.search}” in its name`} />
          return (
            <>
              <DataTable
                label="Routes"
                isSortable
                rows={page.data}
                rowKey={(it) => it.id}
                columns={[
                  { title: 'Name', sort: 'name', cell: (it) => <Name text={it.name} href={`/routes/${it.id}`} /> },
                  { title: 'Targets', cell: (it) => <code><Name text={it.config.targets.map(targetText).join(', ')} /></code> },
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

export default requireScope('routes:read', 'Routes', Routes)

function NoRoutes(props: { mayAdd: boolean }) {
  return (
    <Empty icon="route" title="No routes yet">
      {props.mayAdd ? (
        <>
          <p>Give clients one name for several models, so that calls survive the outage of a provider.</p>
          <ButtonLink href="/routes/new" kind="primary" icon="plus">
            Add route
          </ButtonLink>
        </>
      ) : (
        <p>
          A user with the scope <code>routes:write</code> can add one.
        </p>
      )}
    </Empty>
  )
}
