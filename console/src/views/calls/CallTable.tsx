import { type Column, DataTable } from '../../components/DataTable'
import { Badge, Name } from '../../components/ui'
import { count, exactTime, milliseconds } from '../../format'
import '../../styles/calls.css'
import { type Call, callPath, callsOf, inputTokens } from './data'

/** How a call ended. */
export function CallResult(props: { status: Call['status']; outcome?: string | null }) {
  switch (props.status) {
    case 'ok':
      return <Badge tone="good">Answered</Badge>
    case 'cancelled':
      return <Badge>Cancelled</Badge>
    case 'failed':
      return <Badge tone="bad">{props.outcome ? `Failed: ${props.outcome.replaceAll('_', ' ')}` : 'Failed'}</Badge>
  }
}

/** Calls, of which the times lead to their pages, and the names to all calls with the same key, agent or route. */
export function CallTable(props: { label: string; calls: Call[] }) {
  return (
    <div class="calls">
      <DataTable label={props.label} columns={COLUMNS} rows={props.calls} rowKey={(it) => it.id} />
    </div>
  )
}

const COLUMNS: Column<Call>[] = [
  {
    title: 'Started',
    cell: (it) => (
      <a href={callPath(it.id)}>
        <time dateTime={it.started_at}>{exactTime(it.started_at)}</time>
      </a>
    ),
  },
  { title: 'Result', cell: (it) => <CallResult status={it.status} outcome={it.outcome} /> },
  { title: 'Caller', cell: (it) => <Name text={it.caller.name} href={it.caller.kind === 'key' ? callsOf({ key: it.caller.id }) : undefined} /> },
  { title: 'Called', cell: (it) => <Called call={it} /> },
  { title: 'Tokens', isNumeric: true, cell: (it) => <TokenCounts call={it} /> },
  {
    title: 'First content',
    isNumeric: true,
    cell: (it) => (it.first_content_us == null ? <span class="muted">—</span> : milliseconds(it.first_content_us / 1000)),
  },
  { title: 'Total', isNumeric: true, cell: (it) => milliseconds(it.duration_us / 1000) },
]

/** The agent and the route of a call, and the model that it came to. */
function Called({ call }: { call: Call }) {
  const model = `${call.provider}/${call.model}`
  if (!call.agent && !call.route) return <Name text={model} />
  return (
    <div class="lines">
      {call.route && <Name text={call.route.name} href={callsOf({ route: call.route.id })} />}
      {call.agent && <Name text={call.agent.name} href={callsOf({ agent: call.agent.id })} />}
      <span class="muted">
        <Name text={model} />
      </span>
    </div>
  )
}

function TokenCounts({ call }: { call: Call }) {
  const { tokens } = call
  const input = inputTokens(tokens)
  if (input === undefined && tokens.output == null) return <span class="muted">—</span>
  return (
    <>
      {input !== undefined && <div>{count(input)} in</div>}
      {tokens.output != null && <div>{count(tokens.output)} out</div>}
      {tokens.source === 'estimated' && <div class="muted">estimated</div>}
    </>
  )
}
