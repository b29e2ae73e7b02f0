/** The part of JSON Schema that the service uses to describe settings. */
export interface JsonSchema {
  type?: string | string[]
  title?: string
  description?: string
  format?: string
  const?: unknown
  default?: unknown
  enum?: unknown[]
  examples?: unknown[]
  minimum?: number
  maximum?: number
  writeOnly?: boolean
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  /** That the text is a duration, with its limits. */
  'x-duration'?: { minimum?: string; maximum?: string }
  /** Whether few need the setting. */
  'x-advanced'?: boolean
  /** The values of other settings with which this one has an effect. */
  'x-used-with'?: Record<string, unknown[]>
}

export type JsonObject = Record<string, unknown>

/** A setting that a form shows as one field. */
export interface SchemaField {
  path: string[]
  schema: JsonSchema
  isRequired: boolean
  isAdvanced: boolean
}

export type FieldType = 'secret' | 'choice' | 'number' | 'boolean' | 'lines' | 'text' | 'json'

/** The control for a setting. What has no control of its own is edited as JSON. */
export function fieldType(schema: JsonSchema): FieldType {
  if (schema.format === 'password') return 'secret'
  if (schema.enum?.every((it) => typeof it === 'string')) return 'choice'
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'boolean'
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return schema.items?.type === 'string' ? 'lines' : 'json'
    default:
      return 'json'
  }
}

/** The settings of an object, with those of the objects within it. */
export function fieldsOf(schema: JsonSchema, path: string[] = []): SchemaField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (property.const !== undefined) return []
    if (property.properties && property.format !== 'password') return fieldsOf(property, [...path, name])
    return {
      path: [...path, name],
      schema: property,
      isRequired: schema.required?.includes(name) ?? false,
      isAdvanced: property['x-advanced'] ?? false,
    }
  })
}

/** The objects that may have members beside those that the schema declares. */
export function openObjectsOf(schema: JsonSchema, path: string[] = []): { path: string[]; schema: JsonSchema }[] {
  const nested = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    property.properties && property.format !== 'password' ? openObjectsOf(property, [...path, name]) : [],
  )
  return schema.additionalProperties === true ? [...nested, { path, schema }] : nested
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function getAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value)
}

/** A copy with another value at the path; `undefined` removes the member. */
export function setAt(value: unknown, path: string[], member: unknown): JsonObject {
  const object = isObject(value) ? value : {}
  const [name, ...rest] = path as [string, ...string[]]
  if (member === undefined && !(name in object)) return object
  const next = rest.length > 0 ? setAt(object[name], rest, member) : member
  if (next !== undefined) return { ...object, [name]: next }
  const { [name]: _, ...others } = object
  return others
}

/** What the service shows of a secret that it has stored. */
export interface StoredSecret {
  set: true
  hint?: string
  updated_at?: string
}

export function isStoredSecret(value: unknown): value is StoredSecret {
  return isObject(value) && value.set === true
}

/** Whether a setting has an effect with the values of those on which it depends. */
export function isUsed(root: JsonSchema, field: SchemaField, value: unknown): boolean {
  const parent = field.path.slice(0, -1)
  const siblings = parent.reduce<JsonSchema | undefined>((at, name) => at?.properties?.[name], root)?.properties ?? {}
  return Object.entries(field.schema['x-used-with'] ?? {}).every(([name, values]) =>
    values.includes(getAt(value, [...parent, name]) ?? siblings[name]?.default),
  )
}

/**
 * The values of a form as the service takes them: without empty fields, and without secrets that were not
 * touched, which the service then keeps. A setting without effect keeps its stored value.
 */
export function toRequest(schema: JsonSchema, value: JsonObject, stored: JsonObject): JsonObject {
  return fieldsOf(schema).reduce((result, field) => {
    const old = getAt(stored, field.path)
    const member = isUsed(schema, field, value) ? getAt(value, field.path) : old
    return setAt(result, field.path, memberToRequest(field.schema, member, old))
  }, value)
}

function memberToRequest(schema: JsonSchema, value: unknown, stored: unknown): unknown {
  switch (fieldType(schema)) {
    case 'secret':
      // An omitted secret is kept: only null clears a reference whose field was emptied.
      if (value === undefined && stored !== undefined && !isStoredSecret(stored)) return null
      return isStoredSecret(value) ? undefined : value
    case 'number':
      if (value === '') return undefined
      // Text that is no number goes to the service, which says what it accepts.
      return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
    case 'lines': {
      if (!Array.isArray(value)) return value
      const lines = value.map((it) => String(it).trim()).filter((it) => it !== '')
      return lines.length > 0 ? lines : undefined
    }
    default:
      return value === '' ? undefined : value
  }
}

/** Whether the path of an error is that of the field, or of a part of its value. */
export function isUnder(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`)
}

/**
 * Whether the form of a schema shows the errors of a field of the request: at its input, or at that of an object with
 * other members.
 *
 * @param path that of the object in the request
 */
export function hasInput(schema: JsonSchema, path: string, value: unknown, field: string): boolean {
  const inputs = fieldsOf(schema).filter((it) => isUsed(schema, it, value))
  return (
    inputs.some((it) => isUnder(field, [path, ...it.path].join('.'))) ||
    openObjectsOf(schema).some((it) => isUndeclared(it.schema, [path, ...it.path].join('.'), field))
  )
}

/** Whether the path is that of an object, or of a member that its schema does not declare. */
export function isUndeclared(schema: JsonSchema, path: string, field: string): boolean {
  return isUnder(field, path) && !Object.keys(schema.properties ?? {}).some((name) => isUnder(field, `${path}.${name}`))
}

/** The path of a field of a request, and what is wrong with its value. */
export interface FieldProblem {
  field: string
  message: string
}

/**
 * What a form can tell to be wrong with its values before it sends them: numbers and durations, and their limits.
 * A value that is stored already passes.
 *
 * @param path that of the object in the request
 */
export function problemsOf(schema: JsonSchema, path: string, value: JsonObject, stored: JsonObject): FieldProblem[] {
  return fieldsOf(schema).flatMap((field) => {
    const member = getAt(value, field.path)
    if (member === undefined || member === '' || member === getAt(stored, field.path) || !isUsed(schema, field, value)) return []
    return isValid(field.schema, member) ? [] : { field: [path, ...field.path].join('.'), message: expectation(field.schema) }
  })
}

function isValid(schema: JsonSchema, value: unknown): boolean {
  if (fieldType(schema) === 'number') {
    const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value)
    if (schema.type === 'integer' ? !Number.isSafeInteger(number) : !Number.isFinite(number)) return false
    return number >= (schema.minimum ?? -Infinity) && number <= (schema.maximum ?? Infinity)
  }
  const limits = schema['x-duration']
  if (!limits || typeof value !== 'string') return true
  const duration = durationMs(value)
  if (duration === undefined) return false
  // The service takes 0 for the default.
  if (duration === 0) return true
  return duration >= (durationMs(limits.minimum ?? '') ?? 0) && duration <= (durationMs(limits.maximum ?? '') ?? Infinity)
}

function expectation(schema: JsonSchema): string {
  const kind = schema['x-duration'] ? 'a duration such as 30s or 1m30s' : schema.type === 'integer' ? 'a whole number' : 'a number'
  const limits = limitsOf(schema)
  return limits ? `Enter ${kind}, ${limits}.` : `Enter ${kind}.`
}

/** The limits of a number or a duration in words, such as "from 1 to 10"; empty if it has none. */
export function limitsOf(schema: JsonSchema): string {
  const { minimum, maximum } = schema['x-duration'] ?? schema
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`
  if (minimum !== undefined) return `at least ${minimum}`
  return maximum !== undefined ? `at most ${maximum}` : ''
}

const UNIT_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 }

/** The milliseconds of a duration as the service writes it, such as "1m30s"; `undefined` for other text. */
function durationMs(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ms|us|µs|μs|ns|h|m|s))+$/.test(text)) return undefined
  return [...text.matchAll(/([\d.]+)(\D+)/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit!]!, 0)
}

/**
 * The values of another user with the changes that led from `base` to `mine`: for each setting of the schema the one
 * that was changed here, else theirs. What the schema does not describe is one value.
 */
export function merge(schema: JsonSchema | undefined, base: unknown, mine: unknown, theirs: unknown): unknown {
  if (JSON.stringify(mine) === JSON.stringify(base)) return theirs
  if (!schema?.properties || schema.format === 'password') return mine
  const [from, to, other] = [base, mine, theirs].map((it) => (isObject(it) ? it : {})) as [JsonObject, JsonObject, JsonObject]
  return [...new Set([...Object.keys(other), ...Object.keys(to), ...Object.keys(from)])].reduce(
    (result, name) => setAt(result, [name], merge(schema.properties![name], from[name], to[name], other[name])),
    {} as JsonObject,
  )
}

const ABBREVIATIONS: Record<string, string> = { api: 'API', url: 'URL', id: 'ID', ca: 'CA', http: 'HTTP', p: 'P' }

/** The label of a setting without a title: `api_key` is "API key". */
export function labelOf(name: string): string {
  const words = name.split('_').map((it) => ABBREVIATIONS[it] ?? it)
  const text = words.join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The paths of the settings in the texts of the service, with the labels of their fields. */
export function labelsOf(schema: JsonSchema, path = ''): [path: string, label: string][] {
  return fieldsOf(schema).map((it) => [
    [path, ...it.path].filter(Boolean).join('.'),
    it.schema.title ?? labelOf(it.path.at(-1)!),
  ])
}

/** A text of the service in which the paths of settings are their labels: `options.token` is “Token”. */
export function withLabels(text: string, labels: [path: string, label: string][]): string {
  return labels
    // A name of one word, such as "model", may just be that word.
    .filter(([path]) => /[._]/.test(path))
    .reduce(
      (result, [path, label]) =>
        result.replace(new RegExp(`(?<![\\w.])(?:config\\.)?${path.replaceAll('.', '\\.')}(?!\\w|\\.\\w)`, 'g'), () => `“${label}”`),
      text,
    )
}
