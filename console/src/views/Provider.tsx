import { useState } from 'preact/hooks'
import { api, type Schema, unwrap, unwrapVersioned, type Versioned } from '../api/client'
import { Pagination } from '../components/DataTable'
import { Empty, Loaded } from '../components/states'
import { Badge, Button, CodeBlock, Notice, Page, Tabs, Time } from '../components/ui'
import { plural } from '../format'
import { type Query, useListing, useQuery } from '../hooks'
import { useScopes } from '../session'
import '../styles/providers.css'
import { useUrlFilters } from '../url'
import { kindTitle, useKinds } from './providers/data'
import { DeleteProvider } from './providers/DeleteProvider'
import { healthOf, useHealth } from './providers/health'
import { ProviderForm, type SavedProvider } from './providers/ProviderForm'
import { ProviderModels } from './providers/ProviderModels'
import { takeSaved } from './providers/saved'

const TABS = ['settings', 'models', 'agents'] as const
type Tab = (typeof TABS)[number]

/** One provider: its settings, its models, and the agents that use it. */
export default function Provider(props: { id: string }) {
  return <ProviderPage key={props.id} id={props.id} />
}

function ProviderPage({ id }: { id: string }) {
  const may = useScopes()
  const kinds = useKinds()
  const health = useHealth()
  const [filters, setFilters] = useUrlFilters()
  const [saved, setSaved] = useState<SavedProvider | undefined>(() => takeSaved(id))
  const [newest, setNewest] = useState<Versioned<Schema<'Provider'>> | undefined>(saved)
  const [isDeleting, setDeleting] = useState(false)
  const provider = useQuery(`provider ${id}`, (signal) =>
    unwrapVersioned(api.GET('/api/providers/{id}', { params: { path: { id } }, signal })),
  )
  const tab = TABS.find((it) => it === filters.tab) ?? 'settings'
  const current = newest ?? provider.value
  const state = current && health.value && healthOf(health.value.get(current.value.id))
  return (
    <Page
      title={current?.value.name ?? 'Provider'}
      back={{ href: '/providers', label: 'Providers' }}
      lead={
        current && (
          <>
            {kindTitle(kinds, current.value.config.name)}
            {state && (
              <>
                {' '}
                <Badge tone={state.tone}>{state.label}</Badge> {state.detail}
              </>
            )}
          </>
        )
      }
      actions={
        current &&
        may('providers:write') && (
          <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
            Delete
          </Button>
        )
      }
    >
      <Loaded query={provider} lines={8}>
        {(loaded) => (
          <Tabs<Tab>
            label="Provider"
            tabs={[
              { id: 'settings', label: 'Settings' },
              { id: 'models', label: 'Models' },
              { id: 'agents', label: 'Agents' },
            ]}
            selected={tab}
            onSelect={(it) => setFilters({ tab: it === 'settings' ? undefined : it, search: undefined, page: undefined })}
          >
            {/* What was typed into the form stays while another tab is open. */}
            <div class="stack" hidden={tab !== 'settings'}>
              <div class="live" role="status">{saved && <SavedNotice saved={saved} />}</div>
              <Settings
                loaded={loaded}
                kinds={kinds}
                mayWrite={may('providers:write')}
                onSaved={(it) => {
                  setSaved(it)
                  setNewest(it)
                }}
                onDiscarded={(it) => {
                  setSaved(undefined)
                  setNewest(it)
                }}
              />
            </div>
            {tab === 'models' && <ProviderModels id={loaded.value.id} name={current!.value.name} />}
            {tab === 'agents' && <Dependents id={loaded.value.id} page={Number(filters.page) || 1} />}
          </Tabs>
        )}
      </Loaded>
      {isDeleting && current && <DeleteProvider provider={current} onClose={() => setDeleting(false)} />}
    </Page>
  )
}

/** What came of the last save. */
function SavedNotice({ saved }: { saved: SavedProvider }) {
  const warnings = saved.value.warnings ?? []
  const isDoubtful = warnings.length > 0 || saved.failedStage !== undefined
  return (
    <Notice tone={isDoubtful ? 'warn' : 'good'} title="Saved">
      {saved.failedStage !== undefined && <p>The last test of these values failed at: {saved.failedStage}.</p>}
      {warnings.map((it) => (
        <p key={it}>{it}</p>
      ))}
    </Notice>
  )
}

function Settings(props: {
  loaded: Versioned<Schema<'Provider'>>
  kinds: Query<Schema<'ProviderKind'>[]>
  mayWrite: boolean
  onSaved: (saved: SavedProvider) => void
  onDiscarded: (theirs: Versioned<Schema<'Provider'>>) => void
}) {
  const { config } = props.loaded.value
  if (!props.mayWrite) return <ReadOnly provider={props.loaded.value} />
  return (
    <Loaded query={props.kinds}>
      {(kinds) => {
        const kind = kinds.find((it) => it.name === config.name)
        if (kind) return <ProviderForm kind={kind} stored={props.loaded} onSaved={props.onSaved} onDiscarded={props.onDiscarded} />
        return (
          <>
            <Notice tone="warn" title="This version of the service does not know the kind of this provider" />
            <ReadOnly provider={props.loaded.value} />
          </>
        )
      }}
    </Loaded>
  )
}

function ReadOnly({ provider }: { provider: Schema<'Provider'> }) {
  return (
    <>
      <dl class="facts">
        <dt>Created</dt>
        <dd>
          <Time at={provider.created_at} />
        </dd>
        <dt>Changed</dt>
        <dd>
          <Time at={provider.updated_at} />
        </dd>
      </dl>
      <CodeBlock label="Configuration" code={JSON.stringify(provider.config, null, 2)} />
    </>
  )
}

const DEPENDENTS_PAGE_SIZE = 50

/** The agents that use a provider. */
function Dependents(props: { id: string; page: number }) {
  const dependents = useListing(`dependents ${props.id} ${props.page}`, (signal) =>
    unwrap(
      api.GET('/api/providers/{id}/dependents', {
        params: { path: { id: props.id }, query: { page: props.page, page_size: DEPENDENTS_PAGE_SIZE } },
        signal,
      }),
    ),
  )
  return (
    <Loaded query={dependents}>
      {({ agents, total }) =>
        total === 0 ? (
          <Empty icon="bot" title="No agent uses this provider" />
        ) : (
          <div class="stack">
            <p>{plural(total, 'agent')} {total === 1 ? 'uses' : 'use'} this provider.</p>
            <ul>
              {agents.map((it) => (
                <li key={it.id}>
                  <a href={`/agents/${it.id}`}>{it.name}</a>
                </li>
              ))}
            </ul>
            {total > DEPENDENTS_PAGE_SIZE && (
              <Pagination page={props.page} pageSize={DEPENDENTS_PAGE_SIZE} total={total} />
            )}
          </div>
        )
      }
    </Loaded>
  )
}
