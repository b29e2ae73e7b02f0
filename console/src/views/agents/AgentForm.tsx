import { api, type Schema, unwrapVersioned, type Versioned } from '../../api/client'
import { useEditor } from '../../components/editor'
import { EditorEnd } from '../../components/EditorEnd'
import { CheckField, fieldError, Form, RadioField, TextField } from '../../components/fields'
import { hasInput, isUnder, problemsOf } from '../../components/schema'
import { errorUnder, JsonField, MoreOptions, SchemaForm } from '../../components/SchemaForm'
import { useDebounced } from '../../hooks'
import { useScopes } from '../../session'
import { useDeclaredModels, useModels } from '../providers/data'
import { ReferenceField } from './ReferenceField'
import { type Agent, type AgentDraft, agentText, CAPABILITIES, clientOf, draftOf, inputOf, LABELS, mergeDrafts } from './settings'

/** An agent that is stored, and the name of its registered provider as far as the caller may see it. */
export interface LoadedAgent extends Versioned<Agent> {
  providerName?: string
}

/** Loads an agent with the name of its provider. */
export async function loadAgent(id: string, signal?: AbortSignal): Promise<LoadedAgent> {
  const agent = await unwrapVersioned(api.GET('/api/agents/{id}', { params: { path: { id } }, signal }))
  return { ...agent, providerName: await providerName(agent.value, signal) }
}

async function providerName({ config }: Agent, signal?: AbortSignal): Promise<string | undefined> {
  if (!config.provider_id) return undefined
  // An agent is shown, and saved, also if the name cannot be read.
  const found = await api.GET('/api/providers/{id}', { params: { path: { id: config.provider_id } }, signal }).catch(() => undefined)
  return found?.data?.name
}

/**
 * The form of an agent, new or stored.
 *
 * @param start what a new agent begins with
 */
export function AgentForm(props: {
  stored?: LoadedAgent
  start?: Partial<AgentDraft>
  onSaved: (saved: LoadedAgent) => void
  /** The changes were discarded for those that another user has saved. */
  onDiscarded?: (theirs: LoadedAgent) => void
  onUnsaved?: (isUnsaved: boolean) => void
}) {
  const may = useScopes()
  const editor = useEditor<LoadedAgent, AgentDraft>({
    ...props,
    start: { name: '', provider: '', model: '', systemPrompt: '', capabilities: {}, client: {}, ...props.start },
    draftOf: draftOfLoaded,
    merge: mergeDrafts,
    problems: (draft, initial) => [
      ...problemsOf(CAPABILITIES, 'config.model.capabilities', draft.capabilities, initial.capabilities),
      ...problemsOf(clientOf(draft), 'config.client', draft.client, initial.client),
    ],
    send: async (draft, base) => {
      const answer = await send(inputOf(draft, base && { draft: draftOfLoaded(base), agent: base.value }), base?.value.id, base?.etag)
      return { ...answer, providerName: await providerName(answer.value) }
    },
    reload: (stored) => loadAgent(stored.value.id),
  })
  const { draft, set, initial, save } = editor
  const modelsOf = useDebounced(draft.route === undefined && draft.inlineProvider === undefined && may('providers:read') ? draft.provider : '')
  const models = useModels(modelsOf || undefined)
  const declared = useDeclaredModels(modelsOf || undefined)
  const error = (field: string) => fieldError(save.failure, field)
  return (
    <Form onSubmit={() => save.run()} failure={save.failure}>
      <TextField
        label="Name"
        hint="Clients request the agent by it, as they would a model."
        isRequired
        maxLength={200}
        value={draft.name}
        error={error('name')}
        onInput={(name) => set({ name })}
      />
      <RadioField
        label="What it calls"
        value={draft.route === undefined ? 'model' : 'route'}
        onInput={(it) => set({ route: it === 'model' ? undefined : (initial.route ?? '') })}
        options={[
          { value: 'model', label: 'A model of a provider' },
          { value: 'route', label: 'A route', hint: 'It decides which models are called, and about retries.' },
        ]}
      />
      {draft.route !== undefined ? (
        <ReferenceField
          to="routes"
          value={draft.route}
          error={error('config.route') ?? error('config.route_id')}
          onInput={(route) => set({ route })}
        />
      ) : draft.inlineProvider === undefined ? (
        <ReferenceField
          to="providers"
          value={draft.provider}
          error={error('config.provider') ?? error('config.provider_id')}
          onInput={(provider) => set({ provider })}
        />
      ) : (
        <JsonField
          label="Provider of its own"
          hint="This agent uses no registered provider. A secret in the form that is shown here is kept."
          isRequired
          mustBeObject
          rows={8}
          value={draft.inlineProvider}
          error={errorUnder(save.failure, 'config.provider')}
          onInput={(it) => set({ inlineProvider: it ?? {} })}
        />
      )}
      {draft.route === undefined && (
        <TextField
          label="Model"
          hint={modelsHint(models.value, models.failure)}
          isRequired
          isCode
          value={draft.model}
          suggestions={[...new Set([...declared, ...(models.value?.data.map((it) => it.id) ?? [])])]}
          error={error('config.model.name')}
          onInput={(model) => set({ model })}
        />
      )}
      <TextField
        label="System prompt"
        hint="Starts every conversation."
        multiline={10}
        value={draft.systemPrompt}
        error={error('config.system_prompt')}
        onInput={(systemPrompt) => set({ systemPrompt })}
      />
      <SchemaForm
        schema={CAPABILITIES}
        path="config.model.capabilities"
        value={draft.capabilities}
        stored={initial.capabilities}
        onChange={(capabilities) => set({ capabilities })}
        failure={save.failure}
        moreTitle="More model options"
      />
      <MoreOptions title={draft.route === undefined ? 'Timeouts, retries and provider' : 'Timeouts'} hasError={errorUnder(save.failure, 'config.client') !== undefined}>
        <SchemaForm
          schema={clientOf(draft)}
          path="config.client"
          value={draft.client}
          stored={initial.client}
          onChange={(client) => set({ client })}
          failure={save.failure}
          isFlat
        />
        {draft.route === undefined && (
          <CheckField
            label="A provider of its own"
            hint="The agent then has the configuration of a provider, as JSON, in place of a registered one."
            isChecked={draft.inlineProvider !== undefined}
            onInput={(isOwn) => set({ inlineProvider: isOwn ? (initial.inlineProvider ?? { name: 'ollama', base_url: '' }) : undefined })}
          />
        )}
      </MoreOptions>
      <EditorEnd editor={editor} hasInput={hasInputFor(draft)} labels={LABELS} text={asText} />
    </Form>
  )
}

/** Whether the form shows the errors of a field of the request at an input. */
function hasInputFor(draft: AgentDraft): (field: string) => boolean {
  const isOwn = draft.inlineProvider !== undefined
  const references = isOwn ? ['config.model.name'] : ['config.provider', 'config.provider_id', 'config.model.name']
  const inputs = [
    'name',
    'config.system_prompt',
    ...(draft.route === undefined ? references : ['config.route', 'config.route_id']),
  ]
  return (field) =>
    inputs.includes(field) ||
    (isOwn && isUnder(field, 'config.provider')) ||
    hasInput(CAPABILITIES, 'config.model.capabilities', draft.capabilities, field) ||
    hasInput(clientOf(draft), 'config.client', draft.client, field)
}

function send(body: Schema<'AgentInput'>, id: string | undefined, etag: string | undefined): Promise<Versioned<Agent>> {
  if (id === undefined) return unwrapVersioned(api.POST('/api/agents', { body }))
  return unwrapVersioned(api.PUT('/api/agents/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }))
}

function draftOfLoaded({ value, providerName }: LoadedAgent): AgentDraft {
  return draftOf(value, providerName)
}

/** What would be sent to change the agent, as text to compare. */
function asText(draft: AgentDraft, agent: LoadedAgent): string {
  const { name, config } = inputOf(draft, { draft: draftOfLoaded(agent), agent: agent.value })
  return agentText({ name, config: config as Schema<'AgentConfig'> })
}

function modelsHint(models: Schema<'ModelList'> | undefined, failure: unknown): string {
  if (failure !== undefined || models?.state === 'failed') return 'The list of models is not known now. Type the name.'
  if (models?.state === 'loading') return 'Loading the list of models. You can type the name.'
  return 'The name of the model at its provider.'
}
