import { useEffect, useRef, useState } from 'preact/hooks'
import 'uplot/dist/uPlot.min.css'
import uPlot from 'uplot'
import { axisTimes, clockTime } from '../format'
import '../styles/chart.css'

/** One line of a chart. */
export interface Series {
  label: string
  /** A token of the theme, such as `--accent`. */
  color: string
  values: (number | null)[]
  format: (value: number) => string
}

/**
 * Lines over time, and the same figures as a table, which screen readers and keyboards use.
 *
 * @param times the time of each value, in milliseconds since 1970
 */
export function Chart(props: { label: string; times: number[]; series: Series[]; height?: number }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const theme = useTheme()
  const height = props.height ?? 180

  useEffect(() => {
    const element = box.current!
    const style = getComputedStyle(element)
    const color = (token: string) => resolveColor(element, token)
    const axis: uPlot.Axis = {
      stroke: color('--muted'),
      grid: { stroke: color('--border'), width: 1 },
      ticks: { show: false },
      font: `12px ${style.fontFamily}`,
    }
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 20, 0, 0],
        legend: { show: false },
        cursor: { y: false },
        scales: { y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(1, (max ?? 0) * 1.1)] } },
        axes: [
          { ...axis, values: (_, ticks, _axis, _space, step) => axisTimes(ticks.map((it) => it * 1000), step) },
          { ...axis, size: 64, values: (_, ticks) => ticks.map((it) => props.series[0]!.format(it)) },
        ],
        series: [
          {},
          ...props.series.map((it) => ({
            label: it.label,
            stroke: color(it.color),
            width: 2,
            points: { show: true, size: 6, fill: color(it.color), filter: isolated },
            spanGaps: false,
          })),
        ],
      },
      data(props.times, props.series),
      element,
    )
    plot.current = chart
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
    // New values do not build the chart again.
  }, [theme, height, props.series.map((it) => it.label).join()])

  useEffect(() => plot.current?.setData(data(props.times, props.series)), [props.times, props.series])

  return (
    <figure class="chart">
      <figcaption>
        {props.label}
        <span class="legend">
          {props.series.map((it) => (
            <span key={it.label}>
              <svg width="14" height="4" aria-hidden="true">
                <rect width="14" height="4" rx="2" class={`swatch${it.color}`} />
              </svg>
              {it.label}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={box} aria-hidden="true" />
      <details>
        <summary>Show as a table</summary>
        <div class="table-scroll chart-table" tabIndex={0} role="region" aria-label={`${props.label}, as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {props.series.map((it) => (
                  <th scope="col" class="numeric" key={it.label}>
                    {it.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {props.times.map((time, i) => (
                <tr key={time}>
                  <th scope="row">{clockTime(time)}</th>
                  {props.series.map((it) => (
                    <td class="numeric" data-title={it.label} key={it.label}>
                      {it.values[i] == null ? '—' : it.format(it.values[i])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

/** The values without a neighbour, which no line shows. */
function isolated(plot: uPlot, series: number): number[] {
  const values = plot.data[series]!
  return [...values.keys()].filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null)
}

function data(times: number[], series: Series[]): uPlot.AlignedData {
  return [times.map((it) => it / 1000), ...series.map((it) => it.values)]
}

/** The canvas does not understand `light-dark()`: the browser resolves it for an element. */
function resolveColor(element: HTMLElement, token: string): string {
  const before = element.style.color
  element.style.color = `var(${token})`
  const color = getComputedStyle(element).color
  element.style.color = before
  return color
}

/** Changes whenever the page changes between light and dark. */
function useTheme(): string {
  const read = () => getComputedStyle(document.documentElement).getPropertyValue('color-scheme') + matchMedia('(prefers-color-scheme: dark)').matches
  const [theme, setTheme] = useState(read)
  useEffect(() => {
    const update = () => setTheme(read())
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', update)
    const observer = new MutationObserver(update)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      system.removeEventListener('change', update)
      observer.disconnect()
    }
  }, [])
  return theme
}
