import type { Schema } from '../../api/client'

export type Call = Schema<'Call'>
export type Tokens = Schema<'CallTokens'>
export type TokenClass = Exclude<keyof Tokens, 'source'>

/** The classes of tokens, and what they count. */
export const TOKEN_CLASSES: Record<TokenClass, string> = {
  input: 'Input, without a cache',
  cached_input: 'Input, read from a cache',
  cache_write_5m: 'Input, written to a cache for 5 minutes',
  cache_write_1h: 'Input, written to a cache for an hour',
  output: 'Output',
  reasoning: 'Of the output, reasoning',
}

const INPUT_CLASSES = ['input', 'cached_input', 'cache_write_5m', 'cache_write_1h'] as const

/** The kinds of failures, and what each means. */
export const FAILURES: Record<string, { label: string; meaning: string }> = {
  unreachable: { label: 'Unreachable', meaning: 'No connection to the provider could be established.' },
  timed_out: { label: 'Timed out', meaning: 'The provider took too long.' },
  refused: { label: 'Refused by the provider', meaning: 'The provider rejected the request.' },
  broken: { label: 'Broken response', meaning: 'The response of the provider was invalid or incomplete.' },
  suspended: { label: 'Circuit breaker open', meaning: 'The circuit breaker of the provider was open.' },
  no_target: { label: 'No target', meaning: 'No target of the route took the call.' },
  overloaded: { label: 'Service overloaded', meaning: 'The service had no memory left for the response.' },
  internal_error: { label: 'Internal error', meaning: 'The service failed. Its log has the cause, with the id of the request.' },
}

/** The address of the page of a call. */
export function callPath(id: string): string {
  return `/calls/${encodeURIComponent(id)}`
}

/** The address of the page of a session. A parameter, because a client may name a session as it likes. */
export function sessionPath(session: string): string {
  return `/calls/session?${new URLSearchParams({ id: session })}`
}

/** The address of the list of the calls that match. */
export function callsOf(filters: Record<string, string>): string {
  return `/calls?${new URLSearchParams(filters)}`
}

/** One attempt of a call, or a target of its route that was skipped for a reason or not tried. */
export interface Step {
  target: string
  attempt?: Schema<'CallAttempt'>
  skipped?: string
}

/** The attempts of a call, among all targets of its route. */
export function stepsOf(call: Pick<Call, 'attempts' | 'decision'>): Step[] {
  const attempts = call.attempts ?? []
  const order = call.decision?.order ?? []
  const steps = order.flatMap((target): Step[] => {
    const own = attempts.filter((it) => it.target === target)
    if (own.length > 0) return own.map((attempt) => ({ target, attempt }))
    return [{ target, skipped: call.decision?.skipped.find((it) => it.target === target)?.reason }]
  })
  return [...steps, ...attempts.filter((it) => !order.includes(it.target)).map((attempt) => ({ target: attempt.target, attempt }))]
}

/** All input, whether it was in a cache or not; undefined if nothing is known of it. */
export function inputTokens(tokens: { [K in TokenClass]?: number | null }): number | undefined {
  const known = INPUT_CLASSES.map((it) => tokens[it]).filter((it) => it != null)
  return known.length === 0 ? undefined : known.reduce((sum, it) => sum + it, 0)
}

/** Which part of the input was read from a cache. */
export interface CacheHits {
  cached: number
  input: number
  /** How many calls report it. */
  calls: number
}

/** The cache hits of the calls whose provider reports them; undefined if none does. */
export function cacheHits(calls: Pick<Call, 'tokens'>[]): CacheHits | undefined {
  const reported = calls.map((it) => it.tokens).filter((it) => it.source === 'reported' && it.cached_input != null)
  const cached = reported.reduce((sum, it) => sum + it.cached_input!, 0)
  const input = reported.reduce((sum, it) => sum + inputTokens(it)!, 0)
  return input === 0 ? undefined : { cached, input, calls: reported.length }
}

/** The calls of a session as numbers. */
export interface SessionFigures {
  calls: number
  failed: number
  cancelled: number
  /** From the start of the first call to the last end, in milliseconds. */
  spanMs: number
  /** The sums of the calls with reported tokens, of the classes that any of them reports. */
  tokens: Partial<Record<TokenClass, number>>
  /** How many calls have tokens by their source. */
  sources: { reported: number; estimated: number; none: number }
  cacheHits?: CacheHits
}

export function sessionFigures(calls: Pick<Call, 'tokens' | 'status' | 'started_at' | 'duration_us'>[]): SessionFigures {
  const starts = calls.map((it) => Date.parse(it.started_at))
  const ends = calls.map((it, at) => starts[at]! + it.duration_us / 1000)
  const withSource = (source: string) => calls.filter((it) => it.tokens.source === source)
  const reported = withSource('reported')
  const tokens: SessionFigures['tokens'] = {}
  for (const name of Object.keys(TOKEN_CLASSES) as TokenClass[]) {
    const known = reported.map((it) => it.tokens[name]).filter((it) => it != null)
    if (known.length > 0) tokens[name] = known.reduce((sum, it) => sum + it, 0)
  }
  return {
    calls: calls.length,
    failed: calls.filter((it) => it.status === 'failed').length,
    cancelled: calls.filter((it) => it.status === 'cancelled').length,
    spanMs: calls.length === 0 ? 0 : Math.max(...ends) - Math.min(...starts),
    tokens,
    sources: {
      reported: reported.length,
      estimated: withSource('estimated').length,
      none: calls.length - reported.length - withSource('estimated').length,
    },
    cacheHits: cacheHits(calls),
  }
}
