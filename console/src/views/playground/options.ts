/** The options as they are typed. */
export interface TypedOptions {
  system: string
  temperature: string
  maxTokens: string
  tools: string
  schema: string
  isStrict: boolean
  other: string
}

export const NO_OPTIONS: TypedOptions = {
  system: '',
  temperature: '',
  maxTokens: '',
  tools: '',
  schema: '',
  isStrict: false,
  other: '',
}

export type OptionErrors = Partial<Record<keyof TypedOptions, string>>

/** The members of a request, or what is wrong with the fields. */
export interface ParsedOptions {
  members: Record<string, unknown>
  errors: OptionErrors
}

export function parseOptions(typed: TypedOptions): ParsedOptions {
  const errors: OptionErrors = {}
  const members: Record<string, unknown> = {}
  const field = (name: keyof TypedOptions, parse: (text: string) => Record<string, unknown>) => {
    const text = String(typed[name]).trim()
    if (!text) return
    try {
      Object.assign(members, parse(text))
    } catch (e) {
      errors[name] = (e as Error).message
    }
  }
  field('temperature', (text) => {
    const value = Number(text)
    if (!(value >= 0 && value <= 2)) throw new Error(`Must be a number from 0 to 2, was "${text}".`)
    return { temperature: value }
  })
  field('maxTokens', (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`Must be an integer of at least 1, was "${text}".`)
    return { max_completion_tokens: value }
  })
  field('tools', (text) => ({ tools: toolsOf(parseJson(text)) }))
  field('schema', (text) => ({ response_format: responseFormat(parseJson(text), typed.isStrict) }))
  field('other', (text) => objectOf(parseJson(text)))
  return { members, errors }
}

/** What is set, for the heading of the closed options. */
export function summaryOf(typed: TypedOptions): string {
  const { members } = parseOptions(typed)
  return [
    typed.system.trim() && 'instructions',
    'temperature' in members && `temperature ${members.temperature}`,
    'max_completion_tokens' in members && `at most ${members.max_completion_tokens} tokens`,
    typed.tools.trim() && 'tools',
    typed.schema.trim() && 'JSON schema',
    typed.other.trim() && 'others',
  ]
    .filter(Boolean)
    .join(', ')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (e) {
    throw new Error(`Must be JSON: ${(e as Error).message}.`)
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('Must be a JSON object.')
  return value as Record<string, unknown>
}

/** Accepts functions as they are in a request, and without the object around each. */
function toolsOf(value: unknown): unknown[] {
  const list = Array.isArray(value) ? value : [value]
  if (list.length === 0) throw new Error('Must have at least one function.')
  return list.map((it, index) => {
    const tool = objectOf(it)
    const wrapped = 'function' in tool || 'type' in tool ? tool : { type: 'function', function: tool }
    const name = (wrapped as { function?: { name?: unknown } }).function?.name
    if (wrapped.type === 'function' && typeof name !== 'string') throw new Error(`Function ${index + 1} must have a "name".`)
    return wrapped
  })
}

/** Accepts a schema, and the object with `name` and `schema` that is in a request. */
function responseFormat(value: unknown, isStrict: boolean): Record<string, unknown> {
  const given = objectOf(value)
  const format = typeof given.name === 'string' && given.schema ? given : { name: 'answer', schema: given }
  return { type: 'json_schema', json_schema: { ...format, ...(isStrict && { strict: true }) } }
}
