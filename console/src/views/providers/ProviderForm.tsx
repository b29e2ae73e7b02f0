import { useEffect, useState } from 'preact/hooks'
import { api, ApiError, InvalidForm, type Schema, unwrap, unwrapVersioned, type Versioned } from '../../api/client'
import { ConflictDialog } from '../../components/ConflictDialog'
import { sortedJson } from '../../components/diffLines'
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
import { useAction, useUnsavedGuard } from '../../hooks'
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
  const [stored, setStored] = useState(props.stored)
  const storedConfig: JsonObject = stored?.value.config ?? { name: props.kind.name }
  const storedName = stored?.value.name ?? props.suggestedName ?? ''
  const [name, setName] = useState(storedName)
  const [config, setConfig] = useState<JsonObject>(storedConfig)
  const [theirs, setTheirs] = useState<Versioned<Provider>>()
  const [saved, setSaved] = useState<SavedProvider>()
  const [tested, setTested] = useState<{ report: Schema<'ProbeReport'>; request: string }>()
  const schema = formSchema(props.kind.schema as JsonSchema, storedConfig)

  const request = toRequest(schema, config, storedConfig)
  const requestText = JSON.stringify(request)
  const isUnsaved = name !== storedName || JSON.stringify(config) !== JSON.stringify(storedConfig)
  useUnsavedGuard(isUnsaved)
  useEffect(() => {
    props.onUnsaved?.(isUnsaved)
    if (isUnsaved) setSaved(undefined)
  }, [isUnsaved])

  const reset = (to: Versioned<Provider>): void => {
    setStored(to)
    setName(to.value.name)
    setConfig(to.value.config)
    setTheirs(undefined)
  }

  const check = (): void => {
    const problems = problemsOf(schema, 'config', config, storedConfig)
    if (problems.length > 0) throw new InvalidForm(problems)
  }

  /** What another user saved, with the changes that were made here. */
  const merged = (over: Versioned<Provider>): { name: string; config: JsonObject } => ({
    name: name === storedName ? over.value.name : name,
    config: merge(schema, storedConfig, config, over.value.config) as JsonObject,
  })

  /** @param over what another user has saved, to which the changes that were made here are applied */
  const save = useAction(async (over?: Versioned<Provider>) => {
    test.clear()
    setSaved(undefined)
    check()
    const base = over ?? stored
    const sent = over ? merged(over) : { name, config }
    const body = { name: sent.name, config: toRequest(schema, sent.config, base?.value.config ?? storedConfig) } as Schema<'ProviderInput'>
    let answer
    try {
      answer = base
        ? await unwrapVersioned(
            api.PUT('/api/providers/{id}', {
              params: { path: { id: base.value.id }, header: { 'If-Match': base.etag } },
              body,
            }),
          )
        : await unwrapVersioned(api.POST('/api/providers', { body }))
    } catch (e) {
      if (!stored || !(e instanceof ApiError) || e.status !== 412) throw withSecretErrors(e, schema)
      setTheirs(await unwrapVersioned(api.GET('/api/providers/{id}', { params: { path: { id: stored.value.id } } })))
      return
    }
    setStored(answer)
    setTheirs(undefined)
    // What was typed while it was saved stays.
    setName((now) => (now === name ? answer.value.name : now))
    setConfig((now) => (now === config ? answer.value.config : now))
    const hasFailed = tested?.request === requestText && !tested.report.ok
    const outcome = { ...answer, failedStage: hasFailed ? (failedStage(tested.report) ?? 'unknown') : undefined }
    setSaved(outcome)
    props.onSaved(outcome)
  })

  const test = useAction(async () => {
    save.clear()
    check()
    try {
      const body = { config: request, provider_id: stored?.value.id } as Schema<'ProbeInput'>
      setTested({ report: await unwrap(api.POST('/api/providers/probe', { body })), request: requestText })
    } catch (e) {
      throw withSecretErrors(e, schema)
    }
  })

  const failure = save.failure ?? test.failure
  const hasFailed = tested?.request === requestText && !tested.report.ok
  return (
    <Form onSubmit={(button) => (button?.id === TEST ? test.run() : save.run())} failure={failure}>
      <TextField
        label="Name"
        hint="Agents and clients name the provider by it."
        isRequired
        maxLength={200}
        value={name}
        error={fieldError(failure, 'name')}
        onInput={setName}
      />
      <SchemaForm
        schema={schema}
        path="config"
        value={config}
        stored={storedConfig}
        onChange={setConfig}
        failure={failure}
      />
      <div class="stack live" role="status">
        {test.isRunning && <p class="muted">Testing. This takes up to half a minute.</p>}
        {tested && !test.isRunning && <ProbeResult report={tested.report} labels={labelsOf(schema)} isOutdated={tested.request !== requestText} />}
      </div>
      {failure !== undefined && !theirs && (
        <FormFailure
          title={save.failure !== undefined ? 'Not saved' : 'Not tested'}
          failure={failure}
          hasInput={(field) => field === 'name' || hasInput(schema, 'config', config, field)}
        />
      )}
      <div class="actions">
        <Button type="submit" kind="primary" isBusy={save.isRunning}>
          Save
        </Button>
        <Button type="submit" id={TEST} isBusy={test.isRunning}>
          Test
        </Button>
        <SaveStatus>{saved && !isUnsaved && <SavedNotice saved={saved} labels={labelsOf(schema)} />}</SaveStatus>
      </div>
      {hasFailed && <p class="muted">The test of these values failed. They can be saved all the same.</p>}
      {theirs && (
        <ConflictDialog
          theirs={asText(theirs.value, theirs.value.config, schema)}
          mine={asText(merged(theirs), theirs.value.config, schema)}
          isBusy={save.isRunning}
          failure={save.failure}
          onOverwrite={() => save.run(theirs)}
          onDiscard={() => {
            save.clear()
            reset(theirs)
            props.onDiscarded?.(theirs)
          }}
          onClose={() => setTheirs(undefined)}
        />
      )}
    </Form>
  )
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
function asText(it: { name: string; config: JsonObject }, stored: JsonObject, schema: JsonSchema): string {
  return sortedJson({ name: it.name, config: toRequest(schema, masked(it.config, schema), stored) })
}
