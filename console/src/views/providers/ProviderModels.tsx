import { DataTable, Pagination, SearchBox } from '../../components/DataTable'
import { Empty, Loaded } from '../../components/states'
import { Badge, Button, Notice, Time } from '../../components/ui'
import type { Schema } from '../../api/client'
import { count } from '../../format'
import { useScopes } from '../../session'
import { useUrlFilters } from '../../url'
import { newAgentPath, useModels } from './data'

const PAGE_SIZE = 50

const STATES: Record<Schema<'ModelList'>['state'], { label: string; tone: 'good' | 'warn' | 'bad' | 'neutral' }> = {
  fresh: { label: 'Up to date', tone: 'good' },
  stale: { label: 'Refreshing', tone: 'warn' },
  loading: { label: 'Loading', tone: 'neutral' },
  failed: { label: 'Not up to date', tone: 'bad' },
}

/** The models that a provider lists, from the cache of the service. */
export function ProviderModels(props: { id: string; name: string }) {
  const models = useModels(props.id)
  const may = useScopes()
  const [{ search = '', page: pageText }] = useUrlFilters()
  return (
    <Loaded query={models}>
      {(list) => {
        if (!list) return null
        const found = list.data.filter((it) => matches(it, search))
        const page = Math.min(Number(pageText) || 1, Math.max(1, Math.ceil(found.length / PAGE_SIZE)))
        return (
          <div class="stack">
            <div class="row">
              <SearchBox label="Search the models" />
              <span role="status">
                <Badge tone={STATES[list.state].tone}>{STATES[list.state].label}</Badge>{' '}
                {list.fetched_at && (
                  <span class="muted">
                    fetched <Time at={list.fetched_at} />
                  </span>
                )}
              </span>
            </div>
            {(models.unknown ?? list.error) && (
              <Notice tone="bad" title="The provider did not list its models">
                <p>{list.error ?? (list.state === 'failed' ? 'The list failed.' : 'It does not answer.')}</p>
                <Button icon="refresh" isBusy={models.isLoading} onClick={models.reload}>
                  Try again
                </Button>
              </Notice>
            )}
            {list.data.length === 0 && models.unknown === undefined && (
              <Empty icon="server" title={list.state === 'fresh' ? 'The provider lists no models' : 'Loading the models'} />
            )}
            {list.data.length > 0 && found.length === 0 && <Empty icon="search" title={`No model has “${search}” in its name`} />}
            {found.length > 0 && (
              <p class="muted">
                The context is the most tokens of a request, as the provider counts. A model accepts and answers with kinds
                of content, such as text and image. A dash means that the provider does not say.
              </p>
            )}
            {found.length > 0 && (
              <DataTable
                label="Models"
                rowKey={(it) => it.id}
                rows={found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)}
                columns={[
                  {
                    title: 'Model',
                    cell: (it) => (
                      <>
                        <code>{it.id}</code>
                        {it.display_name && it.display_name !== it.id && <div class="muted">{it.display_name}</div>}
                      </>
                    ),
                  },
                  {
                    title: 'Context (tokens)',
                    isNumeric: true,
                    cell: (it) => (it.context_length == null ? '—' : count(it.context_length)),
                  },
                  {
                    title: 'Maximum output (tokens)',
                    isNumeric: true,
                    cell: (it) => (it.max_output_tokens == null ? '—' : count(it.max_output_tokens)),
                  },
                  {
                    title: 'Accepts',
                    cell: (it) => it.input_modalities?.join(', ') ?? '—',
                  },
                  {
                    title: 'Answers with',
                    cell: (it) => it.output_modalities?.join(', ') ?? '—',
                  },
                  ...(may('invoke') || may('agents:write')
                    ? [
                        {
                          title: '',
                          cell: (it: Schema<'Model'>) => (
                            <div class="actions">
                              {may('invoke') && (
                                <a
                                  href={`/playground?model=${encodeURIComponent(`${props.name}/${it.id}`)}`}
                                  aria-label={`Try ${it.id}`}
                                >
                                  Try
                                </a>
                              )}
                              {may('agents:write') && (
                                <a href={newAgentPath(props.name, it.id)} aria-label={`Add agent with ${it.id}`}>
                                  Add agent
                                </a>
                              )}
                            </div>
                          ),
                        },
                      ]
                    : []),
                ]}
              />
            )}
            {found.length > 0 && <Pagination page={page} pageSize={PAGE_SIZE} total={found.length} />}
          </div>
        )
      }}
    </Loaded>
  )
}

function matches(model: Schema<'Model'>, search: string): boolean {
  const text = search.toLowerCase()
  return model.id.toLowerCase().includes(text) || (model.display_name ?? '').toLowerCase().includes(text)
}
