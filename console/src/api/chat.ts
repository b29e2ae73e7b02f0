import { NetworkError, reportSessionEnd } from './client'

/** A part of a message of the user. */
export type ChatPart = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } }

/** A call of a tool by the model, in the form of OpenAI's API. */
export interface ToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
  /** What the vendor needs back, such as the signature of a thought. */
  extra_content?: object
}

export type ChatMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | ChatPart[] }
  | AssistantMessage
  | { role: 'tool'; tool_call_id: string; content: string }

/** The answer of a model as a message, with which the conversation continues. */
export interface AssistantMessage {
  role: 'assistant'
  content: string | null
  reasoning_content?: string
  tool_calls?: ToolCall[]
  /** What the vendor needs back. */
  extra_content?: object
}

export interface Usage {
  prompt_tokens?: number
  completion_tokens?: number
  prompt_tokens_details?: { cached_tokens?: number } | null
  completion_tokens_details?: { reasoning_tokens?: number } | null
}

/** The service or the provider refused or failed a call, before its stream or within it. */
export class ChatError extends Error {
  constructor(
    message: string,
    readonly code?: string,
    readonly status?: number,
  ) {
    super(message)
  }
}

/** A call that streams a chat. */
export interface ChatCall {
  /** The name of an agent, a route or a model. */
  model: string
  messages: ChatMessage[]
  /** Other members of the request, such as `temperature` and `tools`. */
  options?: Record<string, unknown>
  /** The route, if it is not that of the gateway: `/api/agents/{id}/chat/stream` needs no model. */
  path?: string
  signal?: AbortSignal
  /** Receives the result so far after each change: the same object each time. */
  onProgress?: (result: ChatResult) => void
}

/** The outcome of a call: complete, or up to its failure or cancellation. */
export interface ChatResult {
  text: string
  reasoning: string
  toolCalls: ToolCall[]
  /** What the vendor needs back with the message. */
  extraContent?: object
  usage?: Usage
  /** `stop`, `length`, `tool_calls`, `content_filter`. */
  finishReason?: string
  /** From the header fields of the response. */
  requestId?: string
  provider?: string
  providerModel?: string
  warnings?: string
  attempts?: number
  /** Milliseconds to the first text, reasoning or tool call. */
  firstTokenMs?: number
  /** Milliseconds to the end. */
  totalMs?: number
  /** A [ChatError] or [NetworkError]; what came before it is in the other members. */
  failure?: Error
  isCancelled?: boolean
}

/** Streams a chat. The promise does not reject: a failure is in the result, beside what came before. */
export async function streamChat(call: ChatCall): Promise<ChatResult> {
  const start = performance.now()
  const result: ChatResult = { text: '', reasoning: '', toolCalls: [] }
  try {
    await receive(call, result, start)
  } catch (e) {
    if (call.signal?.aborted) result.isCancelled = true
    else result.failure = e instanceof Error ? e : new Error(String(e))
  }
  result.totalMs = performance.now() - start
  call.onProgress?.(result)
  return result
}

/** The request as it is sent. */
export function requestBody(call: Pick<ChatCall, 'model' | 'messages' | 'options' | 'path'>): Record<string, unknown> {
  return {
    ...(call.path ? {} : { model: call.model }),
    messages: call.messages,
    ...call.options,
    stream: true,
    stream_options: { include_usage: true },
  }
}

/** The answer as a message of the conversation. */
export function toMessage(result: ChatResult): AssistantMessage {
  return {
    role: 'assistant',
    content: result.text || null,
    // Models that think between calls of tools need their reasoning back; some refuse it in other messages.
    ...(result.toolCalls.length > 0 && {
      ...(result.reasoning && { reasoning_content: result.reasoning }),
      tool_calls: result.toolCalls,
    }),
    ...(result.extraContent && { extra_content: result.extraContent }),
  }
}

async function receive(call: ChatCall, result: ChatResult, start: number): Promise<void> {
  const response = await send(call)
  readHeaders(response.headers, result)
  if (!response.ok) throw await refusal(response)
  if (!response.body) throw new ChatError('The service sent no stream.')
  for await (const { name, data } of events(response.body, call.signal)) {
    if (data === '[DONE]') return
    const chunk = parse(data)
    if (name === 'error' || chunk.error) throw streamError(chunk)
    addChunk(result, chunk)
    if (result.firstTokenMs === undefined && (result.text || result.reasoning || result.toolCalls.length > 0)) {
      result.firstTokenMs = performance.now() - start
    }
    call.onProgress?.(result)
  }
  throw new ChatError('The stream ended before the answer was complete.', 'incomplete')
}

async function send(call: ChatCall): Promise<Response> {
  try {
    return await fetch(call.path ?? '/v1/chat/completions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream, application/json' },
      body: JSON.stringify(requestBody(call)),
      signal: call.signal,
    })
  } catch (e) {
    throw call.signal?.aborted ? e : new NetworkError()
  }
}

function readHeaders(headers: Headers, result: ChatResult): void {
  const text = (name: string) => decoded(headers.get(`Agent-Lab-${name}`))
  result.requestId = text('Request-Id')
  result.provider = text('Provider')
  result.providerModel = text('Model')
  result.warnings = text('Warnings')
  const attempts = text('Attempts')
  if (attempts) result.attempts = Number(attempts)
}

/** The service percent-encodes what header fields cannot carry. */
function decoded(value: string | null): string | undefined {
  try {
    return value === null ? undefined : decodeURIComponent(value)
  } catch {
    return value ?? undefined
  }
}

/** Errors have OpenAI's form below `/v1`, and are problem details elsewhere. */
async function refusal(response: Response): Promise<ChatError> {
  // A provider that refuses its own credential answers with the same status.
  if (response.status === 401 && !response.headers.has('Agent-Lab-Provider')) {
    reportSessionEnd()
    return new ChatError('Your session has ended. Sign in, then try again.', undefined, 401)
  }
  const text = await response.text()
  const body = parse(text)
  if (body.detail) return new ChatError(body.detail, undefined, response.status)
  const { message, code, type } = body.error ?? {}
  return new ChatError(message || text || `The service answered with status ${response.status}.`, codeOf(code, type), response.status)
}

function streamError(chunk: Chunk): ChatError {
  const { message, code, type } = chunk.error ?? {}
  return new ChatError(message || 'The stream ended with an error.', codeOf(code, type))
}

function codeOf(code: string | number | null | undefined, type: string | undefined): string | undefined {
  return code ? String(code) : type
}

interface Delta {
  content?: string | { type?: string; text?: string }[] | null
  refusal?: string | null
  reasoning_content?: string | null
  reasoning?: string | null
  tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string }; extra_content?: object }[] | null
  extra_content?: object
}

interface Chunk {
  choices?: { index?: number; delta?: Delta; finish_reason?: string | null }[]
  usage?: Usage | null
  error?: { message?: string; type?: string; code?: string | number | null }
  detail?: string
}

function parse(data: string): Chunk {
  try {
    const chunk: unknown = JSON.parse(data)
    return typeof chunk === 'object' && chunk !== null ? chunk : {}
  } catch {
    return {}
  }
}

function addChunk(result: ChatResult, chunk: Chunk): void {
  if (chunk.usage) result.usage = chunk.usage
  const choice = chunk.choices?.find((it) => !it.index)
  if (!choice) return
  if (choice.finish_reason) result.finishReason = choice.finish_reason
  const delta = choice.delta ?? {}
  result.text += textOf(delta.content) + (delta.refusal ?? '')
  result.reasoning += delta.reasoning_content ?? (typeof delta.reasoning === 'string' ? delta.reasoning : '')
  if (delta.extra_content) result.extraContent = merged(result.extraContent ?? {}, delta.extra_content)
  delta.tool_calls?.forEach((part, at) => {
    const index = part.index ?? at
    const call = (result.toolCalls[index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } })
    if (part.id) call.id = part.id
    call.function.name += part.function?.name ?? ''
    call.function.arguments += part.function?.arguments ?? ''
    if (part.extra_content) call.extra_content = merged(call.extra_content ?? {}, part.extra_content)
  })
}

/** Lists are appended to those of the same name, objects are merged, and other values are replaced. */
function merged(target: object, source: object): object {
  const result: Record<string, unknown> = { ...target }
  for (const [name, value] of Object.entries(source) as [string, unknown][]) {
    const present = result[name]
    if (Array.isArray(present) && Array.isArray(value)) result[name] = [...present, ...value]
    else if (isObject(present) && isObject(value)) result[name] = merged(present, value)
    else result[name] = value
  }
  return result
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(content: Delta['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map((it) => it.text ?? '').join('')
}

/** The server-sent events of a response. */
async function* events(body: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<{ name: string; data: string }> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let name = ''
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await read(reader, signal)
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { name, data: data.join('\n') }
          name = ''
          data = []
        } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
        else if (line.startsWith('event:')) name = line.slice(6).trim()
      }
    }
  } finally {
    // Ends the call of the provider too, if the stream is left before its end.
    void reader.cancel().catch(() => {})
  }
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>, signal?: AbortSignal) {
  try {
    return await reader.read()
  } catch (e) {
    if (signal?.aborted) throw e
    throw new ChatError('The connection to the service was lost before the answer was complete.', 'connection_lost')
  }
}
