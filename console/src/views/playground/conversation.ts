import { type ChatMessage, type ChatResult, toMessage } from '../../api/chat'

/** An image that the user attached, as a data URL. */
export interface AttachedImage {
  name: string
  url: string
  bytes: number
}

/** What the user types or attaches. */
export interface UserInput {
  text: string
  images: AttachedImage[]
}

/** An answer of one column. Its result changes while it is streamed; `onChange` is then called once per frame. */
export interface Answer {
  id: number
  model: string
  result: ChatResult
  isRunning: boolean
  /** Whether it was stopped because the user left the page. */
  isLeft?: boolean
  /** Whether the request asked for JSON. */
  expectsJson: boolean
  /** The results of its tool calls, by their ids, once the user has sent them. */
  toolResults?: Record<string, string>
  onChange?: () => void
}

/** A message of the user with the answers of each column: several, if a model called tools. */
export interface Turn {
  id: number
  input: UserInput
  answers: Record<number, Answer[]>
}

let lastId = 0

export function nextId(): number {
  return ++lastId
}

/** The messages of a column's next request: its conversation, the instructions before it. */
export function messagesOf(turns: Turn[], column: number, system: string): ChatMessage[] {
  const messages: ChatMessage[] = system.trim() ? [{ role: 'system', content: system }] : []
  for (const turn of turns) {
    messages.push(userMessage(turn.input))
    for (const answer of turn.answers[column] ?? []) messages.push(...answerMessages(answer))
  }
  return messages
}

export function userMessage({ text, images }: UserInput): ChatMessage {
  if (images.length === 0) return { role: 'user', content: text }
  return {
    role: 'user',
    content: [
      ...(text ? [{ type: 'text' as const, text }] : []),
      ...images.map((it) => ({ type: 'image_url' as const, image_url: { url: it.url } })),
    ],
  }
}

/** An answer with its tool results. Calls without results are left out, because providers refuse them. */
function answerMessages(answer: Answer): ChatMessage[] {
  const { result, toolResults } = answer
  if (!toolResults) return result.text ? [toMessage({ ...result, toolCalls: [] })] : []
  return [
    toMessage(result),
    ...result.toolCalls.map((it) => ({ role: 'tool' as const, tool_call_id: it.id, content: toolResults[it.id] ?? '' })),
  ]
}

/** The turns with another list of answers of one column in the last turn. */
export function withLastAnswers(turns: Turn[], column: number, change: (answers: Answer[]) => Answer[]): Turn[] {
  return turns.map((turn, index) =>
    index === turns.length - 1
      ? { ...turn, answers: { ...turn.answers, [column]: change(turn.answers[column] ?? []) } }
      : turn,
  )
}

const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']
const MAX_IMAGE_BYTES = 10_000_000
/** A request may have 32 MiB, and base64 adds a third. */
const MAX_TOTAL_BYTES = 20_000_000

/**
 * Reads images.
 *
 * @param presentBytes the size of the images that the conversation has already
 */
export async function readImages(files: File[], presentBytes: number): Promise<{ images: AttachedImage[]; errors: string[] }> {
  const images: AttachedImage[] = []
  const errors: string[] = []
  let total = presentBytes
  for (const file of files) {
    if (!IMAGE_TYPES.includes(file.type)) errors.push(`${file.name} is not a PNG, JPEG, WebP or GIF image.`)
    else if (file.size > MAX_IMAGE_BYTES) errors.push(`${file.name} has ${megabytes(file.size)}; an image may have ${megabytes(MAX_IMAGE_BYTES)}.`)
    else if (total + file.size > MAX_TOTAL_BYTES)
      errors.push(`${file.name} was not added: the images of a conversation may have ${megabytes(MAX_TOTAL_BYTES)} together.`)
    else {
      try {
        images.push({ name: file.name, url: await dataUrl(file), bytes: file.size })
        total += file.size
      } catch {
        errors.push(`${file.name} cannot be read.`)
      }
    }
  }
  return { images, errors }
}

export function imageBytes(images: AttachedImage[]): number {
  return images.reduce((sum, it) => sum + it.bytes, 0)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes % 1e6 ? 1 : 0)} MB`
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result as string)
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
