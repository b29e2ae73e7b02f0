import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useFilterText, useMedia } from '../hooks'
import { TextField } from './fields'
import { Button } from './ui'

/**
 * The filters of a list, which a narrow page folds.
 *
 * @param isFiltered whether one of them has a value
 * @param more filters that are used less, behind "More filters"
 * @param hasMore whether one of those has a value
 */
export function Filters(props: {
  isFiltered: boolean
  onClear: () => void
  more?: ComponentChildren
  hasMore?: boolean
  children: ComponentChildren
}) {
  const isNarrow = useMedia('(width < 40rem)')
  const fields = (
    <div class="stack" role="search" aria-label="Filters">
      <div class="filters">
        {props.children}
        {props.isFiltered && (
          <Button kind="quiet" icon="x" onClick={props.onClear}>
            Clear the filters
          </Button>
        )}
      </div>
      {props.more && (
        <Folded summary="More filters" isOpen={Boolean(props.hasMore)}>
          <div class="filters">{props.more}</div>
        </Folded>
      )}
    </div>
  )
  return isNarrow ? (
    <Folded summary="Filters" isOpen={props.isFiltered}>
      {fields}
    </Folded>
  ) : (
    fields
  )
}

/** Content that opens by itself once something in it is in use. */
function Folded(props: { summary: string; isOpen: boolean; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(props.isOpen)
  useEffect(() => {
    if (props.isOpen) setOpen(true)
  }, [props.isOpen])
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{props.summary}</summary>
      {props.children}
    </details>
  )
}

/** The choices of a filter, and that of all. */
export function filterOptions(labels: Record<string, string>, all: string): { value: string; label: string }[] {
  return [{ value: '', label: all }, ...Object.entries(labels).map(([value, label]) => ({ value, label }))]
}

interface FilterProps {
  label: string
  value: string
  error?: string
  onInput: (value: string) => void
}

/** A text filter, applied once the text has not changed for a while. */
export function SettledField(props: FilterProps & { type?: 'datetime-local' }) {
  const [text, setText] = useFilterText(props.value, props.onInput, 400)
  return <TextField label={props.label} type={props.type} value={text} onInput={setText} error={props.error} />
}

/** A time, in the zone of the browser; in the URL it is in UTC, so that it is the same for everyone. */
export function TimeField(props: FilterProps) {
  return (
    <SettledField
      {...props}
      type="datetime-local"
      value={toLocal(props.value)}
      onInput={(local) => props.onInput(local && new Date(local).toISOString())}
    />
  )
}

function toLocal(instant: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
