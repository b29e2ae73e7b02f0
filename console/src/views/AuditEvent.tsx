import { useRoute } from 'preact-iso'
import { api, ApiError, unwrap } from '../api/client'
import { Diff } from '../components/Diff'
import { sortedJson } from '../components/diffLines'
import { Empty, Loaded } from '../components/states'
import { ButtonLink, CodeBlock, CopyButton, ExactTime, Page } from '../components/ui'
import { useQuery } from '../hooks'
import { actionLabel } from './audit/actions'
import { type AuditEvent as Event, eventsOf, Resource } from './audit/EventTable'

const BACK = { href: '/audit', label: 'Audit' }

/** One event of the audit trail, with what it changed. */
export default function AuditEvent() {
  const { seq } = useRoute().params as { seq: string }
  const params = { path: { seq: seq as unknown as number } }
  const event = useQuery(`audit event ${seq}`, (signal) => unwrap(api.GET('/api/audit/{seq}', { params, signal })))
  const newest = useQuery('newest audit event', async (signal) => {
    const page = await unwrap(api.GET('/api/audit', { params: { query: { page: 1, page_size: 1 } }, signal }))
    return page.total
  })
  if (event.failure instanceof ApiError && [400, 404].includes(event.failure.status)) {
    return (
      <Page title="Audit event" back={BACK}>
        <Empty icon="history" title="There is no such event">
          <ButtonLink href="/audit">All events</ButtonLink>
        </Empty>
      </Page>
    )
  }
  return (
    <Page title={event.value ? `#${seq} ${actionLabel(event.value.action)}` : `Event #${seq}`} back={BACK}>
      <Loaded query={event} back={{ href: '/audit', label: 'Audit' }}>
        {(it) => (
          <>
            <Facts event={it} />
            <States event={it} />
            <details>
              <summary>Hashes</summary>
              <dl class="facts">
                <dt>This event</dt>
                <dd>
                  <code>{it.hash}</code>
                </dd>
                <dt>Previous event</dt>
                <dd>
                  <code>{it.previous_hash}</code>
                </dd>
              </dl>
            </details>
            <nav class="actions" aria-label="Neighbours">
              {it.seq > 1 && (
                <ButtonLink href={`/audit/${it.seq - 1}`} icon="chevron-left">
                  Event #{it.seq - 1}
                </ButtonLink>
              )}
              {it.seq < (newest.value ?? 0) && <ButtonLink href={`/audit/${it.seq + 1}`}>Event #{it.seq + 1}</ButtonLink>}
            </nav>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function States(props: { event: Event }) {
  const { before, after, action } = props.event
  if (before && after) {
    return (
      <section class="stack">
        <h2>What changed</h2>
        <Diff label="What changed" before={sortedJson(before)} after={sortedJson(after)} />
      </section>
    )
  }
  const state = before ?? after
  const title = before ? 'Before, now gone' : 'State afterwards'
  return (
    <section class="stack">
      <h2>{state ? title : 'What changed'}</h2>
      {state ? (
        <CodeBlock code={sortedJson(state)} label={title} />
      ) : (
        <p class="muted">{action} changes no stored state of a resource.</p>
      )}
    </section>
  )
}

/** An id, by which the list of events is filtered. */
function Id(props: { text: string; copyLabel: string }) {
  return (
    <div class="copied-id">
      <code class="muted">{props.text}</code>
      <CopyButton text={props.text} label={props.copyLabel} />
    </div>
  )
}

function Facts(props: { event: Event }) {
  const { event } = props
  return (
    <dl class="facts">
      <dt>Time</dt>
      <dd>
        <ExactTime at={event.at} />
      </dd>
      <dt>Resource</dt>
      <dd>
        <Resource event={event} />
        <Id text={event.resource_id} copyLabel="Copy the id of the resource" />
        <a href={eventsOf('resource', event.resource_id)}>Show all of this resource</a>
      </dd>
      <dt>By</dt>
      <dd>
        {event.caller_name}
        {event.caller_kind !== event.caller_name && <span class="muted"> ({event.caller_kind})</span>}
        <Id text={event.caller_id} copyLabel="Copy the id of the caller" />
        <a href={eventsOf('caller', event.caller_id)}>Show all by this caller</a>
      </dd>
      <dt>From address</dt>
      <dd>{event.address ? <code>{event.address}</code> : <span class="muted">The service itself</span>}</dd>
      {event.request_id && (
        <>
          <dt>Request</dt>
          <dd>
            <code>{event.request_id}</code> <span class="muted">as in the log</span>
          </dd>
        </>
      )}
    </dl>
  )
}
