import { useState } from 'preact/hooks'
import { api, type Schema, unwrap } from '../api/client'
import { DeleteDialog } from '../components/DeleteDialog'
import { Revisions } from '../components/Revisions'
import { SavedNotice } from '../components/SavedNotice'
import { dependentsOf } from '../components/DependentList'
import { Loaded } from '../components/states'
import { Button, ButtonLink, CodeBlock, Name, Page, Tabs, Time } from '../components/ui'
import { useQuery } from '../hooks'
import { useScopes } from '../session'
import '../styles/agents.css'
import { useUrlFilters } from '../url'
import { AgentForm, loadAgent, type LoadedAgent } from './agents/AgentForm'
import { LABELS, newAgent } from './agents/settings'
import { revisionsOf } from './agents/revisions'
import { TryChat } from './agents/TryChat'
import { callsOf } from './calls/data'

const TABS = ['edit', 'revisions'] as const
type Tab = (typeof TABS)[number]

/** One agent: its settings beside a conversation with it, and its revisions. */
export default function Agent(props: { id: string }) {
  return <AgentPage key={props.id} id={props.id} />
}

function AgentPage({ id }: { id: string }) {
  const may = useScopes()
  const [filters, setFilters] = useUrlFilters()
  const [created, setCreated] = useState(() => newAgent.take(id))
  const [newest, setNewest] = useState<LoadedAgent>()
  const [isUnsaved, setUnsaved] = useState(false)
  const [isDeleting, setDeleting] = useState(false)
  const agent = useQuery(`agent ${id}`, (signal) => loadAgent(id, signal))
  const tab = TABS.find((it) => it === filters.tab) ?? 'edit'
  const current = newest && (!agent.value || newest.value.revision >= agent.value.value.revision) ? newest : agent.value
  return (
    <Page
      title={current?.value.name ?? 'Agent'}
      back={{ href: '/agents', label: 'Agents' }}
      lead={
        current && (
          <>
            Revision {current.value.revision}, changed <Time at={current.value.updated_at} />
            <OverRoute config={current.value.config} />
          </>
        )
      }
      actions={
        current && (
          <>
            {may('invoke') && (
              <>
                <ButtonLink href={`/playground?model=${encodeURIComponent(current.value.name)}`} icon="message">
                  Open in playground
                </ButtonLink>
                <ButtonLink href={`/connect?model=${encodeURIComponent(current.value.name)}`} icon="plug">
                  Connect
                </ButtonLink>
              </>
            )}
            <ButtonLink href={callsOf({ agent: id })} icon="activity">
              Calls
            </ButtonLink>
            {may('agents:write') && (
              <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            )}
          </>
        )
      }
    >
      <Loaded query={agent} lines={8} back={{ href: '/agents', label: 'Agents' }}>
        {() => (
          <Tabs<Tab>
            label="Agent"
            tabs={[
              { id: 'edit', label: may('agents:write') ? 'Edit' : 'Settings' },
              { id: 'revisions', label: 'Revisions' },
            ]}
            selected={tab}
            onSelect={(it) =>
              setFilters({ tab: it === 'edit' ? undefined : it, page: undefined, from: undefined, to: undefined }, true)
            }
          >
            {/* What was typed into the form, and the conversation, stay while the other tab is open. */}
            <div class="editor" hidden={tab !== 'edit'}>
              <div class="stack">
                <div class="live" role="status">{created && <SavedNotice saved={created} labels={LABELS} />}</div>
                {may('agents:write') ? (
                  <AgentForm
                    stored={current}
                    onUnsaved={(it) => {
                      setUnsaved(it)
                      if (it) setCreated(undefined)
                    }}
                    onSaved={(it) => {
                      setNewest(it)
                      setCreated(undefined)
                    }}
                    onDiscarded={setNewest}
                  />
                ) : (
                  <CodeBlock label="Configuration" code={JSON.stringify(current!.value.config, null, 2)} />
                )}
              </div>
              {may('invoke') && <TryChat agent={current!.value} isUnsaved={isUnsaved} />}
            </div>
            {tab === 'revisions' && (
              <Revisions object={current!} source={revisionsOf(id)} mayWrite={may('agents:write')} onRestored={agent.reload} />
            )}
          </Tabs>
        )}
      </Loaded>
      {isDeleting && current && <DeleteAgent agent={current} onClose={() => setDeleting(false)} />}
    </Page>
  )
}

/** The route that an agent has, if any. */
function OverRoute({ config }: { config: Schema<'AgentConfig'> }) {
  const may = useScopes()
  const { route, route_id: id } = config
  if (!id) return null
  return (
    <>
      , over the route <Name text={route ?? id} href={may('routes:read') ? `/routes/${id}` : undefined} />
    </>
  )
}

function DeleteAgent(props: { agent: LoadedAgent; onClose: () => void }) {
  const { id, name } = props.agent.value
  const path = { id }
  return (
    <DeleteDialog
      name={name}
      loss="The agent and all its revisions are deleted, which cannot be undone. Clients that request it get an error."
      advice="Delete them, or give them other targets."
      list="/agents"
      etag={props.agent.etag}
      loadEtag={async () => (await loadAgent(id)).etag}
      loadDependents={async (signal) =>
        dependentsOf(await unwrap(api.GET('/api/agents/{id}/dependents', { params: { path, query: { page_size: 20 } }, signal })))
      }
      remove={(etag) => unwrap(api.DELETE('/api/agents/{id}', { params: { path, header: { 'If-Match': etag } } }))}
      onClose={props.onClose}
    />
  )
}
