import { api, unwrap } from '../api/client'
import { DataTable, Pagination, SearchBox } from '../components/DataTable'
import { Empty, Loaded, requireScope } from '../components/states'
import { ButtonLink, Name, Page, Time } from '../components/ui'
import { useListing } from '../hooks'
import '../styles/keys.css'
import { useUrlFilters } from '../url'
import { type ApiKey, Expiry, KeyStatus, ShortScopes } from './keys/KeyCells'

const PAGE_SIZE = 25

/** All API keys. */
function Keys() {
  const [filters] = useUrlFilters()
  const query = { page: Number(filters.page) || 1, page_size: PAGE_SIZE, search: filters.search, sort: filters.sort ?? '-created_at' }
  const keys = useListing(`keys ${JSON.stringify(query)}`, (signal) => unwrap(api.GET('/api/keys', { params: { query }, signal })))
  return (
    <Page
      title="Keys"
      lead="A key lets a program or a person use this service. It may do what its scopes allow."
      actions={
        <ButtonLink href="/keys/new" kind="primary" icon="plus">
          Add key
        </ButtonLink>
      }
    >
      <div class="filters">
        <SearchBox label="Search by name" />
      </div>
      <Loaded query={keys}>
        {(page) =>
          page.total === 0 ? (
            <Empty icon="key" title={filters.search ? 'No key has such a name' : 'There are no keys'} />
          ) : (
            <>
              <DataTable label="Keys" columns={COLUMNS} rows={page.data} rowKey={(it) => it.id} isSortable />
              <Pagination page={page.page} pageSize={page.page_size} total={page.total} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

export default requireScope('keys:admin', 'Keys', Keys)

const COLUMNS = [
  {
    title: 'Name',
    cell: (it: ApiKey) => (
      <>
        <Name text={it.name} href={`/keys/${it.id}`} />
        <code class="prefix muted">{it.prefix}…</code>
      </>
    ),
  },
  { title: 'Status', cell: (it: ApiKey) => <KeyStatus apiKey={it} /> },
  { title: 'Scopes', cell: (it: ApiKey) => <ShortScopes scopes={it.scopes} /> },
  { title: 'Last used', cell: (it: ApiKey) => <Time at={it.last_used_at} absent="Never" /> },
  { title: 'Expires', cell: (it: ApiKey) => <Expiry apiKey={it} /> },
  { title: 'Created', sort: 'created_at', cell: (it: ApiKey) => <Time at={it.created_at} /> },
]
