import { useState } from 'preact/hooks'
import { api, type Schema, unwrap, unwrapVersioned, type Versioned } from '../../api/client'
import { DataTable, Pagination } from '../../components/DataTable'
import { Diff } from '../../components/Diff'
import { SelectField } from '../../components/fields'
import { Failure, isConflict, Loaded, notDone } from '../../components/states'
import { Badge, Button, Dialog, Name, Notice, Time } from '../../components/ui'
import { useAction, useListing, useQuery } from '../../hooks'
import { useUrlFilters } from '../../url'
import { type Agent, agentText } from './settings'

const PAGE_SIZE = 20

/** The revisions of an agent, with a comparison of two of them, which the URL names. */
export function Revisions(props: {
  agent: Versioned<Agent>
  mayWrite: boolean
  onRestored: () => void
}) {
  const { id, revision: latest } = props.agent.value
  const [filters, setFilters] = useUrlFilters()
  const [restoring, setRestoring] = useState<number>()
  const [restored, setRestored] = useState('')
  const page = Number(filters.page) || 1
  const revisions = useListing(`revisions ${id} ${latest} ${page}`, (signal) =>
    unwrap(
      api.GET('/api/agents/{id}/revisions', {
        params: { path: { id }, query: { page, page_size: PAGE_SIZE } },
        signal,
      }),
    ),
  )
  return (
    <div class="stack">
      <div class="live" role="status">{restored && <Notice tone="good" title={restored} />}</div>
      <Loaded query={revisions}>
        {({ data, total, page_size }) => (
          <>
            <DataTable
              label="Revisions"
              rows={data}
              rowKey={(it) => String(it.revision)}
              columns={[
                {
                  title: 'Revision',
                  cell: (it) => (
                    <>
                      {it.revision} {it.revision === latest && <Badge tone="good">in use</Badge>}
                    </>
                  ),
                },
                { title: 'Name', cell: (it) => <Name text={it.name} /> },
                { title: 'Model', cell: (it) => <code><Name text={String(it.config.model?.name ?? '')} /></code> },
                { title: 'Since', cell: (it) => <Time at={it.created_at} /> },
                {
                  title: '',
                  cell: (it) => (
                    <div class="actions">
                      {it.revision > 1 && (
                        <Button
                          aria-label={`Show the changes of revision ${it.revision}`}
                          onClick={() => setFilters({ from: String(it.revision - 1), to: String(it.revision) })}
                        >
                          Changes
                        </Button>
                      )}
                      {props.mayWrite && it.revision !== latest && (
                        <Button aria-label={`Restore revision ${it.revision}`} onClick={() => setRestoring(it.revision)}>
                          Restore
                        </Button>
                      )}
                    </div>
                  ),
                },
              ]}
            />
            <Pagination page={page} pageSize={page_size} total={total} />
          </>
        )}
      </Loaded>
      {latest > 1 && (
        <Comparison
          id={id}
          latest={latest}
          {...comparedRevisions(filters.from, filters.to, latest)}
          onSelect={(from, to) => setFilters({ from: String(from), to: String(to) })}
        />
      )}
      {restoring !== undefined && (
        <RestoreDialog
          agent={props.agent}
          revision={restoring}
          onRestored={(it) => {
            setRestored(
              it.revision === latest
                ? `Revision ${restoring} is the same as the revision in use.`
                : `Restored revision ${restoring} as revision ${it.revision}.`,
            )
            setRestoring(undefined)
            setFilters({ from: undefined, to: undefined, page: undefined })
            props.onRestored()
          }}
          onClose={() => setRestoring(undefined)}
        />
      )}
    </div>
  )
}

/** The two revisions to compare, the older first: those of the URL, or the newest two. */
function comparedRevisions(from: string | undefined, to: string | undefined, latest: number): { from: number; to: number } {
  const newer = Math.max(2, numberIn(to, latest) ?? latest)
  const older = numberIn(from, newer - 1) ?? newer - 1
  return { from: older, to: newer }
}

function numberIn(text: string | undefined, latest: number): number | undefined {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 && number <= latest ? number : undefined
}

function Comparison(props: {
  id: string
  latest: number
  from: number
  to: number
  onSelect: (from: number, to: number) => void
}) {
  const { id, from, to, latest } = props
  const both = useQuery(`${id} ${from} ${to}`, (signal) =>
    Promise.all([loadRevision(id, from, signal), loadRevision(id, to, signal)]),
  )
  const field = (label: string, value: number, first: number, select: (revision: number) => void) => (
    <SelectField
      label={label}
      isRequired
      value={String(value)}
      options={Array.from({ length: latest - 1 }, (_, i) => first + latest - 2 - i).map((it) => ({
        value: String(it),
        label: it === latest ? `${it}, in use` : String(it),
      }))}
      onInput={(it) => select(Number(it))}
    />
  )
  return (
    <section class="stack" aria-labelledby="comparison">
      <h2 id="comparison">Compare</h2>
      <div class="filters">
        {field('Older revision', from, 1, (it) => props.onSelect(it, Math.max(to, it + 1)))}
        {field('Newer revision', to, 2, (it) => props.onSelect(Math.min(from, it - 1), it))}
      </div>
      <Loaded query={both}>
        {([before, after]) => (
          <Diff
            before={agentText(before)}
            after={agentText(after)}
            label={`Differences from revision ${before.revision} to revision ${after.revision}`}
          />
        )}
      </Loaded>
    </section>
  )
}

function RestoreDialog(props: {
  agent: Versioned<Agent>
  revision: number
  onRestored: (agent: Agent) => void
  onClose: () => void
}) {
  const { value: agent } = props.agent
  const [etag, setEtag] = useState(props.agent.etag)
  const old = useQuery(`${agent.id} ${props.revision}`, (signal) => loadRevision(agent.id, props.revision, signal))
  const restore = useAction(async () => {
    const path = { id: agent.id, revision: props.revision }
    let restored
    try {
      restored = await unwrapVersioned(
        api.POST('/api/agents/{id}/revisions/{revision}/restore', { params: { path, header: { 'If-Match': etag } } }),
      )
    } catch (e) {
      if (isConflict(e)) {
        const params = { path: { id: agent.id } }
        setEtag((await unwrapVersioned(api.GET('/api/agents/{id}', { params }))).etag)
      }
      throw e
    }
    props.onRestored(restored.value)
  })
  return (
    <Dialog title={`Restore revision ${props.revision}?`} wide onClose={props.onClose}>
      <p>It becomes the newest revision, with its name, settings and secrets. The others stay.</p>
      <Loaded query={old}>
        {(revision) => (
          <Diff
            before={agentText(agent)}
            after={agentText(revision)}
            label={`Differences from the revision in use to revision ${props.revision}`}
          />
        )}
      </Loaded>
      {restore.failure !== undefined && (
        <Failure failure={restore.failure} title={notDone(restore.failure, 'Restore')} />
      )}
      <div class="actions">
        <Button kind="primary" isBusy={restore.isRunning} onClick={() => restore.run()}>
          Restore
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}

function loadRevision(id: string, revision: number, signal: AbortSignal): Promise<Schema<'AgentRevision'>> {
  return unwrap(api.GET('/api/agents/{id}/revisions/{revision}', { params: { path: { id, revision } }, signal }))
}
