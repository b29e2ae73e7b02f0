import { api, type Schema, unwrapVersioned, type Versioned } from '../../api/client'
import { useEditor } from '../../components/editor'
import { EditorEnd } from '../../components/EditorEnd'
import { CheckField, fieldError, Form, TextField } from '../../components/fields'
import { hasInput, isUnder, problemsOf } from '../../components/schema'
import { SchemaForm } from '../../components/SchemaForm'
import { Notice } from '../../components/ui'
import '../../styles/routes.css'
import {
  CAUSES,
  draftOf,
  inputOf,
  LABELS,
  mergeDrafts,
  NEW_TARGET,
  type Route,
  type RouteConfig,
  type RouteDraft,
  routeText,
  SETTINGS,
} from './settings'
import { TargetFields } from './TargetFields'

export type StoredRoute = Versioned<Route>

export function loadRoute(id: string, signal?: AbortSignal): Promise<StoredRoute> {
  return unwrapVersioned(api.GET('/api/routes/{id}', { params: { path: { id } }, signal }))
}

/** The form of a route, new or stored. */
export function RouteForm(props: {
  stored?: StoredRoute
  onSaved: (saved: StoredRoute) => void
  /** The changes were discarded for those that another user has saved. */
  onDiscarded?: (theirs: StoredRoute) => void
  onUnsaved?: (isUnsaved: boolean) => void
}) {
  const editor = useEditor<StoredRoute, RouteDraft>({
    ...props,
    start: { name: '', targets: [NEW_TARGET], fallbackOn: CAUSES.map((it) => it.cause), settings: {} },
    draftOf: (it) => draftOf(it.value),
    merge: mergeDrafts,
    problems: (draft, initial) => problemsOf(SETTINGS, 'config', draft.settings, initial.settings),
    send: (draft, base) => send(inputOf(draft, base && draftOf(base.value)), base),
    reload: (stored) => loadRoute(stored.value.id),
  })
  const { draft, set, initial, save } = editor
  const causesError = fieldError(save.failure, 'config.fallback_on')
  return (
    <Form onSubmit={() => save.run()} failure={save.failure}>
      <TextField
        label="Name"
        hint="Clients request the route by it, as they would a model. It takes precedence over an agent and a model of this name."
        isRequired
        maxLength={200}
        value={draft.name}
        error={fieldError(save.failure, 'name')}
        onInput={(name) => set({ name })}
      />
      <TargetFields targets={draft.targets} failure={save.failure} onInput={(targets) => set({ targets })} />
      <fieldset class="choices">
        <legend>The next target is tried, until a client has received content, if one fails because</legend>
        {causesError && <Notice tone="bad" title={causesError} />}
        {CAUSES.map(({ cause, label }) => (
          <CheckField
            key={cause}
            label={label}
            isChecked={draft.fallbackOn.includes(cause)}
            onInput={(isChecked) =>
              set({ fallbackOn: isChecked ? [...draft.fallbackOn, cause] : draft.fallbackOn.filter((it) => it !== cause) })
            }
          />
        ))}
      </fieldset>
      <SchemaForm
        schema={SETTINGS}
        path="config"
        value={draft.settings}
        stored={initial.settings}
        onChange={(settings) => set({ settings })}
        failure={save.failure}
      />
      <EditorEnd editor={editor} hasInput={(field) => hasInputFor(draft, field)} labels={LABELS} text={asText} />
    </Form>
  )
}

/** Whether the form shows the errors of a field of the request at an input. */
function hasInputFor(draft: RouteDraft, field: string): boolean {
  return (
    ['name', 'config.targets', 'config.fallback_on'].includes(field) ||
    draft.targets.some((_, index) => isUnder(field, `config.targets[${index}]`) || field === `config.targets[${index}]`) ||
    hasInput(SETTINGS, 'config', draft.settings, field)
  )
}

function send(body: Schema<'ModelRouteInput'>, base: StoredRoute | undefined): Promise<StoredRoute> {
  if (!base) return unwrapVersioned(api.POST('/api/routes', { body }))
  const params = { path: { id: base.value.id }, header: { 'If-Match': base.etag } }
  return unwrapVersioned(api.PUT('/api/routes/{id}', { params, body }))
}

/** What would be sent to change the route, as text to compare. */
function asText(draft: RouteDraft, stored: StoredRoute): string {
  const { name, config } = inputOf(draft, draftOf(stored.value))
  return routeText({ name, config: config as RouteConfig })
}
