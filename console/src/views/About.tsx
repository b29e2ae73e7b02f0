import { api, type Schema, unwrap } from '../api/client'
import { DataTable, SearchBox } from '../components/DataTable'
import { CheckField } from '../components/fields'
import { Loaded, requireScope } from '../components/states'
import { Badge, ExactTime, Page, Time } from '../components/ui'
import { plural } from '../format'
import { useQuery } from '../hooks'
import '../styles/about.css'
import { useUrlFilters } from '../url'

type About = Schema<'About'>
type Setting = Schema<'SettingInfo'>
type Replica = Schema<'Replica'>

/** The program that runs, its replicas and its configuration. */
function AboutPage() {
  const about = useQuery('about', (signal) => unwrap(api.GET('/api/about', { signal })), 10_000)
  return (
    <Page title="About">
      <Loaded query={about}>
        {(it) => (
          <>
            <div class="columns">
              <Program about={it} />
              <Links />
            </div>
            <section class="stack">
              <h2>Replicas</h2>
              <DataTable label="Replicas" columns={REPLICA_COLUMNS} rows={it.replicas} rowKey={(row) => row.id} />
            </section>
            <Configuration settings={it.configuration} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

export default requireScope('system:read', 'About', AboutPage)

function Program(props: { about: About }) {
  const { about } = props
  return (
    <section class="card">
      <h2>Program</h2>
      <dl class="facts">
        <dt>Version</dt>
        <dd>
          {about.version}
          {about.commit && ` (commit ${about.commit})`}
        </dd>
        <dt>Java</dt>
        <dd>{about.java}</dd>
        <dt>Database</dt>
        <dd>
          PostgreSQL {about.database.version}, {about.database.mode}, schema {about.database.migration}
        </dd>
        <dt>Started</dt>
        <dd>
          <ExactTime at={about.started_at} />
        </dd>
      </dl>
    </section>
  )
}

function Links() {
  return (
    <section class="card">
      <h2>Documents</h2>
      <ul>
        <li>
          <a href="/docs" target="_blank">
            Guides
          </a>
        </li>
        <li>
          <a href="/docs/api-reference" target="_blank">
            API reference
          </a>
        </li>
        <li>
          <a href="/openapi.json" target="_blank">
            OpenAPI document
          </a>
        </li>
        <li>
          <a href="/metrics" target="_blank">
            Metrics
          </a>
          , which need <code>metrics:read</code>
        </li>
      </ul>
    </section>
  )
}

const REPLICA_COLUMNS = [
  {
    title: 'Address',
    cell: (it: Replica) => (
      <>
        <code>{it.address}</code> {it.self && <Badge>This one</Badge>}
      </>
    ),
  },
  { title: 'Last heartbeat', cell: (it: Replica) => <Time at={it.seen_at} /> },
  { title: 'Id', cell: (it: Replica) => <code>{it.id}</code> },
]

function Configuration(props: { settings: Setting[] }) {
  const [filters, setFilters] = useUrlFilters()
  const isOnlyChanged = filters.changed === 'true'
  const search = (filters.search ?? '').toLowerCase()
  const found = props.settings.filter(
    (it) =>
      (!isOnlyChanged || it.source !== 'default') &&
      [it.key, it.value, it.variable, it.description].some((text) => text.toLowerCase().includes(search)),
  )
  return (
    <section class="stack">
      <h2>Configuration in force</h2>
      <div class="filters">
        <SearchBox label="Search the settings" />
        <CheckField
          label="Only those that are not the default"
          isChecked={isOnlyChanged}
          onInput={(isChecked) => setFilters({ changed: isChecked ? 'true' : undefined })}
        />
      </div>
      <p class="muted" role="status">
        {plural(found.length, 'setting')}
      </p>
      {found.length > 0 && (
        <div class="settings">
          <DataTable label="Settings" columns={SETTING_COLUMNS} rows={found} rowKey={(it) => it.key} />
        </div>
      )}
    </section>
  )
}

const SETTING_COLUMNS = [
  {
    title: 'Setting',
    cell: (it: Setting) => (
      <>
        <code>{it.key}</code>
        <p class="hint">{it.description}</p>
        <p class="hint">
          Variable <code>{it.variable}</code>
        </p>
      </>
    ),
  },
  { title: 'Value', cell: (it: Setting) => (it.value === '' ? <span class="muted">Not set</span> : <code>{it.value}</code>) },
  { title: 'Source', cell: (it: Setting) => it.source },
]
