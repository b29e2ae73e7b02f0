import { useLocation } from 'preact-iso'
import { Forbidden } from '../components/states'
import { Notice, Page } from '../components/ui'
import { useScopes } from '../session'
import { useUrlFilters } from '../url'
import { AgentForm } from './agents/AgentForm'
import { newAgent } from './agents/settings'

/** Adds an agent. The URL can name its provider and its model, or its route, and say that the simulated provider was added for it. */
export default function NewAgent() {
  const { route } = useLocation()
  const [{ provider = '', model = '', route: over, added }] = useUrlFilters()
  const may = useScopes()
  return (
    <Page
      title="New agent"
      back={{ href: '/agents', label: 'Agents' }}
      lead="A model of a provider, or a route, with a system prompt and settings."
    >
      {may('agents:write') ? (
        <>
          {added && (
            <Notice tone="good" role="status">
              <p>The simulated provider was added. Save an agent that uses it, then talk to it.</p>
            </Notice>
          )}
          <AgentForm
            start={{ name: added ? 'helper' : '', provider, model, route: over }}
            onSaved={({ value }) => {
              newAgent.announce(value)
              route(`/agents/${value.id}`)
            }}
          />
        </>
      ) : (
        <Forbidden scope="agents:write" />
      )}
    </Page>
  )
}
