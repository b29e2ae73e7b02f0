import { useState } from 'preact/hooks'
import { api, ApiError, InvalidForm, type Schema, unwrap, unwrapVersioned, type Versioned } from '../../api/client'
import { ConflictDialog } from '../../components/ConflictDialog'
import { sortedJson } from '../../components/diffLines'
import { useEditor } from '../../components/editor'
import { fieldError, Form, TextField } from '../../components/fields'
import {
  fieldsOf,
  getAt,
  hasInput,
  isObject,
  isStoredSecret,
  type JsonObject,
  type JsonSchema,
  labelsOf,
  merge,
  problemsOf,
  setAt,
  toRequest,
} from '../../components/schema'
import { SchemaForm } from '../../components/SchemaForm'
import { FormFailure, SaveStatus } from '../../components/states'
import { Button } from '../../components/ui'
import { useAction } from '../../hooks'
import { Announcement } from '../announcement'
import { failedStage, ProbeResult } from './ProbeResult'
import { SavedNotice } from './SavedNotice'

type Provider = Schema<'Provider'>

/** The id of the button that tests what the form has. */
const TEST = 'test'

/** What a form saved, with the stage in which the last test of these values failed. */
export interface SavedProvider extends Versioned<Provider> {
  failedStage?: string
}

export const newProvider = new Announcement<SavedProvider>((it) => it.value.id)

/** What the form of a provider holds. */
interface ProviderDraft {
  name: string
  config: JsonObject
}

/**
 * The form of a provider, new or stored, with the test of its unsaved values.
 *
 * @param stored absent for a new provider
 */
export function ProviderForm(props: {
  kind: Schema<'ProviderKind'>
  suggestedName?: string
  stored?: Versioned<Provider>
  onSaved: (saved: SavedProvider) => void
  /** The changes were discarded for those that another user has saved. */
  onDiscarded?: (theirs: Versioned<Provider>) => void
  onUnsaved?: (isUnsaved: boolean) => void
}) {
  const schemaOf = (initial: ProviderDraft) => formSchema(props.kind.schema as JsonSchema, initial.config)
  const [tested, setTested] = useState<{ report: Schema<'ProbeReport'>; request: string }>()
  const hasFailed = (request: string): boolean => tested?.request === request && !tested.report.ok
  const { draft, set, initial, saved, save, conflict } = useEditor<SavedProvider, ProviderDraft>({
    ...props,
    start: { name: props.suggestedName ?? '', config: { name: props.kind.name } },
    draftOf: ({ value }) => ({ name: value.name, config: value.config }),
    merge: (base, mine, theirs) => ({
      name: mine.name === base.name ? theirs.name : mine.name,
      config: merge(schemaOf(base), base.config, mine.config, theirs.config) as JsonObject,
    }),
    problems: (draft, initial) => problemsOf(schemaOf(initial), 'config', draft.config, initial.config),
    send: async (draft, base) => {
      const config = toRequest(schema, draft.config, base?.value.config ?? initial.config)
      const body = { name: draft.name, config } as Schema<'ProviderInput'>
      const answer = await send(body, base).catch((e) => {
        throw withSecretErrors(e, schema)
      })
      return { ...answer, failedStage: hasFailed(requestText) ? (failedStage(tested!.report) ?? 'unknown') : undefined }
    },
    reload: (stored) => unwrapVersioned(api.GET('/api/providers/{id}', { params: { path: { id: stored.value.id } } })),
  })
  const schema = schemaOf(initial)
  const request = toRequest(schema, draft.config, initial.config)
  const requestText = JSON.stringify(request)

  const test = useAction(async () => {
    save.clear()
    const problems = problemsOf(schema, 'config', draft.config, initial.config)
    if (problems.length > 0) throw new InvalidForm(problems)
    try {
      const body = { config: request, provider_id: props.stored?.value.id } as Schema<'ProbeInput'>
      setTested({ report: await unwrap(api.POST('/api/providers/probe', { body })), request: requestText })
    } catch (e) {
      throw withSecretErrors(e, schema)
    }
  })

  const submit = (button: HTMLElement | null): void => {
    if (button?.id === TEST) void test.run()
    else {
      test.clear()
      void save.run()
    }
  }

  const failure = save.failure ?? test.failure
  return (
    <Form onSubmit={submit} failure={failure}>
      <TextField
        label="Name"
        hint="Agents and clients name the provider by it."
        isRequired
        maxLength={200}
        value={draft.name}
        error={fieldError(failure, 'name')}
        onInput={(name) => set({ name })}
      />
      <SchemaForm
        schema={schema}
        path="config"
        value={draft.config}
        stored={initial.config}
        onChange={(config) => set({ config })}
        failure={failure}
      />
      <div class="stack live" role="status">
        {test.isRunning && <p class="muted">Testing. This takes up to half a minute.</p>}
        {tested && !test.isRunning && <ProbeResult report={tested.report} labels={labelsOf(schema)} isOutdated={tested.request !== requestText} />}
      </div>
      {failure !== undefined && !conflict && (
        <FormFailure
          title={save.failure !== undefined ? 'Not saved' : 'Not tested'}
          failure={failure}
          hasInput={(field) => field === 'name' || hasInput(schema, 'config', draft.config, field)}
        />
      )}
      <div class="actions">
        <Button type="submit" kind="primary" isBusy={save.isRunning}>
          Save
        </Button>
        <Button type="submit" id={TEST} isBusy={test.isRunning}>
          Test
        </Button>
        <SaveStatus>{saved && <SavedNotice saved={saved} labels={labelsOf(schema)} />}</SaveStatus>
      </div>
      {hasFailed(requestText) && <p class="muted">The test of these values failed. They can be saved all the same.</p>}
      {conflict && (
        <ConflictDialog
          theirs={asText(conflict.draft, conflict.draft.config, schema)}
          mine={asText(conflict.merged, conflict.draft.config, schema)}
          isBusy={save.isRunning}
          failure={save.failure}
          onOverwrite={() => save.run(conflict.theirs)}
          onDiscard={conflict.discard}
          onClose={conflict.keepEditing}
        />
      )}
    </Form>
  )
}

function send(body: Schema<'ProviderInput'>, base: Versioned<Provider> | undefined): Promise<Versioned<Provider>> {
  if (!base) return unwrapVersioned(api.POST('/api/providers', { body }))
  const params = { path: { id: base.value.id }, header: { 'If-Match': base.etag } }
  return unwrapVersioned(api.PUT('/api/providers/{id}', { params, body }))
}

/** The schema as the form shows it: without what has no effect, and an address that has a default is rarely set. */
function formSchema(schema: JsonSchema, stored: JsonObject): JsonSchema {
  const { model, base_url, ...properties } = schema.properties ?? {}
  const isAddressRequired = schema.required?.includes('base_url')
  return {
    ...schema,
    properties: {
      ...(base_url && { base_url: { ...base_url, 'x-advanced': !isAddressRequired } }),
      ...properties,
      ...(model && 'model' in stored && { model: { ...model, 'x-advanced': true } }),
    },
  }
}

/** The problem of a changed destination names the secrets in its text: their fields show it. */
function withSecretErrors(failure: unknown, schema: JsonSchema): unknown {
  if (!(failure instanceof ApiError) || failure.problem.type !== '/problems/secret-required') return failure
  const detail = failure.problem.detail ?? ''
  const errors = fieldsOf(schema)
    .filter((it) => it.schema.format === 'password')
    .map((it) => ['config', ...it.path].join('.'))
    .filter((path) => new RegExp(`${path.replaceAll('.', '\\.')}(?!\\w)`).test(detail))
    .map((field) => ({
      field,
      message: 'Enter it again or clear it: the destination has changed, and a stored secret is not sent to another.',
    }))
  return errors.length > 0 ? new ApiError(failure.status, { ...failure.problem, errors }) : failure
}

/** A configuration without the secrets that were typed. */
function masked(config: JsonObject, schema: JsonSchema): JsonObject {
  return fieldsOf(schema).reduce((result, field) => {
    if (field.schema.format !== 'password') return result
    const value = getAt(config, field.path)
    return value === undefined || isStoredSecret(value) || isObject(value) ? result : setAt(result, field.path, value === null ? '(cleared)' : '(new)')
  }, config)
}

/** What would be sent to change what is stored, as text to compare. */
function asText(it: ProviderDraft, stored: JsonObject, schema: JsonSchema): string {
  return sortedJson({ name: it.name, config: toRequest(schema, masked(it.config, schema), stored) })
}
