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
          Running the agent <ResourceName of="agents" id={grant.agent} />
        </span>
      )
    case 'route':
      return (
        <span>
          Calling the route <ResourceName of="routes" id={grant.route} />
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

interface ResourceProps {
  of: 'agents' | 'routes'
  id: string
}

function ResourceName(props: ResourceProps) {
  const may = useScopes()
  return may(`${props.of}:read`) ? <LoadedName {...props} /> : <>{props.id}</>
}

function LoadedName({ of, id }: ResourceProps) {
  const { value, failure } = useQuery(`name ${of} ${id}`, (signal) =>
    unwrap<{ name: string }>(api.GET(`/api/${of}/{id}`, { params: { path: { id } }, signal })),
  )
  if (failure !== undefined) return <>{id}, which does not exist any more</>
  return <a href={`/${of}/${id}`}>{value?.name ?? id}</a>
}

/** A description of the service as the beginning of a line. */
export function Prose(props: { text: string }) {
  return (
    <span>
      <ServiceText text={capitalized(props.text)} />
    </span>
  )
}
