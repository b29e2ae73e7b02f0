import { useMemo } from 'preact/hooks'
import type { Schema } from '../../api/client'
import { Chart } from '../../components/Chart'
import { count, milliseconds } from '../../format'

/** The calls of the last hour as charts. */
export default function Calls(props: { calls: Schema<'CallStatistics'> }) {
  const { minutes } = props.calls
  const { times, volume, latency } = useMemo(
    () => ({
      times: minutes.map((it) => Date.parse(it.at)),
      volume: [
        { label: 'Calls', color: '--accent', values: minutes.map((it) => it.calls), format: count },
        { label: 'Failed', color: '--bad', values: minutes.map((it) => it.failed), format: count },
      ],
      latency: [
        { label: 'Median', color: '--accent', values: minutes.map((it) => it.p50_ms ?? null), format: milliseconds },
        { label: '95 % within', color: '--warn', values: minutes.map((it) => it.p95_ms ?? null), format: milliseconds },
      ],
    }),
    [minutes],
  )
  if (props.calls.calls === 0) return <p class="muted">No calls in the last hour through the replica that answers.</p>
  return (
    <>
      <div class="columns">
        <section class="card" aria-label="Calls">
          <Chart label="Calls per minute" times={times} series={volume} />
        </section>
        <section class="card" aria-label="Latency">
          <Chart label="Latency of successful calls" times={times} series={latency} />
        </section>
      </div>
      <p class="muted">The last hour, of the replica that answers. A restart begins at zero.</p>
    </>
  )
}
