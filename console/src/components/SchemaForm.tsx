import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/client'
import { withFullStop } from '../format'
import '../styles/schema-form.css'
import { CheckField, Field, type FieldProps, SelectField, TextField } from './fields'
import {
  fieldsOf,
  fieldType,
  getAt,
  isObject,
  isUndeclared,
  isUnder,
  isUsed,
  type JsonObject,
  type JsonSchema,
  labelOf,
  limitsOf,
  openObjectsOf,
  type SchemaField,
  setAt,
} from './schema'
import { SecretField } from './SecretField'

/**
 * The fields for the settings that a JSON Schema describes.
 *
 * @param path that of the object in the request, by which the service reports errors
 * @param stored what the service has, for secrets that are kept
 */
export function SchemaForm(props: {
  schema: JsonSchema
  path: string
  value: JsonObject
  stored: JsonObject
  onChange: (value: JsonObject) => void
  failure: unknown
  moreTitle?: string
  /** Shows all fields at once, without "More options". */
  isFlat?: boolean
}) {
  const { schema, value, stored } = props
  const fields = fieldsOf(schema).filter((it) => isUsed(schema, it, value))
  const errorOf = (path: string[]) => errorUnder(props.failure, [props.path, ...path].join('.'))
  const row = (field: SchemaField) => (
    <SchemaControl
      key={field.path.join('.')}
      field={field}
      value={getAt(value, field.path)}
      stored={getAt(stored, field.path)}
      error={errorOf(field.path)}
      onInput={(member) => props.onChange(setAt(value, field.path, member))}
    />
  )
  const others = openObjectsOf(schema).map((it) => (
    <OtherMembers
      key={it.path.join('.')}
      label={`Other ${(it.schema.title ?? it.path.at(-1) ?? 'settings').toLowerCase()}`}
      schema={it.schema}
      value={it.path.length > 0 ? getAt(value, it.path) : value}
      error={undeclaredError(props.failure, [props.path, ...it.path].join('.'), it.schema)}
      onInput={(member) => props.onChange(it.path.length > 0 ? setAt(value, it.path, member) : member)}
    />
  ))
  const advanced = fields.filter((it) => it.isAdvanced)
  if (props.isFlat) return <>{[...fields.map(row), ...others]}</>
  return (
    <>
      {fields.filter((it) => !it.isAdvanced).map(row)}
      {advanced.length + others.length > 0 && (
        <MoreOptions title={props.moreTitle} hasError={[...advanced, ...openObjectsOf(schema)].some((it) => errorOf(it.path))}>
          {advanced.map(row)}
          {others}
        </MoreOptions>
      )}
    </>
  )
}

/** Settings that are rarely needed. An error within shows them. */
export function MoreOptions(props: { title?: string; hasError: boolean; children: preact.ComponentChildren }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details
      class="more"
      open={isOpen || props.hasError}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{props.title ?? 'More options'}</summary>
      <div class="stack">{props.children}</div>
    </details>
  )
}

function SchemaControl(props: {
  field: SchemaField
  value: unknown
  stored: unknown
  error?: string
  onInput: (value: unknown) => void
}) {
  const { schema, isRequired } = props.field
  const { value, onInput } = props
  const label = schema.title ?? labelOf(props.field.path.at(-1)!)
  const common: FieldProps = { label, hint: hintOf(schema), error: props.error, isRequired }
  const placeholder = schema.default === undefined ? undefined : String(schema.default)
  switch (fieldType(schema)) {
    case 'secret':
      return <SecretField {...common} value={value} stored={props.stored} onInput={onInput} />
    case 'choice': {
      const choices = schema.enum!.map(String)
      // What was stored by other means stays an option.
      if (typeof props.stored === 'string' && props.stored !== '' && !choices.includes(props.stored)) choices.push(props.stored)
      return (
        <SelectField
          {...common}
          value={String(value ?? '')}
          onInput={(it) => onInput(it === '' ? undefined : it)}
          options={[
            { value: '', label: placeholder === undefined ? 'Not set' : `Default (${placeholder})` },
            ...choices.map((it) => ({ value: it, label: it })),
          ]}
        />
      )
    }
    case 'boolean':
      return (
        <CheckField
          label={label}
          hint={schema.description}
          error={props.error}
          isChecked={(value ?? schema.default) === true}
          onInput={onInput}
        />
      )
    case 'lines':
      return (
        <TextField
          {...common}
          hint={`${schema.description ?? ''} One per line.`}
          multiline={3}
          isCode
          value={Array.isArray(value) ? value.join('\n') : String(value ?? '')}
          onInput={(it) => onInput(it === '' ? undefined : it.split('\n'))}
        />
      )
    case 'number':
      return (
        <TextField
          {...common}
          value={String(value ?? '')}
          placeholder={placeholder}
          onInput={(it) => onInput(it === '' ? undefined : it)}
        />
      )
    case 'text': {
      // Certificates have several lines.
      const isPem = /\bPEM\b/.test(schema.description ?? '')
      return (
        <TextField
          {...common}
          multiline={isPem && 4}
          isCode={isPem || schema.format === 'uri'}
          value={String(value ?? '')}
          placeholder={placeholder}
          suggestions={schema.examples?.map(String)}
          onInput={(it) => onInput(it === '' ? undefined : it)}
        />
      )
    }
    case 'json':
      return <JsonField {...common} value={value} onInput={onInput} />
  }
}

function hintOf(schema: JsonSchema): string {
  const limits = limitsOf(schema)
  return [schema.description, limits && `${limits.charAt(0).toUpperCase()}${limits.slice(1)}.`].filter(Boolean).join(' ')
}

/** Members of an object that its schema does not declare, as JSON. */
function OtherMembers(props: {
  label: string
  schema: JsonSchema
  value: unknown
  error?: string
  onInput: (value: JsonObject) => void
}) {
  const declared = props.schema.properties ?? {}
  const split = (isDeclared: boolean) =>
    Object.fromEntries(Object.entries(isObject(props.value) ? props.value : {}).filter(([name]) => name in declared === isDeclared))
  const others = split(false)
  return (
    <JsonField
      label={props.label}
      hint="Members that have no field here, as a JSON object."
      error={props.error}
      mustBeObject
      value={Object.keys(others).length > 0 ? others : undefined}
      onInput={(value) => props.onInput({ ...(isObject(value) ? value : {}), ...split(true) })}
    />
  )
}

/** A value as JSON. Text that is not JSON stays in the field and keeps the form from being sent. */
export function JsonField(
  props: FieldProps & { value: unknown; onInput: (value: unknown) => void; mustBeObject?: boolean; rows?: number },
) {
  const { value, onInput, mustBeObject, rows, ...field } = props
  const [text, setText] = useState(jsonText(value))
  const [problem, setProblem] = useState('')
  const written = useRef(jsonText(value))
  const area = useRef<HTMLTextAreaElement>(null)

  // Another value than the one that was typed, such as that of another revision, replaces the text.
  useEffect(() => {
    const current = jsonText(value)
    if (current === written.current || (current === '' && written.current === '{}')) return
    written.current = current
    setText(current)
    setProblem('')
    area.current?.setCustomValidity('')
  }, [value])

  const read = (input: string): void => {
    setText(input)
    let message = ''
    try {
      const parsed: unknown = input.trim() === '' ? undefined : JSON.parse(input)
      if (mustBeObject && parsed !== undefined && !isObject(parsed)) message = 'Enter a JSON object, such as {"name": 1}.'
      else {
        written.current = jsonText(parsed)
        onInput(parsed)
      }
    } catch (e) {
      message = `This is not JSON: ${(e as Error).message}.`
    }
    area.current?.setCustomValidity(message)
    setProblem(message)
  }
  return (
    <Field {...field} error={problem || props.error}>
      {(control) => (
        <textarea
          {...control}
          ref={area}
          class="code"
          rows={rows ?? 3}
          value={text}
          spellcheck={false}
          onInput={(event) => read(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

function jsonText(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2)
}

/** The messages for a field and for the parts of its value. */
export function errorUnder(failure: unknown, field: string): string | undefined {
  return failure instanceof ApiError ? failure.messages((it) => isUnder(it, field)) : undefined
}

function undeclaredError(failure: unknown, path: string, schema: JsonSchema): string | undefined {
  const errors = failure instanceof ApiError ? (failure.problem.errors ?? []) : []
  const messages = errors
    .filter((it) => isUndeclared(schema, path, it.field))
    .map((it) => withFullStop(it.field === path ? it.message : `${it.field.slice(path.length + 1)}: ${it.message}`))
  return messages.join(' ') || undefined
}
