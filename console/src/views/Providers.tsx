import { useLocation } from 'preact-iso'
import { api, type Schema, unwrap } from '../api/client'
import { Pagination, SearchBox } from '../components/DataTable'
import { SelectField } from '../components/fields'
import { Empty, Failure, Loaded, requireScope } from '../components/states'
import { Badge, Button, ButtonLink, Name, Page } from '../components/ui'
import { plural } from '../format'
import { useAction, useListing } from '../hooks'
import { useScopes } from '../session'
import '../styles/providers.css'
import { useListingFilters, useUrlFilters } from '../url'
import { addSimulatedProvider, kindTitle, useKinds, useModels } from './providers/data'
import { healthOf, useHealth } from './providers/health'

const PAGE_SIZE = 24

const SORTS = [
  { value: '', label: 'Name' },
  { value: '-created_at', label: 'Newest first' },
  { value: '-updated_at', label: 'Last changed first' },
]

/** The registered providers. */
function Providers() {
  const [, setFilters] = useUrlFilters()
  const may = useScopes()
  const kinds = useKinds()
  const health = useHealth()
  const query = useListingFilters(PAGE_SIZE)
  const providers = useListing(JSON.stringify(query), (signal) =>
    unwrap(api.GET('/api/providers', { params: { query }, signal })),
  )
  const isEmpty = providers.value?.total === 0 && !query.search
  return (
    <Page
      title="Providers"
      lead="APIs that serve language models: local ones such as Ollama, and those of vendors."
      actions={
        may('providers:write') &&
        !isEmpty && (
          <ButtonLink href="/providers/new" kind="primary" icon="plus">
            Add provider
          </ButtonLink>
        )
      }
    >
      {!isEmpty && (
        <div class="filters">
          <SearchBox label="Search by name" />
          <div class="sort">
            <SelectField
              label="Sort by"
              isRequired
              value={query.sort}
              options={SORTS}
              onInput={(sort) => setFilters({ sort, page: undefined })}
            />
          </div>
        </div>
      )}
      <Loaded query={providers} lines={6}>
        {(page) => {
          if (isEmpty) return <NoProviders mayAdd={may('providers:write')} />
          if (page.total === 0) return <Empty icon="search" title={`No provider has “${query.search}” in its name`} />
          return (
            <>
              <ul class="cards">
                {page.data.map((it) => (
                  <li key={it.id}>
                    <ProviderCard
                      provider={it}
                      kind={kindTitle(kinds, it.config.name)}
                      health={health.value && healthOf(health.value.get(it.id))}
                    />
                  </li>
                ))}
              </ul>
              <Pagination page={page.page} pageSize={page.page_size} total={page.total} />
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

export default requireScope('providers:read', 'Providers', Providers)

function ProviderCard(props: {
  provider: Schema<'Provider'>
  kind: string
  health: ReturnType<typeof healthOf> | undefined
}) {
  const { provider, health } = props
  return (
    <article class="card provider-card">
      <header>
        <h2>
          <Name text={provider.name} href={`/providers/${provider.id}`} />
        </h2>
        {health && <Badge tone={health.tone}>{health.label}</Badge>}
      </header>
      <p class="muted">
        {props.kind}
        {provider.config.base_url && (
          <>
            {' · '}
            <span class="url">{provider.config.base_url}</span>
          </>
        )}
      </p>
      <ModelCount provider={provider.id} />
      {health?.detail && <p class="muted">{health.detail}</p>}
    </article>
  )
}

/** How many models a provider lists, which the card learns after the page is there. */
function ModelCount(props: { provider: string }) {
  const models = useModels(props.provider)
  if (models.unknown !== undefined) return <p class="model-error">Models unknown: {models.unknown}</p>
  if (!models.value || models.value.state === 'loading') return <p class="muted">Loading the models</p>
  return <p>{plural(models.value.data.length, 'model')}</p>
}

function NoProviders(props: { mayAdd: boolean }) {
  const { route } = useLocation()
  const simulate = useAction(async () => {
    await addSimulatedProvider()
    route('/providers/simulated')
  })
  return (
    <Empty icon="server" title="No providers yet">
      {props.mayAdd ? (
        <>
          <p>
            Add the API that serves your models. To look around first, add the simulated provider: it answers without a
            model and without a key.
          </p>
          <div class="actions">
            <ButtonLink href="/providers/new" kind="primary" icon="plus">
              Add provider
            </ButtonLink>
            <Button isBusy={simulate.isRunning} onClick={() => simulate.run()}>
              Add the simulated provider
            </Button>
          </div>
          {simulate.failure !== undefined && <Failure failure={simulate.failure} />}
        </>
      ) : (
        <p>
          A user with the scope <code>providers:write</code> can add one.
        </p>
      )}
    </Empty>
  )
}
