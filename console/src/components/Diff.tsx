import '../styles/diff.css'
import { type DiffLine, diffLines } from './diffLines'

/** Lines around a change that are shown with it. */
const CONTEXT = 3

/**
 * What differs between two texts, line by line.
 *
 * @param label names the comparison for screen readers
 */
export function Diff(props: { before: string; after: string; label: string }) {
  const lines = diffLines(props.before.split('\n'), props.after.split('\n'))
  if (lines.every((it) => it.change === 'same')) return <p class="muted">There is no difference.</p>
  const near = nearChanges(lines)
  const rows = []
  for (let at = 0; at < lines.length; at++) {
    if (near[at]) {
      rows.push(<Line key={at} line={lines[at]!} />)
      continue
    }
    const from = at
    while (at + 1 < lines.length && !near[at + 1]) at++
    const hidden = at - from + 1
    rows.push(
      <div class="line skipped" key={from}>
        {hidden === 1 ? '1 line without a change' : `${hidden} lines without a change`}
      </div>,
    )
  }
  return (
    <div class="diff" role="region" aria-label={props.label} tabIndex={0}>
      {rows}
    </div>
  )
}

const SIGNS = { same: ' ', removed: '−', added: '+' }

function Line({ line }: { line: DiffLine }) {
  return (
    <div class={`line ${line.change}`}>
      <span aria-hidden="true">{SIGNS[line.change]}</span>
      <code>
        {line.change !== 'same' && <span class="visually-hidden">{line.change}: </span>}
        {line.text}
      </code>
    </div>
  )
}

function nearChanges(lines: DiffLine[]): boolean[] {
  const near = lines.map(() => false)
  lines.forEach((line, at) => {
    if (line.change !== 'same') near.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1)
  })
  return near
}
