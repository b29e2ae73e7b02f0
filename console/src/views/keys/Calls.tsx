import { api, type Schema, unwrap } from '../../api/client'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/states'
import { Name, Time } from '../../components/ui'
import { milliseconds, tokenCounts } from '../../format'
import { useQuery, useReloadWith } from '../../hooks'
import { CallResult } from '../calls/CallTable'

type Call = Schema<'RecentCall'>

/**
 * The last calls of a key, or of the caller and the keys of the caller. They arrive while the page is open.
 *
 * @param changes counts what affects the calls, such as a revocation
 */
export function CallsOf(props: { keyId?: string; changes?: number }) {
  const calls = useQuery(
    `calls ${props.keyId ?? ''}`,
    (signal) => unwrap(api.GET('/api/me/calls', { params: { query: { key: props.keyId } }, signal })),
    10_000,
  )
  useReloadWith(props.changes ?? 0, calls.reload)
  return (
    <Loaded query={calls} lines={2}>
      {(list) =>
        list.data.length === 0 ? (
          <p class="muted">No calls in the last hour.</p>
        ) : (
          <DataTable
            label="Recent calls"
            columns={props.keyId ? COLUMNS.filter((it) => it.title !== 'Caller') : COLUMNS}
            rows={list.data}
            rowKey={(it) => `${it.at} ${it.caller_id} ${it.model} ${it.latency_ms}`}
          />
        )
      }
    </Loaded>
  )
}

const COLUMNS = [
  { title: 'Ended', cell: (it: Call) => <Time at={it.at} /> },
  { title: 'Caller', cell: (it: Call) => <Name text={it.caller_name} /> },
  {
    title: 'Called',
    cell: (it: Call) => (
      <>
        {it.agent && (
          <>
            <Name text={it.agent} />:{' '}
          </>
        )}
        <Name text={`${it.provider}/${it.model}`} />
      </>
    ),
  },
  { title: 'Result', cell: (it: Call) => <CallResult status={it.status} outcome={it.failure} /> },
  { title: 'Tokens', isNumeric: true, cell: (it: Call) => tokens(it) },
  { title: 'Time', isNumeric: true, cell: (it: Call) => milliseconds(it.latency_ms) },
]

function tokens(call: Call): string {
  if (call.input_tokens == null && call.output_tokens == null) return '—'
  return tokenCounts(call.input_tokens, call.output_tokens)
}
