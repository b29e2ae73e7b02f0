import { type ComponentChildren, createContext, type JSX } from 'preact'
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/client'
import { sentence } from '../format'
import { ServiceText } from './ui'

/** What every field has: a label, a hint, and the error of the last attempt. */
export interface FieldProps {
  label: ComponentChildren
  hint?: ComponentChildren
  error?: string
  isRequired?: boolean
}

/** What the last attempt to send the form found wrong, by the ids of the controls. */
const FaultsContext = createContext<ReadonlyMap<string, string>>(new Map())

/** Label, hint and error around a control, which gets the ids that connect them. */
export function Field(
  props: FieldProps & {
    children: (control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean; required?: boolean }) => ComponentChildren
  },
) {
  const id = useId()
  const fault = useContext(FaultsContext).get(id)
  const error = props.error ?? fault
  const described = [props.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class={error ? 'field invalid' : 'field'}>
      <label for={id}>
        {props.label}
        {!props.isRequired && <span class="optional"> optional</span>}
      </label>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
        required: props.isRequired,
      })}
      {error && (
        <p class="error" id={`${id}-error`}>
          <ServiceText text={sentence(error)} />
        </p>
      )}
    </div>
  )
}

export function TextField(
  props: FieldProps & {
    value: string
    onInput: (value: string) => void
    multiline?: boolean | number
    isCode?: boolean
    type?: 'text' | 'password' | 'url' | 'number' | 'search' | 'datetime-local'
    suggestions?: string[]
    /** Beside the field. */
    button?: ComponentChildren
  } & Pick<JSX.IntrinsicElements['input'], 'placeholder' | 'autocomplete' | 'min' | 'max' | 'maxLength' | 'autofocus' | 'name'>,
) {
  const list = useId()
  const { label, hint, error, isRequired, value, onInput, multiline, isCode, suggestions, type, button, ...rest } = props
  return (
    <Field label={label} hint={hint} error={error} isRequired={isRequired}>
      {(control) =>
        multiline ? (
          <textarea
            {...control}
            class={isCode ? 'code' : ''}
            rows={typeof multiline === 'number' ? multiline : 5}
            value={value}
            placeholder={rest.placeholder}
            spellcheck={!isCode}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <div class="input">
            <input
              {...control}
              {...rest}
              type={(type ?? 'text') as 'text'}
              class={isCode ? 'code' : ''}
              value={value}
              autocomplete={rest.autocomplete ?? 'off'}
              spellcheck={false}
              list={suggestions ? list : undefined}
              onInput={(event) => onInput(event.currentTarget.value)}
            />
            {suggestions && (
              <datalist id={list}>
                {suggestions.map((it) => (
                  <option value={it} key={it} />
                ))}
              </datalist>
            )}
            {button}
          </div>
        )
      }
    </Field>
  )
}

export function SelectField(
  props: FieldProps & {
    value: string
    onInput: (value: string) => void
    options: { value: string; label: string }[]
  },
) {
  return (
    <Field label={props.label} hint={props.hint} error={props.error} isRequired={props.isRequired}>
      {(control) => (
        <select {...control} value={props.value} onChange={(event) => props.onInput(event.currentTarget.value)}>
          {props.options.map((it) => (
            <option value={it.value} key={it.value}>
              {it.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

export function CheckField(props: {
  label: ComponentChildren
  hint?: ComponentChildren
  error?: string
  isChecked: boolean
  onInput: (isChecked: boolean) => void
  isDisabled?: boolean
}) {
  const id = useId()
  const described = [props.hint && `${id}-hint`, props.error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        checked={props.isChecked}
        disabled={props.isDisabled}
        aria-describedby={described || undefined}
        aria-invalid={props.error ? true : undefined}
        onChange={(event) => props.onInput(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.error && (
        <p class="error" id={`${id}-error`}>
          <ServiceText text={sentence(props.error)} />
        </p>
      )}
    </div>
  )
}

/** One of several choices. The hint of a disabled option explains why. What an option needs is below it while it is chosen. */
export function RadioField<T extends string>(props: {
  label: ComponentChildren
  value: T
  onInput: (value: T) => void
  options: { value: T; label: ComponentChildren; hint?: ComponentChildren; isDisabled?: boolean; more?: ComponentChildren }[]
}) {
  const id = useId()
  return (
    <fieldset class="choices">
      <legend>{props.label}</legend>
      {props.options.map((it) => (
        <div class="check" key={it.value}>
          <input
            type="radio"
            id={`${id}-${it.value}`}
            name={id}
            checked={props.value === it.value}
            disabled={it.isDisabled}
            aria-describedby={it.hint ? `${id}-${it.value}-hint` : undefined}
            onChange={() => props.onInput(it.value)}
          />
          <label for={`${id}-${it.value}`}>{it.label}</label>
          {it.hint && (
            <p class="hint" id={`${id}-${it.value}-hint`}>
              {it.hint}
            </p>
          )}
          {it.more && props.value === it.value && <div class="more-of-choice">{it.more}</div>}
        </div>
      ))}
    </fieldset>
  )
}

/**
 * A form. After a failed attempt the first invalid field takes the focus. An empty required field
 * shows its error in its place, as other errors do, instead of in a bubble of the browser.
 *
 * @param onSubmit gets the button that was pressed, if any
 * @param failure that of the last attempt
 */
export function Form(props: {
  onSubmit: (button: HTMLElement | null) => void
  failure?: unknown
  children: ComponentChildren
  class?: string
}) {
  const form = useRef<HTMLFormElement>(null)
  const [faults, setFaults] = useState<ReadonlyMap<string, string>>(new Map())
  const [attempt, setAttempt] = useState(0)
  const focusInvalid = () => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  useEffect(() => {
    if (props.failure) focusInvalid()
  }, [props.failure])
  useEffect(() => {
    if (faults.size > 0) focusInvalid()
  }, [attempt])
  return (
    <form
      ref={form}
      class={props.class ?? 'form'}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const found = faultsOf(event.currentTarget)
        setFaults(found)
        setAttempt((it) => it + 1)
        if (found.size === 0) props.onSubmit(event.submitter)
      }}
      onInput={(event) => {
        const { id, validity } = event.target as HTMLInputElement
        if (faults.has(id) && validity.valid) setFaults(new Map([...faults].filter(([it]) => it !== id)))
      }}
    >
      <FaultsContext.Provider value={faults}>{props.children}</FaultsContext.Provider>
      {faults.size > 0 && (
        <p class="visually-hidden" role="alert" key={attempt}>
          Correct the marked {faults.size === 1 ? 'field' : 'fields'}.
        </p>
      )}
    </form>
  )
}

/** What the browser finds wrong in the controls of a form. Those in a closed section are shown. */
function faultsOf(form: HTMLFormElement): Map<string, string> {
  const faults = new Map<string, string>()
  for (const control of form.querySelectorAll<HTMLInputElement>('input, select, textarea')) {
    if (!control.willValidate || control.validity.valid) continue
    faults.set(control.id, control.validity.valueMissing ? 'Required.' : control.validationMessage)
    control.closest<HTMLDetailsElement>('details:not([open])')?.setAttribute('open', '')
  }
  return faults
}

/** The message of a failed request for one field, by its path. */
export function fieldError(failure: unknown, field: string): string | undefined {
  return failure instanceof ApiError ? failure.fieldMessage(field) : undefined
}
