import { useLocation } from 'preact-iso'
import { useRef } from 'preact/hooks'
import { api, unwrap } from '../api/client'
import { Empty, Loaded } from '../components/states'
import { Button, ButtonLink, Figure, Notice, Page } from '../components/ui'
import { count, exactTime, percent, plural, timeSpan } from '../format'
import { useQuery } from '../hooks'
import { useScopes } from '../session'
import { CallTable } from './calls/CallTable'
import { type Call, callsOf, type SessionFigures, sessionFigures } from './calls/data'
import { TokenTable } from './calls/TokenTable'

/** The most that the service sends at once. */
const MAX_CALLS = 1000
const BACK = { href: '/calls', label: 'Calls' }

/** The calls of one session in the order of their time, and what they sum up to. */
export default function CallSession() {
  const { path, query } = useLocation()
  const session = useRef('')
  // When the page is left, it is rendered once more, with the address of the next page.
  if (path === '/calls/session') session.current = query.id ?? ''
  return session.current === '' ? <NoSuchSession /> : <SessionPage key={session.current} session={session.current} />
}

function NoSuchSession() {
  return (
    <Page title="Session" back={BACK}>
      <Empty icon="activity" title="The address names no session">
        <ButtonLink href="/calls">All calls</ButtonLink>
      </Empty>
    </Page>
  )
}

function SessionPage({ session }: { session: string }) {
  const may = useScopes()
  const calls = useQuery(`session ${session}`, (signal) =>
    unwrap(api.GET('/api/calls', { params: { query: { session, limit: MAX_CALLS } }, signal })),
  )
  return (
    <Page
      title="Session"
      back={BACK}
      lead={
        <>
          <code>{session}</code>
          {!may('calls:read') && ' — only your own calls are shown.'}
        </>
      }
      actions={
        <Button icon="refresh" onClick={calls.reload} isBusy={calls.isLoading && calls.value !== undefined}>
          Refresh
        </Button>
      }
    >
      <Loaded query={calls} lines={8}>
        {({ data, next }) =>
          data.length === 0 ? (
            <Empty icon="activity" title="No call has this session">
              <p>A call is listed within a second of its end, and records are kept for a limited time.</p>
              <ButtonLink href="/calls">All calls</ButtonLink>
            </Empty>
          ) : (
            <SessionCalls session={session} calls={data.toReversed()} isCut={next != null} />
          )
        }
      </Loaded>
    </Page>
  )
}

/** @param isCut whether the session has earlier calls */
function SessionCalls(props: { session: string; calls: Call[]; isCut: boolean }) {
  const { calls } = props
  const figures = sessionFigures(calls)
  return (
    <>
      {props.isCut && (
        <Notice tone="warn" title={`The session has more than ${count(MAX_CALLS)} calls`}>
          <p>
            Figures and list are those of the newest {count(MAX_CALLS)}, since {exactTime(calls[0]!.started_at)}.{' '}
            <a href={callsOf({ session: props.session })}>All calls of the session</a>
          </p>
        </Notice>
      )}
      <ul class="figures" aria-label="Figures">
        <Figure label="Calls" value={count(figures.calls)} />
        <Figure label="Failed" value={count(figures.failed)} detail={figures.failed > 0 ? percent(figures.failed, figures.calls) : undefined} />
        {figures.cancelled > 0 && <Figure label="Cancelled" value={count(figures.cancelled)} />}
        <Figure label="From first to last" value={timeSpan(figures.spanMs)} />
        <Figure label="Read from a cache" value={figures.cacheHits ? percent(figures.cacheHits.cached, figures.cacheHits.input) : '—'} />
      </ul>
      <div class="columns">
        <section class="card">
          <h2>Tokens</h2>
          <TokenTable label="Tokens" tokens={figures.tokens} />
          <p class="muted">{sumOf(figures)}</p>
        </section>
        <section class="card">
          <h2>Cache</h2>
          <CacheWords figures={figures} />
        </section>
      </div>
      <section class="stack">
        <h2>Calls, the oldest first</h2>
        <CallTable label="Calls of the session" calls={calls} />
      </section>
    </>
  )
}

/** Which calls the sums have. */
function sumOf({ calls, sources }: SessionFigures): string {
  const left = [
    sources.estimated > 0 && `${plural(sources.estimated, 'call')} with estimated numbers`,
    sources.none > 0 && `${plural(sources.none, 'call')} without numbers`,
  ].filter(Boolean)
  if (left.length === 0) return 'The sums of all calls, as the providers reported them.'
  const included = sources.reported === 0 ? 'No call has numbers that its provider reported.' : `The sums of ${count(sources.reported)} of ${plural(calls, 'call')}, as the providers reported them.`
  return `${included} Not included: ${left.join(', ')}.`
}

function CacheWords({ figures: { cacheHits, sources } }: { figures: SessionFigures }) {
  if (!cacheHits) return <p>No provider reported how much input it read from a cache.</p>
  const { cached, input, calls } = cacheHits
  return (
    <>
      <p>
        Of {count(input)} input tokens{calls < sources.reported && ` of the ${plural(calls, 'call')} whose provider reports it`}, {count(cached)} were
        read from the provider’s cache: {percent(cached, input)}.
      </p>
      <p class="muted">
        Cached input costs less, and the answers to it begin sooner. A provider finds the input in its cache if an earlier call began with the same
        text and the cache still has it.
      </p>
    </>
  )
}
