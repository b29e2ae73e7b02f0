import { useState } from 'preact/hooks'
import { api, unwrap } from '../api/client'
import { Pagination } from '../components/DataTable'
import { fieldError, SelectField } from '../components/fields'
import { filterOptions, Filters, SettledField, TimeField } from '../components/Filters'
import { Empty, Loaded, requireScope } from '../components/states'
import { Button, Notice, Page } from '../components/ui'
import { useListing } from '../hooks'
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
      <Filters isFiltered={isFiltered} onClear={() => setFilters(Object.fromEntries([...FILTERS, 'page'].map((it) => [it, undefined])))}>
        <SelectField label="Action" options={filterOptions(ACTIONS, 'Every action')} {...filter('action')} />
        <SelectField label="Kind" options={filterOptions(KINDS, 'Every kind')} {...filter('kind')} />
        <SettledField label="Resource, by its id" {...filter('resource')} />
        <SettledField label="Caller, by its id" {...filter('caller')} />
        <TimeField label="Since" {...filter('from')} />
        <TimeField label="Before" {...filter('to')} />
      </Filters>
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
