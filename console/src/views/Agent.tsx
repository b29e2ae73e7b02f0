import { useLocation } from 'preact-iso'
import { useState } from 'preact/hooks'
import { api, unwrap } from '../api/client'
import { Failure, isConflict, Loaded, notDone } from '../components/states'
import { Button, ButtonLink, CodeBlock, Dialog, Page, Tabs, Time } from '../components/ui'
import { useAction, useQuery } from '../hooks'
import { useScopes } from '../session'
import '../styles/agents.css'
import { useUrlFilters } from '../url'
import { AgentForm, loadAgent, type LoadedAgent } from './agents/AgentForm'
import { newAgent } from './agents/settings'
import { Revisions } from './agents/Revisions'
import { SavedNotice } from './agents/SavedNotice'
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
                <div class="live" role="status">{created && <SavedNotice agent={created} />}</div>
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
              <Revisions agent={current!} mayWrite={may('agents:write')} onRestored={agent.reload} />
            )}
          </Tabs>
        )}
      </Loaded>
      {isDeleting && current && <DeleteDialog agent={current} onClose={() => setDeleting(false)} />}
    </Page>
  )
}

function DeleteDialog(props: { agent: LoadedAgent; onClose: () => void }) {
  const { route } = useLocation()
  const { id, name } = props.agent.value
  const [etag, setEtag] = useState(props.agent.etag)
  const remove = useAction(async () => {
    try {
      await unwrap(api.DELETE('/api/agents/{id}', { params: { path: { id }, header: { 'If-Match': etag } } }))
    } catch (e) {
      if (isConflict(e)) setEtag((await loadAgent(id)).etag)
      throw e
    }
    route('/agents')
  })
  return (
    <Dialog title={`Delete ${name}?`} onClose={props.onClose}>
      <p>The agent and all its revisions are deleted, which cannot be undone. Clients that request it get an error.</p>
      {remove.failure !== undefined && <Failure title={notDone(remove.failure, 'Delete')} failure={remove.failure} />}
      <div class="actions">
        <Button kind="danger" icon="trash" isBusy={remove.isRunning} onClick={() => remove.run()}>
          Delete
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
