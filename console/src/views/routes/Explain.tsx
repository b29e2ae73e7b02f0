import { useState } from 'preact/hooks'
import { api, InvalidForm, unwrap } from '../../api/client'
import { fieldError, Form, SelectField, TextField } from '../../components/fields'
import type { JsonObject } from '../../components/schema'
import { errorUnder, JsonField } from '../../components/SchemaForm'
import { FormFailure } from '../../components/states'
import { Badge, Button, Notice } from '../../components/ui'
import { useAction } from '../../hooks'
import '../../styles/routes.css'
import { decisionsOf, DIALECTS, type Explanation, headersOf } from './explanation'

const SESSION_HEADER = 'Agent-Lab-Session'

/** Asks where a request would go. Calls no model. */
export function Explain({ route }: { route: { id: string } }) {
  const [dialect, setDialect] = useState(DIALECTS[0]!)
  const [session, setSession] = useState('')
  const [headers, setHeaders] = useState('')
  const [body, setBody] = useState<unknown>(dialect.body)
  const [explanation, setExplanation] = useState<Explanation>()
  const explain = useAction(async () => {
    setExplanation(undefined)
    const fields = headersOf(headers)
    if (!fields) throw new InvalidForm([{ field: 'headers', message: 'must have a name, a colon and a value in each line' }])
    const request = {
      dialect: dialect.dialect,
      headers: session ? { ...fields, [SESSION_HEADER]: session } : fields,
      body: (body ?? {}) as JsonObject,
    }
    setExplanation(await unwrap(api.POST('/api/routes/{id}/explain', { params: { path: { id: route.id } }, body: request })))
  })
  const choose = (name: string): void => {
    const chosen = DIALECTS.find((it) => it.dialect === name)!
    // What was typed stays.
    if (body === dialect.body) setBody(chosen.body)
    setDialect(chosen)
  }
  return (
    <div class="editor">
      <Form onSubmit={() => explain.run()} failure={explain.failure}>
        <p class="hint">Decides as for a call, with the present state of the providers. No model is called.</p>
        <SelectField
          label="API of the client"
          isRequired
          value={dialect.dialect}
          options={DIALECTS.map((it) => ({ value: it.dialect, label: it.label }))}
          error={fieldError(explain.failure, 'dialect')}
          onInput={choose}
        />
        <TextField
          label="Session"
          hint="All requests of a session go to the same target. Without one, each decision is drawn anew, as each call is."
          value={session}
          onInput={setSession}
        />
        <TextField
          label="Header fields"
          hint={
            <>
              One in each line, such as <code>x-claude-code-session-id: 7f3a</code>.
            </>
          }
          multiline={2}
          isCode
          value={headers}
          error={errorUnder(explain.failure, 'headers')}
          onInput={setHeaders}
        />
        <JsonField
          label="Body"
          hint="The JSON of the request."
          isRequired
          mustBeObject
          rows={8}
          value={body}
          error={errorUnder(explain.failure, 'body')}
          onInput={setBody}
        />
        {explain.failure !== undefined && (
          <FormFailure
            title="Not explained"
            failure={explain.failure}
            hasInput={(field) => ['dialect', 'headers', 'body'].some((it) => field === it || field.startsWith(`${it}.`))}
          />
        )}
        <div class="actions">
          <Button type="submit" kind="primary" isBusy={explain.isRunning}>
            Explain
          </Button>
        </div>
      </Form>
      <section class="stack" aria-live="polite">
        {explanation && <Answer explanation={explanation} />}
      </section>
    </div>
  )
}

function Answer({ explanation }: { explanation: Explanation }) {
  return (
    <>
      <h2>Decision</h2>
      {explanation.target ? (
        <p>
          The request goes to <strong class="chosen-target">{explanation.target}</strong>.
        </p>
      ) : (
        <Notice tone="warn" title="No target would be called" />
      )}
      <ol class="decisions">
        {decisionsOf(explanation).map((it) => (
          <li key={it.target}>
            <code>{it.target}</code> {it.outcome === 'called' && <Badge tone="good">is called</Badge>}
            {it.outcome === 'skipped' && (
              <>
                <Badge tone="warn">skipped</Badge>
                <p class="muted">{it.reason}</p>
              </>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}
