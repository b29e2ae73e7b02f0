import { api, ApiError, type Schema, unwrap } from '../api/client'
import { DataTable } from '../components/DataTable'
import { Empty, Loaded } from '../components/states'
import { Badge, Button, ButtonLink, CopyButton, ExactTime, Figure, Name, Notice, Page, ServiceText } from '../components/ui'
import { count, milliseconds, percent, sentence } from '../format'
import { useQuery } from '../hooks'
import { useScopes } from '../session'
import { CallResult } from './calls/CallTable'
import { cacheHits, type Call, callsOf, FAILURES, inputTokens, sessionPath, type Step, stepsOf } from './calls/data'
import { TokenTable } from './calls/TokenTable'
import { CallerName } from './keys/KeyCells'

const BACK = { href: '/calls', label: 'Calls' }

/** One call. Its id can also be that of the HTTP request, or the one that the provider gave. */
export default function CallView(props: { id: string }) {
  return <CallPage key={props.id} id={props.id} />
}

function CallPage({ id }: { id: string }) {
  const call = useQuery(`call ${id}`, (signal) => unwrap(api.GET('/api/calls/{id}', { params: { path: { id } }, signal })))
  if (call.failure instanceof ApiError && call.failure.status === 404) {
    return (
      <Page title="Call" back={BACK}>
        <Empty icon="activity" title="There is no such call">
          <p>A call is listed within a second of its end, and records are kept for a limited time.</p>
          <div class="actions">
            <Button icon="refresh" onClick={call.reload} isBusy={call.isLoading}>
              Look again
            </Button>
            <ButtonLink href="/calls">All calls</ButtonLink>
          </div>
        </Empty>
      </Page>
    )
  }
  const { value } = call
  return (
    <Page
      title={value ? `Call of ${value.agent?.name ?? value.route?.name ?? `${value.provider}/${value.model}`}` : 'Call'}
      back={BACK}
      lead={
        value && (
          <>
            <CallResult status={value.status} outcome={value.outcome} /> <ExactTime at={value.started_at} />
          </>
        )
      }
    >
      <Loaded query={call} lines={8}>
        {(it) => (
          <>
            {it.status !== 'ok' && <FailureNotice call={it} />}
            <Figures call={it} />
            <div class="columns">
              <Facts call={it} />
              <div class="stack">
                <section class="card">
                  <h2>Tokens</h2>
                  <TokenTable label="Tokens" tokens={it.tokens} />
                  <p class="muted">{SOURCES[it.tokens.source]}</p>
                </section>
                <Ids call={it} />
              </div>
            </div>
            <Attempts call={it} />
            {it.losses && it.losses.length > 0 && (
              <section class="stack">
                <h2>Changed by the translation</h2>
                <p class="muted">The provider’s API differs from the client’s, so that parts of the request were ignored or changed.</p>
                <ul>
                  {it.losses.map((loss) => (
                    <li key={loss}>
                      <ServiceText text={sentence(loss)} />
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

const SOURCES: Record<string, string> = {
  reported: 'Reported by the provider.',
  estimated: 'Estimated, because the response ended early.',
  none: 'The provider reported no numbers, or the call ended before it had any.',
}

function FailureNotice({ call }: { call: Call }) {
  const meaning =
    call.status === 'cancelled' ? 'The client disconnected before the response was complete, or its credential ended.' : FAILURES[call.outcome]?.meaning
  return (
    <Notice tone={call.status === 'cancelled' ? 'neutral' : 'bad'} title={meaning ?? 'The call failed'}>
      {call.message && (
        <p>
          <ServiceText text={sentence(call.message)} />
        </p>
      )}
      {call.upstream_status != null && <p class="muted">The status of the provider’s response was {call.upstream_status}.</p>}
    </Notice>
  )
}

function Figures({ call }: { call: Call }) {
  const input = inputTokens(call.tokens)
  const hits = cacheHits([call])
  return (
    <ul class="figures" aria-label="Figures">
      {call.first_content_us != null && <Figure label="First content" value={milliseconds(call.first_content_us / 1000)} />}
      <Figure label="Total" value={milliseconds(call.duration_us / 1000)} />
      {input !== undefined && (
        <Figure label="Input tokens" value={count(input)} detail={hits && `${percent(hits.cached, hits.input)} from a cache`} />
      )}
      {call.tokens.output != null && <Figure label="Output tokens" value={count(call.tokens.output)} />}
      {call.attempts && call.attempts.length > 1 && <Figure label="Attempts" value={count(call.attempts.length)} />}
    </ul>
  )
}

function Facts({ call }: { call: Call }) {
  const may = useScopes()
  const { caller } = call
  const tags = Object.entries(call.tags)
  return (
    <section class="card">
      <h2>Request</h2>
      <dl class="facts">
        <dt>Caller</dt>
        <dd class="lines">
          <span>
            {caller.kind === 'key' && may('keys:admin') ? <a href={`/keys/${caller.id}`}>{caller.name}</a> : caller.name}
            {caller.kind === 'token' && <span class="muted"> (signed in at the identity provider)</span>}
          </span>
          {caller.kind === 'key' && <a href={callsOf({ key: caller.id })}>All calls of this key</a>}
        </dd>
        {caller.owner && (
          <>
            <dt>Key of</dt>
            <dd class="lines">
              <CallerName id={caller.owner.slice(caller.owner.indexOf(':') + 1)} />
              <a href={callsOf({ owner: caller.owner })}>All calls of the owner’s keys</a>
            </dd>
          </>
        )}
        {call.agent && (
          <>
            <dt>Agent</dt>
            <dd>
              <Revised of={call.agent} path="/agents" scope="agents:read" />
            </dd>
          </>
        )}
        {call.route && (
          <>
            <dt>Route</dt>
            <dd>
              <Revised of={call.route} path="/routes" scope="routes:read" />
            </dd>
          </>
        )}
        <dt>Provider</dt>
        <dd>{call.provider_id && may('providers:read') ? <a href={`/providers/${call.provider_id}`}>{call.provider}</a> : call.provider}</dd>
        <dt>Model</dt>
        <dd>
          <code>{call.model}</code>
        </dd>
        <dt>Client’s API</dt>
        <dd>
          <code>{call.dialect}</code>, <code>{call.operation}</code>
          {call.streamed && ', as a stream'}
        </dd>
        {call.session && (
          <>
            <dt>Session</dt>
            <dd>
              <a href={sessionPath(call.session)}>{call.session}</a>
            </dd>
          </>
        )}
        {call.end_user && (
          <>
            <dt>End user</dt>
            <dd>
              <a href={callsOf({ end_user: call.end_user })}>{call.end_user}</a>
            </dd>
          </>
        )}
        {tags.length > 0 && (
          <>
            <dt>Tags</dt>
            <dd class="lines">
              {tags.map(([name, value]) => (
                <a key={name} href={callsOf({ tag: `${name}=${value}` })}>
                  {name}={value}
                </a>
              ))}
            </dd>
          </>
        )}
        {call.finish_reason && (
          <>
            <dt>Finish reason</dt>
            <dd>
              <code>{call.finish_reason}</code>
            </dd>
          </>
        )}
        <dt>Size</dt>
        <dd>
          {count(call.request_bytes)} bytes to the provider, {count(call.response_bytes)} from it
        </dd>
      </dl>
    </section>
  )
}

function Ids({ call }: { call: Call }) {
  return (
    <section class="card">
      <h2>Ids</h2>
      <dl class="facts">
        <Id name="Call" text={call.id} copyLabel="Copy the id of the call" />
        <Id name="Request" text={call.request_id} copyLabel="Copy the id of the request" />
        {call.provider_request_id && (
          <Id name="At the provider" text={call.provider_request_id} copyLabel="Copy the id at the provider" />
        )}
      </dl>
    </section>
  )
}

function Id(props: { name: string; text: string; copyLabel: string }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd class="copied-id">
        <code>{props.text}</code>
        <CopyButton text={props.text} label={props.copyLabel} />
      </dd>
    </>
  )
}

/** An agent or a route with its revision, which leads to its revisions. */
function Revised(props: { of: Schema<'CallRevision'>; path: string; scope: string }) {
  const { id, name, revision } = props.of
  const may = useScopes()
  return (
    <>
      {may(props.scope) ? <a href={`${props.path}/${id}?tab=revisions`}>{name}</a> : name}, revision {revision}
    </>
  )
}

/** What was tried and what was not, in order. */
function Attempts({ call }: { call: Call }) {
  const steps = stepsOf(call)
  if (steps.length === 0) return null
  return (
    <section class="stack">
      <h2>Attempts</h2>
      {call.decision && call.route && (
        <p class="muted">The targets of the route {call.route.name} are in the order that it chose for this call.</p>
      )}
      <DataTable
        label="Attempts"
        rows={steps.map((it, at) => ({ ...it, at }))}
        rowKey={(it) => `${it.at}`}
        columns={[
          { title: 'Target', cell: (it) => <Name text={it.target} /> },
          { title: 'Model', cell: (it) => (it.attempt ? <Name text={`${it.attempt.provider}/${it.attempt.model}`} /> : <span class="muted">—</span>) },
          { title: 'Result', cell: (it) => <StepResult step={it} /> },
          { title: 'Time', isNumeric: true, cell: (it) => (it.attempt ? milliseconds(it.attempt.latency_us / 1000) : <span class="muted">—</span>) },
        ]}
      />
    </section>
  )
}

function StepResult({ step: { attempt, skipped } }: { step: Step }) {
  if (!attempt && skipped === undefined) return <span class="muted">Not tried</span>
  const status = attempt?.outcome === 'success' ? 'ok' : attempt?.outcome === 'cancelled' ? 'cancelled' : 'failed'
  const words = attempt?.message ?? skipped
  return (
    <>
      {attempt ? <CallResult status={status} outcome={attempt.outcome} /> : <Badge tone="warn">Skipped</Badge>}
      {words && (
        <div class="muted">
          <ServiceText text={sentence(words)} />
        </div>
      )}
    </>
  )
}
