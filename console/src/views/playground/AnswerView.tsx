import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ChatError, type ToolCall, type Usage } from '../../api/chat'
import { Form, TextField } from '../../components/fields'
import { Markdown } from '../../components/Markdown'
import { Badge, Button, CodeBlock, Notice, ServiceText } from '../../components/ui'
import { capitalized, count, milliseconds, sentence } from '../../format'
import { callPath } from '../calls/data'
import type { Answer } from './conversation'

/** An answer of one column, with its figures. While it is streamed, only this component is rendered again. */
export function AnswerView(props: {
  answer: Answer
  /** The last of its column, which can be generated again. */
  isLast: boolean
  isText: boolean
  onGrow: () => void
  onRegenerate: () => void
  onToolResults: (results: Record<string, string>) => void
}) {
  const { answer, isLast } = props
  const { result, isRunning } = answer
  const [, setFrame] = useState(0)
  useEffect(() => {
    answer.onChange = () => {
      setFrame((it) => it + 1)
      props.onGrow()
    }
    return () => {
      answer.onChange = undefined
    }
  }, [answer])

  const isSilent = !result.text && !result.reasoning && result.toolCalls.length === 0
  return (
    <div class="answer">
      <h3>{answer.model}</h3>
      {result.reasoning && (
        <details class="answer-reasoning">
          <summary>Reasoning</summary>
          <p class="as-text">{result.reasoning}</p>
        </details>
      )}
      <Content answer={answer} isText={props.isText} />
      {result.toolCalls.map((it, index) => (
        <ToolCallView key={index} call={it} result={answer.toolResults?.[it.id]} />
      ))}
      {isRunning && (
        <p class="muted waiting">
          <span class="spinner" aria-hidden="true" /> {isSilent ? 'Waiting for the first token' : 'Answering'}
        </p>
      )}
      {result.warnings && (
        <Notice tone="warn" title="Not all of the request was carried">
          <p>
            <ServiceText text={result.warnings} />
          </p>
        </Notice>
      )}
      {result.failure && <AnswerFailure answer={answer} />}
      {result.isCancelled && <p class="muted">{answer.isLeft ? 'Stopped when you left the page.' : 'Stopped.'}</p>}
      {!isRunning && isLast && result.toolCalls.length > 0 && !answer.toolResults && !result.failure && !result.isCancelled && (
        <ToolResults calls={result.toolCalls} onSend={props.onToolResults} />
      )}
      <Figures answer={answer} />
      {!isRunning && isLast && (
        <div class="actions">
          <Button kind="quiet" icon="refresh" onClick={props.onRegenerate}>
            {result.failure ? 'Try again' : 'Regenerate'}
          </Button>
        </div>
      )}
    </div>
  )
}

function Content({ answer, isText }: { answer: Answer; isText: boolean }) {
  const { text } = answer.result
  if (!text) return null
  if (answer.expectsJson && !answer.isRunning) return <JsonContent text={text} />
  if (isText || answer.expectsJson) return <p class="as-text">{text}</p>
  return <Markdown text={text} isGrowing={answer.isRunning} />
}

function JsonContent({ text }: { text: string }) {
  try {
    const pretty = JSON.stringify(JSON.parse(text), null, 2)
    return (
      <>
        <p>
          <Badge tone="good">Valid JSON</Badge>
        </p>
        <CodeBlock code={pretty} label="The answer as JSON" />
      </>
    )
  } catch (e) {
    return (
      <>
        <p>
          <Badge tone="bad">Not valid JSON</Badge> {(e as Error).message}.
        </p>
        <p class="as-text">{text}</p>
      </>
    )
  }
}

function ToolCallView({ call, result }: { call: ToolCall; result?: string }) {
  return (
    <div class="tool-call">
      <p>
        Calls <code>{call.function.name}</code>
      </p>
      <pre class="as-text" tabIndex={0} role="region" aria-label={`Arguments of ${call.function.name}`}>
        {prettyJson(call.function.arguments) || '{}'}
      </pre>
      {result !== undefined && (
        <>
          <p>Result</p>
          <pre class="as-text" tabIndex={0} role="region" aria-label={`Result of ${call.function.name}`}>
            {result}
          </pre>
        </>
      )}
    </div>
  )
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** The user does what the tools would do. */
function ToolResults(props: { calls: ToolCall[]; onSend: (results: Record<string, string>) => void }) {
  const [results, setResults] = useState<Record<string, string>>({})
  return (
    <Form
      class="stack"
      onSubmit={() => props.onSend(Object.fromEntries(props.calls.map((it) => [it.id, results[it.id] ?? ''])))}
    >
      {props.calls.map((it) => (
        <TextField
          key={it.id}
          label={`Result of ${it.function.name}`}
          isRequired
          isCode
          multiline={2}
          value={results[it.id] ?? ''}
          onInput={(value) => setResults({ ...results, [it.id]: value })}
        />
      ))}
      <div class="actions">
        <Button type="submit" kind="primary" icon="send">
          Send {props.calls.length > 1 ? 'the results' : 'the result'}
        </Button>
      </div>
    </Form>
  )
}

function AnswerFailure({ answer }: { answer: Answer }) {
  const { failure, requestId, text } = answer.result
  const error = failure instanceof ChatError ? failure : undefined
  const facts = capitalized([error?.status && `status ${error.status}`, error?.code && `error code “${error.code}”`, requestId && `request ${requestId}`].filter(Boolean).join(', '))
  return (
    <Notice tone="bad" title={text ? 'The answer is incomplete' : 'No answer'}>
      {failure && (
        <p>
          <ServiceText text={sentence(failure.message)} />
        </p>
      )}
      {facts && <p class="muted">{facts}</p>}
    </Notice>
  )
}

const FINISH_REASONS: Record<string, string> = {
  length: 'Cut off at the maximum of output tokens.',
  content_filter: 'Cut off by a content filter of the provider.',
}

function Figures({ answer }: { answer: Answer }) {
  const { result } = answer
  // A request that was refused before a model was called has no record.
  const isRecorded = !answer.isRunning && result.attempts !== undefined
  const cutOff = result.finishReason && FINISH_REASONS[result.finishReason]
  const figures: [string, ComponentChildren][] = [
    ['First token', result.firstTokenMs !== undefined && milliseconds(result.firstTokenMs)],
    ['Total', result.totalMs !== undefined && milliseconds(result.totalMs)],
    ['Tokens', result.usage && tokens(result.usage)],
    ['Finish reason', result.finishReason],
    ['Attempts', result.attempts !== undefined && result.attempts > 1 && count(result.attempts)],
    ['Call', isRecorded && result.requestId && <a href={callPath(result.requestId)}>{result.requestId}</a>],
  ]
  const shown = figures.filter(([, value]) => value)
  return (
    <>
      {cutOff && (
        <p>
          <Badge tone="warn">{cutOff}</Badge>
        </p>
      )}
      {shown.length > 0 && (
        <dl class="answer-figures">
          {shown.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

function tokens(usage: Usage): string {
  const cached = usage.prompt_tokens_details?.cached_tokens
  const reasoning = usage.completion_tokens_details?.reasoning_tokens
  return (
    `${count(usage.prompt_tokens ?? 0)} in${cached ? ` (${count(cached)} cached)` : ''}, ` +
    `${count(usage.completion_tokens ?? 0)} out${reasoning ? ` (${count(reasoning)} reasoning)` : ''}`
  )
}
