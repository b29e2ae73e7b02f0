import { lazy } from 'preact-iso'
import { Suspense } from 'preact/compat'
import { api, type Schema, unwrap } from '../api/client'
import { Icon } from '../components/Icon'
import { Loaded, Loading } from '../components/states'
import { Badge, ButtonLink, Figure, Name, Notice, Page, Time } from '../components/ui'
import { count, milliseconds, percent } from '../format'
import { useQuery } from '../hooks'
import { useScopes } from '../session'
import { FirstSteps } from './home/FirstSteps'
import '../styles/home.css'

const Calls = lazy(() => import('./home/Calls'))

type Overview = Schema<'Overview'>

/** How often a visible page asks again. */
const REFRESH_MS = 10_000

/** The first steps while there is no agent or no call, and then how the service does now. */
export default function Home() {
  const overview = useQuery('overview', () => unwrap(api.GET('/api/overview')), REFRESH_MS)
  const can = useScopes()
  return (
    <Page title="Home">
      <Loaded query={overview}>
        {(value) => {
          const isNew = (value.providers?.total ?? 1) === 0 || (value.agents?.total ?? 1) === 0
          const isTrial = value.providers?.total === 1 && value.agents?.total === 1 && value.calls?.calls === 0
          const showsSteps = can('providers:write') && can('agents:write') && (isNew || isTrial)
          return (
            <>
              {value.health.status === 'not_ready' && (
                <Notice tone="bad" role="alert" title="The service is not ready">
                  <p>{value.health.reason}</p>
                </Notice>
              )}
              {showsSteps && <FirstSteps overview={value} />}
              {!isNew && <Attention overview={value} />}
              {!isNew && <Now overview={value} />}
              {!can('providers:read') && <ForCallers />}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

/** For those who call models and do not run the service. */
function ForCallers() {
  const can = useScopes()
  return (
    <ul class="cards">
      {can('invoke') && (
        <li class="card">
          <h2>Try a model</h2>
          <p>Chat with the agents, routes and models that you may use.</p>
          <ButtonLink href="/playground">Open the playground</ButtonLink>
        </li>
      )}
      {can('invoke') && (
        <li class="card">
          <h2>Connect a program</h2>
          <p>Get the configuration of your tool or library, with a key of its own.</p>
          <ButtonLink href="/connect">Connect</ButtonLink>
        </li>
      )}
      <li class="card">
        <h2>Your keys</h2>
        <p>See when they were used last, make new ones, and revoke those you do not need.</p>
        <ButtonLink href="/me/keys">My keys</ButtonLink>
      </li>
    </ul>
  )
}

/** What an operator should look at. */
function Attention(props: { overview: Overview }) {
  const { open_breakers: breakers, failing_providers: failing, expiring_keys: keys } = props.overview.attention
  const can = useScopes()
  const total = (breakers?.length ?? 0) + (failing?.length ?? 0) + keys.length
  // A caller who may not see the providers must not read that nothing is wrong.
  if (!breakers && total === 0) return null
  return (
    <section class="stack" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      {total === 0 ? (
        <p class="all-well">
          <Icon name="check" /> Nothing.
        </p>
      ) : (
        <ul class="attention">
          {breakers?.map((it) => (
            <li key={it.provider + it.model}>
              <Badge tone="bad">Circuit breaker open</Badge>
              <span>
                <ProviderLink id={it.provider_id} name={it.provider} /> rejects calls of <code>{it.model}</code>: {it.reason}
              </span>
              <Time at={it.since} />
            </li>
          ))}
          {failing?.map((it) => (
            <li key={it.id}>
              <Badge tone="bad">Failing</Badge>
              <span>
                <ProviderLink id={it.id} name={it.name} />: {count(it.failed)} of {count(it.calls)} calls failed in the last
                hour{it.last_failure && <>, the last with: {it.last_failure.reason}</>}
              </span>
              <Time at={it.last_failure?.at} />
            </li>
          ))}
          {keys.map((it) => (
            <li key={it.id}>
              <Badge tone="warn">Key expires</Badge>
              <span>
                <Name text={it.name} href={can('keys:admin') ? `/keys/${it.id}` : undefined} />
              </span>
              <Time at={it.expires_at} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function ProviderLink(props: { id?: string | null; name: string }) {
  return <Name text={props.name} href={props.id ? `/providers/${props.id}` : undefined} />
}

/** Calls, failures and latency of the last hour. */
function Now(props: { overview: Overview }) {
  const { calls, providers, agents, routes } = props.overview
  return (
    <>
      <ul class="figures" aria-label="Figures">
        {calls && (
          <>
            <Figure label="Calls in the last hour" value={count(calls.calls)} />
            <Figure label="Failed" value={count(calls.failed)} detail={percent(calls.failed, calls.calls)} />
            <Figure
              label="Latency, median"
              value={calls.p50_ms == null ? '—' : milliseconds(calls.p50_ms)}
              detail={calls.p95_ms == null ? undefined : `95 % within ${milliseconds(calls.p95_ms)}`}
            />
          </>
        )}
        {providers && <Figure label="Providers" value={count(providers.total)} href="/providers" />}
        {agents && <Figure label="Agents" value={count(agents.total)} href="/agents" />}
        {routes && <Figure label="Routes" value={count(routes.total)} href="/routes" />}
      </ul>
      {calls && (
        <Suspense fallback={<Loading lines={3} />}>
          <Calls calls={calls} />
        </Suspense>
      )}
    </>
  )
}
