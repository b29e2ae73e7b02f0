import { useState } from 'preact/hooks'
import { api, type Schema, unwrap, unwrapVersioned, type Versioned } from '../api/client'
import { Pagination } from '../components/DataTable'
import { DependentList, dependentsOf } from '../components/DependentList'
import { type JsonSchema, labelsOf } from '../components/schema'
import { Empty, Loaded } from '../components/states'
import { Badge, Button, ButtonLink, CodeBlock, Notice, Page, Tabs, Time } from '../components/ui'
import { type Query, useListing, useQuery } from '../hooks'
import { useScopes } from '../session'
import '../styles/providers.css'
import { useUrlFilters } from '../url'
import { callsOf } from './calls/data'
import { kindTitle, newAgentPath, useKinds } from './providers/data'
import { DeleteProvider } from './providers/DeleteProvider'
import { healthOf, useHealth } from './providers/health'
import { newProvider, ProviderForm } from './providers/ProviderForm'
import { ProviderModels } from './providers/ProviderModels'
import { SavedNotice } from './providers/SavedNotice'

const TABS = ['settings', 'models', 'dependents'] as const
type Tab = (typeof TABS)[number]

/** One provider: its settings, its models, and the agents and routes that use it. */
export default function Provider(props: { id: string }) {
  return <ProviderPage key={props.id} id={props.id} />
}

function ProviderPage({ id }: { id: string }) {
  const may = useScopes()
  const kinds = useKinds()
  const health = useHealth()
  const [filters, setFilters] = useUrlFilters()
  const [created, setCreated] = useState(() => newProvider.take(id))
  const [newest, setNewest] = useState<Versioned<Schema<'Provider'>> | undefined>(created)
  const [isDeleting, setDeleting] = useState(false)
  const provider = useQuery(`provider ${id}`, (signal) =>
    unwrapVersioned(api.GET('/api/providers/{id}', { params: { path: { id } }, signal })),
  )
  const tab = TABS.find((it) => it === filters.tab) ?? 'settings'
  const current = newest ?? provider.value
  const kind = kinds.value?.find((it) => it.name === current?.value.config.name)
  const labels = kind ? labelsOf(kind.schema as JsonSchema) : []
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
        current && (
          <>
            <ButtonLink href={callsOf({ provider: current.value.name })} icon="activity">
              Calls
            </ButtonLink>
            {may('providers:write') && (
              <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            )}
          </>
        )
      }
    >
      <Loaded query={provider} lines={8} back={{ href: '/providers', label: 'Providers' }}>
        {(loaded) => (
          <Tabs<Tab>
            label="Provider"
            tabs={[
              { id: 'settings', label: 'Settings' },
              { id: 'models', label: 'Models' },
              { id: 'dependents', label: 'Used by' },
            ]}
            selected={tab}
            onSelect={(it) =>
              setFilters({ tab: it === 'settings' ? undefined : it, search: undefined, page: undefined }, true)
            }
          >
            {/* What was typed into the form stays while another tab is open. */}
            <div class="stack" hidden={tab !== 'settings'}>
              <div class="live" role="status">{created && <SavedNotice saved={created} labels={labels} />}</div>
              <Settings
                loaded={loaded}
                kinds={kinds}
                mayWrite={may('providers:write')}
                onChanged={(it) => {
                  setNewest(it)
                  setCreated(undefined)
                }}
                onUnsaved={(isUnsaved) => {
                  if (isUnsaved) setCreated(undefined)
                }}
              />
            </div>
            {tab === 'models' && <ProviderModels id={loaded.value.id} name={current!.value.name} />}
            {tab === 'dependents' && <UsedBy provider={current!.value} page={Number(filters.page) || 1} />}
          </Tabs>
        )}
      </Loaded>
      {isDeleting && current && <DeleteProvider provider={current} onClose={() => setDeleting(false)} />}
    </Page>
  )
}

function Settings(props: {
  loaded: Versioned<Schema<'Provider'>>
  kinds: Query<Schema<'ProviderKind'>[]>
  mayWrite: boolean
  /** The form has these values now, which were saved. */
  onChanged: (changed: Versioned<Schema<'Provider'>>) => void
  onUnsaved: (isUnsaved: boolean) => void
}) {
  const { loaded, onChanged, onUnsaved } = props
  if (!props.mayWrite) return <ReadOnly provider={loaded.value} />
  return (
    <Loaded query={props.kinds}>
      {(kinds) => {
        const kind = kinds.find((it) => it.name === loaded.value.config.name)
        if (kind) {
          return <ProviderForm kind={kind} stored={loaded} onSaved={onChanged} onDiscarded={onChanged} onUnsaved={onUnsaved} />
        }
        return (
          <>
            <Notice tone="warn" title="This version of the service does not know the kind of this provider" />
            <ReadOnly provider={loaded.value} />
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

/** The agents and routes that use a provider. */
function UsedBy(props: { provider: Schema<'Provider'>; page: number }) {
  const may = useScopes()
  const { id, name } = props.provider
  const query = { page: props.page, page_size: DEPENDENTS_PAGE_SIZE }
  const dependents = useListing(`dependents ${id} ${props.page}`, async (signal) =>
    dependentsOf(await unwrap(api.GET('/api/providers/{id}/dependents', { params: { path: { id }, query }, signal }))),
  )
  return (
    <Loaded query={dependents}>
      {({ items, total }) =>
        total === 0 ? (
          <Empty icon="bot" title="No agent and no route uses this provider">
            {may('agents:write') && <ButtonLink href={newAgentPath(name)}>Add agent</ButtonLink>}
          </Empty>
        ) : (
          <div class="stack">
            <DependentList items={items} />
            <Pagination page={props.page} pageSize={DEPENDENTS_PAGE_SIZE} total={total} />
          </div>
        )
      }
    </Loaded>
  )
}
