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

const ABBREVIATIONS: Record<string, string> = { api: 'API', url: 'URL', id: 'ID', ca: 'CA', http: 'HTTP', p: 'P' }

/** The label of a setting without a title: `api_key` is "API key". */
export function labelOf(name: string): string {
  const words = name.split('_').map((it) => ABBREVIATIONS[it] ?? it)
  const text = words.join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
