import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { relativeTime } from '../format'
import { Field, type FieldProps } from './fields'
import { isObject, isStoredSecret, type StoredSecret } from './schema'
import { Button } from './ui'

const SOURCES = { value: 'Value', env: 'Environment variable', file: 'File' } as const
type Source = keyof typeof SOURCES

const PLACEHOLDERS: Record<Source, string | undefined> = {
  value: undefined,
  env: 'Name of a variable listed in secrets.env',
  file: 'Path of a file in secrets.folder',
}

/**
 * A secret that can be written but not read: its text, or where the service finds it.
 *
 * @param value that of the form: text, a reference, `null` to clear the stored secret, or what the service shows of it
 */
export function SecretField(props: SecretProps) {
  const isStored = isStoredSecret(props.value)
  const [isReplacing, setReplacing] = useState(false)
  const mode = props.value === null ? 'cleared' : isStored && !isReplacing && !props.error ? 'kept' : 'open'
  const box = useRef<HTMLDivElement>(null)
  const shown = useRef(mode)

  // What was typed is now stored.
  useEffect(() => setReplacing(false), [props.stored])

  // The pressed button is gone: its place takes the focus.
  useLayoutEffect(() => {
    if (shown.current === mode) return
    shown.current = mode
    if (document.activeElement === document.body) box.current?.querySelector<HTMLElement>('input, button')?.focus()
  }, [mode])

  const keep = (): void => {
    setReplacing(false)
    props.onInput(props.stored)
  }
  return (
    <div ref={box}>
      {mode === 'cleared' && (
        <Kept label={props.label} text="Cleared when you save.">
          <Button onClick={keep}>Keep it</Button>
        </Kept>
      )}
      {mode === 'kept' && (
        <Kept label={props.label} text={stateOf(props.value as StoredSecret)}>
          <Button onClick={() => setReplacing(true)} aria-label={`Replace ${String(props.label)}`}>
            Replace
          </Button>
          <Button onClick={() => props.onInput(null)} aria-label={`Clear ${String(props.label)}`}>
            Clear
          </Button>
        </Kept>
      )}
      {mode === 'open' && <SecretInput {...props} onEdit={() => setReplacing(true)} onKeep={keep} />}
    </div>
  )
}

type SecretProps = FieldProps & { value: unknown; stored: unknown; onInput: (value: unknown) => void }

function SecretInput(props: SecretProps & { onEdit: () => void; onKeep: () => void }) {
  const { value, stored, onInput, onEdit, onKeep, ...field } = props
  const [source, setSource] = useState<Source>(() => sourceOf(value))
  const text = isObject(value) ? String(value[source] ?? '') : String(value ?? '')
  const write = (input: string, from: Source): void => {
    if (input === '') onInput(isStoredSecret(stored) ? stored : undefined)
    else onInput(from === 'value' ? input : { [from]: input })
  }
  return (
    <Field {...field}>
      {(control) => (
        <>
          <div class="secret">
            <select
              aria-label={`${String(props.label)}: where it is`}
              value={source}
              onChange={(event) => {
                // A secret that was typed must not become the name of a variable, which is shown.
                setSource(event.currentTarget.value as Source)
                write('', 'value')
                onEdit()
              }}
            >
              {Object.entries(SOURCES).map(([id, label]) => (
                <option value={id} key={id}>
                  {label}
                </option>
              ))}
            </select>
            <input
              {...control}
              key={source}
              type={(source === 'value' ? 'password' : 'text') as 'text'}
              value={text}
              placeholder={PLACEHOLDERS[source]}
              autocomplete={source === 'value' ? 'new-password' : 'off'}
              spellcheck={false}
              onInput={(event) => {
                onEdit()
                write(event.currentTarget.value, source)
              }}
            />
          </div>
          {isStoredSecret(stored) && (
            <div class="actions">
              <Button onClick={onKeep} aria-label={`Keep the stored one of ${String(props.label)}`}>
                Keep the stored one
              </Button>
              <Button onClick={() => onInput(null)} aria-label={`Clear ${String(props.label)}`}>
                Clear
              </Button>
            </div>
          )}
        </>
      )}
    </Field>
  )
}

function Kept(props: { label: FieldProps['label']; text: string; children: preact.ComponentChildren }) {
  return (
    <div class="field" role="group" aria-label={String(props.label)}>
      <span class="label">{props.label}</span>
      <div class="row kept">
        <span>{props.text}</span>
        <div class="actions">{props.children}</div>
      </div>
    </div>
  )
}

function sourceOf(value: unknown): Source {
  if (!isObject(value)) return 'value'
  return 'env' in value ? 'env' : 'file' in value ? 'file' : 'value'
}

function stateOf(secret: StoredSecret): string {
  const parts = ['Set']
  // Of a short secret the service shows nothing but the ellipsis.
  if (secret.hint && secret.hint !== '…') parts.push(`ends in ${secret.hint}`)
  if (secret.updated_at) parts.push(`changed ${relativeTime(secret.updated_at)}`)
  return `${parts.join(', ')}.`
}
