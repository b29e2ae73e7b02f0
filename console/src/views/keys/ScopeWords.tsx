import { api, unwrap } from '../../api/client'
import { ServiceText } from '../../components/ui'
import { capitalized } from '../../format'
import { useQuery } from '../../hooks'
import { useScopes } from '../../session'
import { parseScope, type ScopeInfo } from './scopes'

/** What a key may do, in words, with the text of each scope. */
export function ScopeWords(props: { scopes: string[]; infos: ScopeInfo[] }) {
  return (
    <ul class="scope-words">
      {props.scopes.map((text) => (
        <li key={text}>
          <Words text={text} infos={props.infos} /> <code class="muted">{text}</code>
        </li>
      ))}
    </ul>
  )
}

function Words(props: { text: string; infos: ScopeInfo[] }) {
  const grant = parseScope(props.text)
  switch (grant.kind) {
    case 'whole': {
      const words = props.infos.find((it) => it.scope === grant.scope)?.description
      return words ? <Prose text={words} /> : <span>{grant.scope}</span>
    }
    case 'agent':
      return (
        <span>
          Running the agent <AgentName id={grant.agent} />
        </span>
      )
    case 'provider':
      return (
        <span>
          Calling every model of <strong>{grant.provider}</strong>
        </span>
      )
    case 'models':
      return (
        <span>
          Calling the models of <strong>{grant.provider}</strong> that match <code>{grant.pattern}</code>
        </span>
      )
    case 'proxy':
      return (
        <span>
          Using the raw API of <strong>{grant.provider}</strong>
        </span>
      )
  }
}

function AgentName(props: { id: string }) {
  const may = useScopes()
  return may('agents:read') ? <LoadedAgentName id={props.id} /> : <>{props.id}</>
}

function LoadedAgentName(props: { id: string }) {
  const { value, failure } = useQuery(`agent name ${props.id}`, (signal) =>
    unwrap(api.GET('/api/agents/{id}', { params: { path: { id: props.id } }, signal })),
  )
  if (failure !== undefined) return <>{props.id}, which does not exist any more</>
  return <a href={`/agents/${props.id}`}>{value?.name ?? props.id}</a>
}

/** A description of the service as the beginning of a line. */
export function Prose(props: { text: string }) {
  return (
    <span>
      <ServiceText text={capitalized(props.text)} />
    </span>
  )
}
