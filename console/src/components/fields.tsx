import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
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

/** Label, hint and error around a control, which gets the ids that connect them. */
export function Field(
  props: FieldProps & {
    children: (control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean; required?: boolean }) => ComponentChildren
  },
) {
  const id = useId()
  const described = [props.hint && `${id}-hint`, props.error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class={props.error ? 'field invalid' : 'field'}>
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
        'aria-invalid': props.error ? true : undefined,
        required: props.isRequired,
      })}
      {props.error && (
        <p class="error" id={`${id}-error`}>
          <ServiceText text={sentence(props.error)} />
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
  } & Pick<JSX.IntrinsicElements['input'], 'placeholder' | 'autocomplete' | 'min' | 'max' | 'maxLength' | 'autofocus' | 'name'>,
) {
  const list = useId()
  const { label, hint, error, isRequired, value, onInput, multiline, isCode, suggestions, type, ...rest } = props
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
          <>
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
          </>
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
  isChecked: boolean
  onInput: (isChecked: boolean) => void
  isDisabled?: boolean
}) {
  const id = useId()
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        checked={props.isChecked}
        disabled={props.isDisabled}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onChange={(event) => props.onInput(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  )
}

/** One of several choices. An option that is disabled says why in its hint. */
export function RadioField<T extends string>(props: {
  label: ComponentChildren
  value: T
  onInput: (value: T) => void
  options: { value: T; label: ComponentChildren; hint?: ComponentChildren; isDisabled?: boolean }[]
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
        </div>
      ))}
    </fieldset>
  )
}

/**
 * A form. After a failed attempt the first invalid field takes the focus.
 *
 * @param failure that of the last attempt
 */
export function Form(props: { onSubmit: () => void; failure?: unknown; children: ComponentChildren; class?: string }) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (props.failure) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [props.failure])
  return (
    <form
      ref={form}
      class={props.class ?? 'form'}
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit()
      }}
    >
      {props.children}
    </form>
  )
}

/** The message of a failed request for one field, by its path. */
export function fieldError(failure: unknown, field: string): string | undefined {
  return failure instanceof ApiError ? failure.fieldMessage(field) : undefined
}
