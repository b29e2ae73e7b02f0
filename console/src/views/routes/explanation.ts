import type { Schema } from '../../api/client'
import type { JsonObject } from '../../components/schema'

export type Explanation = Schema<'RouteExplanation'>

const MESSAGES = [{ role: 'user', content: 'Hello' }]

/** The APIs of clients, each with a short request. */
export const DIALECTS: { dialect: string; label: string; body: JsonObject }[] = [
  { dialect: 'openai', label: 'OpenAI chat completions', body: { messages: MESSAGES } },
  { dialect: 'responses', label: 'OpenAI responses', body: { input: 'Hello' } },
  { dialect: 'anthropic', label: 'Anthropic messages', body: { max_tokens: 100, messages: MESSAGES } },
  { dialect: 'gemini', label: 'Gemini', body: { contents: [{ parts: [{ text: 'Hello' }] }] } },
  { dialect: 'embeddings', label: 'OpenAI embeddings', body: { input: 'Hello' } },
]

/** The header fields of a text with one in each line; undefined if a line is no header field. */
export function headersOf(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {}
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined) return undefined
    headers[name] = value
  }
  return headers
}

/** A target of a route, and what would happen to it. */
export interface Decision {
  target: string
  /** Absent for a target that is tried only if those before fail. */
  outcome?: 'called' | 'skipped'
  reason?: string
}

/** The decisions about all targets in order; those whose configuration cannot be used have no place in it and come last. */
export function decisionsOf({ target, order, skipped }: Explanation): Decision[] {
  const reasons = new Map(skipped.map((it) => [it.target, it.reason]))
  const decide = (it: string): Decision =>
    reasons.has(it) ? { target: it, outcome: 'skipped', reason: reasons.get(it) } : { target: it, outcome: it === target ? 'called' : undefined }
  return [...order, ...skipped.map((it) => it.target).filter((it) => !order.includes(it))].map(decide)
}
