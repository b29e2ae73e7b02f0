import { useState } from 'preact/hooks'
import type { Versioned } from '../api/client'
import { useAction, useListing, useQuery } from '../hooks'
import { useUrlFilters } from '../url'
import { type Column, DataTable, Pagination } from './DataTable'
import { Diff } from './Diff'
import { SelectField } from './fields'
import { Failure, isConflict, Loaded, notDone } from './states'
import { Badge, Button, Dialog, Name, Notice, Time } from './ui'

const PAGE_SIZE = 20

/** What every revision has. */
interface Revision {
  revision: number
  name: string
  created_at: string
}

/** Where the revisions of an object come from, and how they are shown. */
export interface RevisionSource<R extends Revision> {
  list: (page: number, pageSize: number, signal: AbortSignal) => Promise<{ data: R[]; total: number; page_size: number }>
  load: (revision: number, signal: AbortSignal) => Promise<R>
  /** @returns the number of the revision in use afterwards */
  restore: (revision: number, etag: string) => Promise<number>
  /** The present ETag of the object. */
  etag: () => Promise<string>
  /** Lines to compare. */
  text: (revision: R) => string
  /** A column that tells the revisions apart. */
  column: Column<R>
  /** What a restored revision brings back. */
  restored: string
}

/** The revisions of an object, with a comparison of two of them, which the URL names. */
export function Revisions<R extends Revision>(props: {
  object: Versioned<{ id: string; revision: number }>
  source: RevisionSource<R>
  mayWrite: boolean
  onRestored: () => void
}) {
  const { source } = props
  const { id, revision: latest } = props.object.value
  const [filters, setFilters] = useUrlFilters()
  const [restoring, setRestoring] = useState<number>()
  const [restored, setRestored] = useState('')
  const page = Number(filters.page) || 1
  const revisions = useListing(`revisions ${id} ${latest} ${page}`, (signal) =>
    source.list(page, PAGE_SIZE, signal),
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
                source.column,
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
          source={source}
          latest={latest}
          {...comparedRevisions(filters.from, filters.to, latest)}
          onSelect={(from, to) => setFilters({ from: String(from), to: String(to) })}
        />
      )}
      {restoring !== undefined && (
        <RestoreDialog
          id={id}
          etag={props.object.etag}
          latest={latest}
          source={source}
          revision={restoring}
          onRestored={(it) => {
            setRestored(
              it === latest
                ? `Revision ${restoring} is the same as the revision in use.`
                : `Restored revision ${restoring} as revision ${it}.`,
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

function Comparison<R extends Revision>(props: {
  id: string
  source: RevisionSource<R>
  latest: number
  from: number
  to: number
  onSelect: (from: number, to: number) => void
}) {
  const { id, source, from, to, latest } = props
  const both = useQuery(`${id} ${from} ${to}`, (signal) =>
    Promise.all([source.load(from, signal), source.load(to, signal)]),
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
            before={source.text(before)}
            after={source.text(after)}
            label={`Differences from revision ${before.revision} to revision ${after.revision}`}
          />
        )}
      </Loaded>
    </section>
  )
}

function RestoreDialog<R extends Revision>(props: {
  id: string
  etag: string
  latest: number
  source: RevisionSource<R>
  revision: number
  onRestored: (latest: number) => void
  onClose: () => void
}) {
  const { source, revision } = props
  const [etag, setEtag] = useState(props.etag)
  const both = useQuery(`${props.id} ${revision} ${props.latest}`, (signal) =>
    Promise.all([source.load(props.latest, signal), source.load(revision, signal)]),
  )
  const restore = useAction(async () => {
    let latest
    try {
      latest = await source.restore(revision, etag)
    } catch (e) {
      if (isConflict(e)) setEtag(await source.etag())
      throw e
    }
    props.onRestored(latest)
  })
  return (
    <Dialog title={`Restore revision ${revision}?`} wide onClose={props.onClose}>
      <p>It becomes the newest revision, with its {source.restored}. The others stay.</p>
      <Loaded query={both}>
        {([inUse, restored]) => (
          <Diff
            before={source.text(inUse)}
            after={source.text(restored)}
            label={`Differences from the revision in use to revision ${revision}`}
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
