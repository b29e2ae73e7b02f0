import { api, unwrap } from '../api/client'
import { fieldError, SelectField } from '../components/fields'
import { filterOptions, Filters, SettledField, TimeField } from '../components/Filters'
import { Icon } from '../components/Icon'
import { Empty, Loaded } from '../components/states'
import { Button, ButtonLink, Notice, Page } from '../components/ui'
import { capitalized, exactTime, plural } from '../format'
import { useListing } from '../hooks'
import { useScopes } from '../session'
import { useUrlFilters, useUrlValues } from '../url'
import { CallTable } from './calls/CallTable'
import { type Call, FAILURES, sessionPath } from './calls/data'
import { FilterChips } from './calls/FilterChips'

const PAGE_SIZE = 25
const STATUSES: Record<Call['status'], string> = { ok: 'Answered', failed: 'Failed', cancelled: 'Cancelled' }
const MORE = ['session', 'end_user', 'request_id', 'dialect', 'operation'] as const
/** Filters by ids, which links set. */
const IDS = ['key', 'owner', 'agent', 'route'] as const
const FILTERS = ['status', 'outcome', 'provider', 'model', 'from', 'to', ...MORE, ...IDS] as const
type FilterName = (typeof FILTERS)[number]

/** The records of model calls, the newest first. */
export default function Calls() {
  const may = useScopes()
  const [filters, setFilters] = useUrlFilters()
  const tags = useUrlValues('tag')
  const query = {
    ...(Object.fromEntries(FILTERS.map((it) => [it, filters[it]])) as Partial<Record<FilterName, string>>),
    status: filters.status as Call['status'] | undefined,
    tag: tags,
    after: filters.after,
    limit: PAGE_SIZE,
  }
  const calls = useListing(`calls ${JSON.stringify(query)}`, (signal) => unwrap(api.GET('/api/calls', { params: { query }, signal })))
  const error = (name: string) => fieldError(calls.failure, name)
  const isInvalid = [...FILTERS, 'tag'].some(error)
  const isFiltered = FILTERS.some((it) => filters[it]) || tags.length > 0
  // Another filter begins with the newest calls.
  const change = (changes: Record<string, string | string[] | undefined>) => setFilters({ ...changes, after: undefined })
  const filter = (name: FilterName) => ({
    value: filters[name] ?? '',
    error: error(name),
    onInput: (value: string) => change({ [name]: value }),
  })
  const outcomes = Object.fromEntries(Object.entries(FAILURES).map(([name, { label }]) => [name, label]))
  const { outcome } = filters
  return (
    <Page
      title="Calls"
      lead={
        may('calls:read')
          ? 'Every model call: who made it, where it went, how it ended, its tokens and times. Requests and responses are not recorded.'
          : 'The model calls that you and your keys made. Requests and responses are not recorded.'
      }
      actions={
        <Button icon="refresh" onClick={calls.reload} isBusy={calls.isLoading && calls.value !== undefined}>
          Refresh
        </Button>
      }
    >
      <Filters
        isFiltered={isFiltered}
        onClear={() => change(Object.fromEntries([...FILTERS, 'tag'].map((it) => [it, undefined])))}
        hasMore={MORE.some((it) => filters[it]) || tags.length > 0}
        more={
          <>
            <SettledField label="Session" {...filter('session')} />
            <SettledField
              label="Tag, as name=value"
              value={tags[0] ?? ''}
              error={error('tag')}
              onInput={(tag) => change({ tag: [tag, ...tags.slice(1)] })}
            />
            <SettledField label="End user" {...filter('end_user')} />
            <SettledField label="Request, by its id" {...filter('request_id')} />
            <SettledField label="API, such as openai" {...filter('dialect')} />
            <SettledField label="Operation, such as chat" {...filter('operation')} />
          </>
        }
      >
        <SelectField label="Result" options={filterOptions(STATUSES, 'Every result')} {...filter('status')} />
        <SelectField
          label="Cause of failure"
          options={filterOptions({ ...outcomes, ...(outcome && !outcomes[outcome] && { [outcome]: outcome }) }, 'Every cause')}
          {...filter('outcome')}
        />
        <SettledField label="Provider" {...filter('provider')} />
        <SettledField label="Model" {...filter('model')} />
        <TimeField label="Since" {...filter('from')} />
        <TimeField label="Before" {...filter('to')} />
      </Filters>
      <FilterChips
        chips={[
          ...IDS.filter((it) => filters[it]).map((it) => ({
            id: it,
            text: `${capitalized(it)}: ${nameOf(it, filters[it]!, calls.value?.data ?? [])}`,
            error: error(it),
            onRemove: () => change({ [it]: undefined }),
          })),
          ...tags.slice(1).map((tag, at) => ({
            id: `tag ${at}`,
            text: `Tag: ${tag}`,
            onRemove: () => change({ tag: tags.filter((_, index) => index !== at + 1) }),
          })),
        ]}
      />
      {isInvalid ? (
        <Notice tone="bad" role="alert" title="A filter is not valid" />
      ) : (
        <Loaded query={calls}>
          {({ data, next }) =>
            data.length === 0 ? (
              <Empty icon="activity" title={isFiltered ? 'No call matches every filter' : 'No calls yet'}>
                {isFiltered ? (
                  <p>Filters match whole names and ids. A call is listed within a second of its end.</p>
                ) : (
                  may('invoke') && <ButtonLink href="/connect">Connect a program</ButtonLink>
                )}
              </Empty>
            ) : (
              <>
                {filters.session && (
                  <p>
                    <a href={sessionPath(filters.session)}>Figures of this session</a>
                  </p>
                )}
                <CallTable label="Calls" calls={data} />
                {(filters.after || next) && (
                  <nav class="pagination" aria-label="Pages">
                    <span role="status">
                      {plural(data.length, 'call')}, from {exactTime(data[0]!.started_at)} back to {exactTime(data.at(-1)!.started_at)}
                    </span>
                    <Button disabled={!filters.after} onClick={() => setFilters({ after: undefined }, true)}>
                      Newest calls
                    </Button>
                    <Button disabled={!next} onClick={() => setFilters({ after: next ?? undefined }, true)}>
                      Older calls <Icon name="chevron-right" />
                    </Button>
                  </nav>
                )}
              </>
            )
          }
        </Loaded>
      )}
    </Page>
  )
}

/** The name of what an id denotes, if one of the calls has it. */
function nameOf(filter: (typeof IDS)[number], id: string, calls: Call[]): string {
  switch (filter) {
    case 'key':
      return calls.find((it) => it.caller.id === id)?.caller.name ?? id
    case 'agent':
      return calls.find((it) => it.agent?.id === id)?.agent?.name ?? id
    case 'route':
      return calls.find((it) => it.route?.id === id)?.route?.name ?? id
    case 'owner':
      return id
  }
}
