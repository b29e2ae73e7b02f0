import { useEffect, useState } from 'preact/hooks'
import { api, type Schema, unwrap } from '../../api/client'
import type { ListedModel } from '../../api/models'
import { fieldError, Form, SelectField, TextField } from '../../components/fields'
import { FormFailure } from '../../components/states'
import { Button, CodeBlock, Notice } from '../../components/ui'
import { useAction } from '../../hooks'
import { DEFAULT_EXPIRY, EXPIRIES, expiresAt } from '../keys/expiry'
import { scopeOf } from './tools'

/** The key for the tool: a new one, or one that the user has. It stays in this page. */
export interface ChosenKey {
  text: string
  /** Of a new key. */
  id?: string
  /** What a new key may use, if that is one agent, route or model. */
  model?: string
}

/** Creates a key or takes one. */
export function KeyStep(props: { toolId: string; model: ListedModel; chosen?: ChosenKey; onChoose: (key?: ChosenKey) => void }) {
  const [source, setSource] = useState<'new' | 'own'>('new')
  const { chosen, model, onChoose } = props
  const change = (next: 'new' | 'own') => {
    setSource(next)
    onChoose(undefined)
  }
  const isCreated = chosen?.id !== undefined
  const isForOther = isCreated && chosen.model !== undefined && chosen.model !== model.id
  return (
    <div class="stack">
      {!isCreated && (
        <div class="choice-row" role="radiogroup" aria-label="Which key">
          {(['new', 'own'] as const).map((it) => (
            <label key={it} class="choice">
              <input type="radio" name="key-source" checked={source === it} onChange={() => change(it)} />
              {it === 'new' ? 'Add a key' : 'I have a key'}
            </label>
          ))}
        </div>
      )}
      {isCreated && (
        <Notice tone={isForOther ? 'warn' : 'good'} role="status" title={isForOther ? 'This key is for another model' : 'The key is created'}>
          {isForOther ? (
            <p>
              It may only use <code>{chosen.model}</code>.
            </p>
          ) : (
            <p>It is shown only now. The configuration below contains it.</p>
          )}
          {!isForOther && <CodeBlock label="The new key" code={chosen.text} />}
          <Button onClick={() => onChoose(undefined)}>Add another</Button>
        </Notice>
      )}
      {!isCreated && source === 'new' && <CreateKey key={props.toolId} toolId={props.toolId} model={model} onCreated={onChoose} />}
      {source === 'own' && (
        <div class="form">
          <TextField
            label="Key"
            hint="It stays in this page, which puts it into the configuration below. Without it, the configuration has a placeholder."
            type="password"
            isCode
            placeholder="agl_key_…"
            value={chosen?.text ?? ''}
            onInput={(text) => onChoose(text.trim() ? { text: text.trim() } : undefined)}
          />
        </div>
      )}
    </div>
  )
}

function CreateKey(props: { toolId: string; model: ListedModel; onCreated: (key: ChosenKey) => void }) {
  const { model } = props
  const [name, setName] = useState(props.toolId)
  const [isForAll, setForAll] = useState(false)
  const [expiry, setExpiry] = useState(DEFAULT_EXPIRY)
  const create = useAction(async () => {
    const body: Schema<'ApiKeyInput'> = {
      name: name.trim(),
      scopes: [isForAll ? 'invoke' : scopeOf(model)],
      expires_at: expiresAt(expiry),
    }
    const created = await unwrap(api.POST('/api/me/keys', { body }))
    props.onCreated({ text: created.key ?? '', id: created.id, model: isForAll ? undefined : model.id })
  })
  useEffect(create.clear, [model.id])
  const error = (field: string) => fieldError(create.failure, field)
  return (
    <Form onSubmit={create.run} failure={create.failure}>
      <TextField label="Name" isRequired maxLength={200} value={name} onInput={setName} error={error('name')} />
      <SelectField
        label="May use"
        isRequired
        value={isForAll ? 'all' : 'one'}
        onInput={(value) => setForAll(value === 'all')}
        options={[
          { value: 'one', label: `Only ${model.id}` },
          { value: 'all', label: 'Everything that I may call' },
        ]}
        error={error('scopes')}
      />
      <SelectField label="Expires" isRequired value={expiry} onInput={setExpiry} options={EXPIRIES} error={error('expires_at')} />
      {create.failure !== undefined && (
        <FormFailure
          title="Not added"
          failure={create.failure}
          hasInput={(field) => ['name', 'scopes', 'expires_at'].includes(field)}
        />
      )}
      <Button type="submit" kind="primary" icon="key" isBusy={create.isRunning}>
        Add key
      </Button>
    </Form>
  )
}
