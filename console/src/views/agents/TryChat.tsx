import { useEffect, useRef, useState } from 'preact/hooks'
import { type ChatMessage, type ChatResult, streamChat, toMessage } from '../../api/chat'
import { TextField } from '../../components/fields'
import { Button, Notice, ServiceText } from '../../components/ui'
import { milliseconds, sentence, tokenCounts } from '../../format'

/** A question with its answer. */
interface Turn {
  prompt: string
  result: ChatResult
  isRunning: boolean
}

/** A conversation with the saved agent, beside its editor. */
export function TryChat(props: { agent: { name: string; revision: number }; isUnsaved: boolean }) {
  const [prompt, setPrompt] = useState('')
  const [turns, setTurns] = useState<Turn[]>([])
  const abort = useRef<AbortController | null>(null)
  const last = turns.at(-1)
  const isRunning = last?.isRunning ?? false

  useEffect(() => () => abort.current?.abort(), [])

  const ask = async (): Promise<void> => {
    if (isRunning || prompt.trim() === '') return
    abort.current = new AbortController()
    const earlier = turns
    const show = (result: ChatResult, isRunning: boolean) => setTurns([...earlier, { prompt, result: { ...result }, isRunning }])
    show({ text: '', reasoning: '', toolCalls: [] }, true)
    setPrompt('')
    const result = await streamChat({
      model: props.agent.name,
      messages: [...earlier.flatMap(messagesOf), { role: 'user', content: prompt }],
      signal: abort.current.signal,
      onProgress: (it) => show(it, true),
    })
    show(result, false)
    // So that it can be sent again.
    if (result.failure) setPrompt((now) => now || prompt)
  }

  return (
    <section class="card try" aria-labelledby="try">
      <header>
        <h2 id="try">Try it</h2>
        {turns.length > 0 && !isRunning && <Button onClick={() => setTurns([])}>New conversation</Button>}
      </header>
      <p class={props.isUnsaved ? 'unsaved' : 'muted'} role="status">
        {props.isUnsaved
          ? `This asks revision ${props.agent.revision}. Save to try your changes.`
          : `This asks revision ${props.agent.revision}.`}
      </p>
      {turns.length > 0 && (
        <ol class="turns">
          {turns.map((turn, at) => (
            <li key={at}>
              <p class="prompt">
                <span class="visually-hidden">You: </span>
                {turn.prompt}
              </p>
              <Answer turn={turn} />
            </li>
          ))}
        </ol>
      )}
      {/* Read out once, at the end, and not with each word. */}
      <p class="visually-hidden" role="status">
        {last && !isRunning && `${last.result.text} ${measures(last.result)}`}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void ask()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          if (!(event.target instanceof HTMLTextAreaElement)) return
          event.preventDefault()
          void ask()
        }}
      >
        <TextField label="Message" isRequired multiline={2} value={prompt} onInput={setPrompt} hint="Enter sends, Shift+Enter starts a line." />
        <div class="actions">
          {/* One button, so that the focus stays on it. */}
          <Button
            key="send"
            type={isRunning ? 'button' : 'submit'}
            icon={isRunning ? 'stop' : 'send'}
            onClick={isRunning ? () => abort.current?.abort() : undefined}
          >
            {isRunning ? 'Stop' : 'Send'}
          </Button>
        </div>
      </form>
    </section>
  )
}

function Answer({ turn: { result, isRunning } }: { turn: Turn }) {
  return (
    <div class="answer">
      {result.reasoning && (
        <details>
          <summary>Reasoning</summary>
          <p class="text muted">{result.reasoning}</p>
        </details>
      )}
      {result.text && <p class="text">{result.text}</p>}
      {result.toolCalls.map((it) => (
        <p key={it.id}>
          Calls the tool <code>{it.function.name}</code>
        </p>
      ))}
      {result.failure && (
        <Notice tone="bad" role="alert" title="The call failed">
          <p>
            <ServiceText text={sentence(result.failure.message)} />
          </p>
        </Notice>
      )}
      {result.warnings && <p class="muted">{result.warnings}</p>}
      <p class="muted measures">{isRunning ? 'Answering' : measures(result)}</p>
    </div>
  )
}

function measures(result: ChatResult): string {
  const { usage, firstTokenMs, totalMs, finishReason } = result
  return [
    result.isCancelled && 'Stopped',
    finishReason === 'length' && 'Cut off at the maximum of output tokens',
    usage && `tokens: ${tokenCounts(usage.prompt_tokens, usage.completion_tokens)}`,
    firstTokenMs !== undefined && `first after ${milliseconds(firstTokenMs)}`,
    totalMs !== undefined && `${milliseconds(totalMs)} in all`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** A turn as messages of the conversation; one without an answer is left out. */
function messagesOf({ prompt, result }: Turn): ChatMessage[] {
  if (!result.text) return []
  return [{ role: 'user', content: prompt }, toMessage({ ...result, toolCalls: [] })]
}
