import { useScopes } from '../session'
import { Name } from './ui'

/** An agent or a route that uses an object. */
export interface Dependent {
  /** `agent` or `route`. */
  kind: string
  id: string
  name: string
}

/** A page of all dependents of an object. */
export interface Dependents {
  items: Dependent[]
  /** Of all pages. */
  total: number
}

/** Reads a response of the API about dependents: the agents, then the routes. */
export function dependentsOf(response: { agents?: Omit<Dependent, 'kind'>[]; routes?: Omit<Dependent, 'kind'>[]; total: number }): Dependents {
  const { agents = [], routes = [], total } = response
  return { items: [...agents.map((it) => ({ kind: 'agent', ...it })), ...routes.map((it) => ({ kind: 'route', ...it }))], total }
}

/** The agents and routes that use an object, with links. */
export function DependentList(props: { items: Dependent[] }) {
  const may = useScopes()
  return (
    <ul>
      {props.items.map((it) => (
        <li key={it.id}>
          <span class="muted">{it.kind}</span> <Name text={it.name} href={may(`${it.kind}s:read`) ? `/${it.kind}s/${it.id}` : undefined} />
        </li>
      ))}
    </ul>
  )
}
