import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { api, unwrap } from '../api/client'
import { Pagination } from '../components/DataTable'
import { fieldError, SelectField, TextField } from '../components/fields'
import { Empty, Loaded, requireScope } from '../components/states'
import { Button, Notice, Page } from '../components/ui'
import { useFilterText, useListing, useMedia } from '../hooks'
import { useUrlFilters } from '../url'
import { type Action, ACTIONS, type Kind, KINDS } from './audit/actions'
import { EventTable } from './audit/EventTable'
import { VerifyDialog } from './audit/VerifyDialog'

const PAGE_SIZE = 25
const FILTERS = ['action', 'kind', 'resource', 'caller', 'from', 'to'] as const

/** The audit trail, the newest event first. */
function Audit() {
  const [filters, setFilters] = useUrlFilters()
  const [isVerifying, setVerifying] = useState(false)
  const query = {
    page: Number(filters.page) || 1,
    page_size: PAGE_SIZE,
    action: filters.action as Action | undefined,
    kind: filters.kind as Kind | undefined,
    resource: filters.resource,
    caller: filters.caller,
    from: filters.from,
    to: filters.to,
  }
  const events = useListing(`audit ${JSON.stringify(query)}`, (signal) =>
    unwrap(api.GET('/api/audit', { params: { query }, signal })),
  )
  const isInvalid = FILTERS.some((it) => fieldError(events.failure, it))
  const isFiltered = FILTERS.some((it) => filters[it])
  const filter = (name: (typeof FILTERS)[number]) => ({
    value: filters[name] ?? '',
    error: fieldError(events.failure, name),
    onInput: (value: string) => setFilters({ [name]: value, page: undefined }),
  })
  return (
    <Page
      title="Audit"
      lead="Every change and every sign-in: who, when, from where, and what was different afterwards."
      actions={
        <Button icon="check" onClick={() => setVerifying(true)}>
          Verify
        </Button>
      }
    >
      <Folded isOpen={isFiltered}>
        <div class="filters" role="search" aria-label="Filters">
          <SelectField label="Action" options={options(ACTIONS, 'Every action')} {...filter('action')} />
          <SelectField label="Kind" options={options(KINDS, 'Every kind')} {...filter('kind')} />
          <SettledField label="Resource, by its id" {...filter('resource')} />
          <SettledField label="Caller, by its id" {...filter('caller')} />
          <TimeField label="Since" {...filter('from')} />
          <TimeField label="Before" {...filter('to')} />
          {isFiltered && (
            <Button kind="quiet" icon="x" onClick={() => setFilters(Object.fromEntries([...FILTERS, 'page'].map((it) => [it, undefined])))}>
              Clear the filters
            </Button>
          )}
        </div>
      </Folded>
      {isInvalid ? (
        <Notice tone="bad" role="alert" title="A filter is not valid" />
      ) : (
        <Loaded query={events}>
          {(page) =>
            page.total === 0 ? (
              <Empty icon="history" title={isFiltered ? 'No event matches every filter' : 'Nothing was changed yet'}>
                {(filters.resource || filters.caller) && (
                  <p>
                    Resources and callers are found by their ids, not by their names. Open an event to copy an id, or
                    press a name in the list.
                  </p>
                )}
              </Empty>
            ) : (
              <>
                <EventTable label="Audit events" events={page.data} />
                <Pagination page={page.page} pageSize={page.page_size} total={page.total} />
              </>
            )
          }
        </Loaded>
      )}
      {isVerifying && <VerifyDialog onClose={() => setVerifying(false)} />}
    </Page>
  )
}

export default requireScope('audit:read', 'Audit', Audit)

/** Content that a narrow page folds behind "Filters". */
function Folded(props: { isOpen: boolean; children: ComponentChildren }) {
  const isNarrow = useMedia('(width < 40rem)')
  const [isOpen, setOpen] = useState(props.isOpen)
  useEffect(() => {
    if (props.isOpen) setOpen(true)
  }, [props.isOpen])
  if (!isNarrow) return <>{props.children}</>
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Filters</summary>
      {props.children}
    </details>
  )
}

function options(labels: Record<string, string>, all: string): { value: string; label: string }[] {
  return [{ value: '', label: all }, ...Object.entries(labels).map(([value, label]) => ({ value, label }))]
}

interface FilterProps {
  label: string
  value: string
  error?: string
  onInput: (value: string) => void
}

/** A text filter, applied once the text has not changed for a while. */
function SettledField(props: FilterProps & { type?: 'datetime-local' }) {
  const [text, setText] = useFilterText(props.value, props.onInput, 400)
  return <TextField label={props.label} type={props.type} value={text} onInput={setText} error={props.error} />
}

/** A time, in the zone of the browser; in the URL it is in UTC, so that it is the same for everyone. */
function TimeField(props: FilterProps) {
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
