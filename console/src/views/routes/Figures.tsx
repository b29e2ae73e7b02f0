import { api, type Schema, unwrap } from '../../api/client'
import { DataTable } from '../../components/DataTable'
import { SelectField } from '../../components/fields'
import { Empty, Forbidden, Loaded } from '../../components/states'
import { Button, Name, Notice } from '../../components/ui'
import { count, milliseconds, percent } from '../../format'
import { useQuery } from '../../hooks'
import { useScopes } from '../../session'
import { useUrlFilters } from '../../url'
import { callsOf, FAILURES, inputTokens } from '../calls/data'

/** Of fewer calls, a percentile is that of a few. */
const FEW_CALLS = 30

const PERIODS = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last day' },
] as const

interface Row {
  target?: string
  totals: Schema<'RouteTotals'>
}

/** The calls of a route and of each of its targets, side by side. */
export function Figures({ route }: { route: { id: string } }) {
  return useScopes()('calls:read') ? <AllFigures id={route.id} /> : <Forbidden scope="calls:read" />
}

function AllFigures({ id }: { id: string }) {
  const [filters, setFilters] = useUrlFilters()
  const period = filters.period === 'day' ? 'day' : 'hour'
  const figures = useQuery(`figures ${id}`, (signal) =>
    unwrap(api.GET('/api/routes/{id}/stats', { params: { path: { id } }, signal })),
  )
  return (
    <div class="stack">
      <div class="filters">
        <SelectField
          label="Calls of the"
          isRequired
          value={period}
          options={[...PERIODS]}
          onInput={(it) => setFilters({ period: it === 'day' ? it : undefined })}
        />
        <Button icon="refresh" onClick={figures.reload}>
          Refresh
        </Button>
      </div>
      <Loaded query={figures}>{(it) => <Period route={id} period={it[period]} />}</Loaded>
    </div>
  )
}

function Period(props: { route: string; period: Schema<'RoutePeriod'> }) {
  const { all, targets } = props.period
  if (all.calls === 0) return <Empty icon="activity" title="No calls in this time" />
  const rows: Row[] = [...targets, { totals: all }]
  const hasFew = targets.some((it) => it.totals.calls < FEW_CALLS)
  return (
    <>
      <DataTable<Row>
        label="Figures"
        rows={rows}
        rowKey={(it) => it.target ?? ''}
        columns={[
          { title: 'Target', cell: (it) => (it.target ? <code><Name text={it.target} /></code> : <a href={callsOf({ route: props.route })}>All calls</a>) },
          {
            title: 'Calls',
            isNumeric: true,
            cell: ({ target, totals }) => `${count(totals.calls)}${target ? ` (${percent(totals.calls, all.calls)})` : ''}`,
          },
          { title: 'Failed', isNumeric: true, cell: ({ totals }) => <Failed totals={totals} /> },
          { title: 'Moved on', isNumeric: true, cell: ({ totals }) => count(totals.moved) },
          { title: 'Broken off', isNumeric: true, cell: ({ totals }) => count(totals.ended_in_error) },
          { title: 'First content', isNumeric: true, cell: ({ totals }) => <Times times={totals.first_content} /> },
          { title: 'Duration', isNumeric: true, cell: ({ totals }) => <Times times={totals.duration} /> },
          { title: 'Input tokens', isNumeric: true, cell: ({ totals }) => <Input tokens={totals.tokens} /> },
          { title: 'Output tokens', isNumeric: true, cell: ({ totals }) => numberOf(totals.tokens.output) },
        ]}
      />
      {hasFew && (
        <Notice tone="neutral" title={`A target has fewer than ${FEW_CALLS} calls`}>
          <p>Its percentages and times say little yet.</p>
        </Notice>
      )}
      <p class="muted">
        A call counts at each target that it tried. “Moved on” are calls that another target answered, “Broken off” those that ended
        with an error event after their first content. Times are the median and, below it, what 95 of 100 calls did not exceed.
      </p>
    </>
  )
}

function Failed({ totals }: { totals: Schema<'RouteTotals'> }) {
  const errors = Object.entries(totals.errors).sort(([, a], [, b]) => b - a)
  return (
    <>
      {percent(totals.failed, totals.calls)}
      {errors.map(([outcome, number]) => (
        <span class="detail" key={outcome}>
          {FAILURES[outcome]?.label ?? outcome} {count(number)}
        </span>
      ))}
    </>
  )
}

function Times({ times }: { times: Schema<'CallLatency'> }) {
  if (times.p50_us == null || times.p95_us == null) return <span class="muted">—</span>
  return (
    <>
      {milliseconds(times.p50_us / 1000)}
      <span class="detail">{milliseconds(times.p95_us / 1000)}</span>
    </>
  )
}

function Input({ tokens }: { tokens: Record<string, number> }) {
  const input = inputTokens(tokens)
  return (
    <>
      {numberOf(input)}
      {input !== undefined && tokens.cached_input ? <span class="detail">{percent(tokens.cached_input, input)} from a cache</span> : null}
    </>
  )
}

function numberOf(tokens: number | undefined): string {
  return tokens === undefined ? '—' : count(tokens)
}
