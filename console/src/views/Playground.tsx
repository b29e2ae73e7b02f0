import { useLocation } from 'preact-iso'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type ChatResult, requestBody, streamChat } from '../api/chat'
import { listModels, mayExist, noSuchTarget, onlyTarget } from '../api/models'
import { ModelPicker } from '../components/ModelPicker'
import { Empty, Failure, Forbidden } from '../components/states'
import { Button, ButtonLink, Page } from '../components/ui'
import { milliseconds } from '../format'
import { useQuery, useUnloadGuard } from '../hooks'
import { useScopes, useSignedIn } from '../session'
import { AnswerView } from './playground/AnswerView'
import { Composer } from './playground/Composer'
import {
  type Answer,
  imageBytes,
  messagesOf,
  nextId,
  type Turn,
  type UserInput,
  withLastAnswers,
} from './playground/conversation'
import { CopyAs } from './playground/CopyAs'
import { useFollowing } from './playground/following'
import { NO_OPTIONS, type OptionErrors, parseOptions, type TypedOptions } from './playground/options'
import { OptionsPanel } from './playground/OptionsPanel'
import type { ChatRequestBody } from './playground/snippets'
import { EditForm, UserMessage } from './playground/UserMessage'
import '../styles/playground.css'

const MAX_TARGETS = 3
const NO_INPUT: UserInput = { text: '', images: [] }

/** What is kept while the user looks at other pages, for this caller only, and until the page is loaded again. */
interface Kept {
  callerId: string
  targets: string[]
  columns: number[]
  turns: Turn[]
  options: TypedOptions
  draft: UserInput
}

let kept: Kept | undefined

export default function Playground() {
  const can = useScopes()
  if (can('invoke')) return <Chat />
  return (
    <Page title="Playground">
      <Forbidden scope="invoke" />
    </Page>
  )
}

/** The agents, routes and models of the URL: one to three, of which some may not be chosen yet. */
function useTargets(): [string[], (targets: string[]) => void] {
  const { path, url, route } = useLocation()
  const search = url.split('?')[1] ?? ''
  const named = useMemo(() => new URLSearchParams(search).getAll('model').slice(0, MAX_TARGETS), [search])
  const change = (next: string[]) => route(`${path}?${new URLSearchParams(next.map((it) => ['model', it]))}`, true)
  return [named, change]
}

function Chat() {
  const { session } = useSignedIn()
  const can = useScopes()
  const models = useQuery('models', listModels)
  const { path } = useLocation()
  const [named, setTargets] = useTargets()
  const restored = useMemo(() => {
    const own = kept?.callerId === session.caller.id ? kept : undefined
    const isSame = own && (named.length === 0 || named.join('\n') === own.targets.join('\n'))
    return { own, isSame }
  }, [])
  const targets = named.length > 0 ? named : ['']

  // Columns have ids of their own, so that a column keeps its answers when another one is removed.
  const [columns, setColumns] = useState<number[]>(() => (restored.isSame ? restored.own!.columns : [nextId(), nextId(), nextId()]))
  const [turns, setTurns] = useState<Turn[]>(restored.isSame ? restored.own!.turns : [])
  const [cleared, setCleared] = useState<{ turns: Turn[]; columns: number[] } | undefined>(
    restored.own && !restored.isSame && restored.own.turns.length > 0 ? restored.own : undefined,
  )
  const [options, setOptions] = useState<TypedOptions>(restored.own?.options ?? NO_OPTIONS)
  const [errors, setErrors] = useState<OptionErrors>({})
  const [draft, setDraft] = useState<UserInput>(restored.own?.draft ?? NO_INPUT)
  const [isText, setText] = useState(false)
  const [isCopying, setCopying] = useState(false)
  const [editing, setEditing] = useState<UserInput | null>(null)
  const [announcement, setAnnouncement] = useState('')
  const running = useRef(new Map<Answer, AbortController>())
  const isRunning = turns.some((turn) => Object.values(turn.answers).some((it) => it.some((answer) => answer.isRunning)))
  const follow = useFollowing()

  useEffect(() => {
    if (restored.isSame && named.length === 0) setTargets(restored.own!.targets)
  }, [])
  useEffect(() => {
    const only = models.value && onlyTarget(models.value)
    if (only && targets.every((it) => it === '') && path === '/playground') setTargets([only])
  }, [models.value])
  useUnloadGuard(turns.length > 0 || draft.text.trim() !== '' || draft.images.length > 0)
  const latest = useRef<Kept | undefined>(undefined)
  // When the page is left, it is rendered once more, with the address of the next page.
  if (path === '/playground') latest.current = { callerId: session.caller.id, targets, columns, turns, options, draft }
  useEffect(
    () => () => {
      running.current.forEach((abort, answer) => {
        answer.isLeft = true
        abort.abort()
      })
      kept = latest.current
    },
    [],
  )

  const isUnknown = (model: string) => model !== '' && models.value !== undefined && !mayExist(models.value, model)
  const chosen = targets.map((model, index) => ({ model, column: columns[index]! })).filter((it) => it.model)
  const conversationBytes = turns.reduce((sum, it) => sum + imageBytes(it.input.images), 0)

  /** Starts an answer after the others of the last turn. */
  const startAnswer = (history: Turn[], column: number, model: string, members: Record<string, unknown>): Turn[] => {
    const answer: Answer = {
      id: nextId(),
      model,
      result: { text: '', reasoning: '', toolCalls: [] },
      isRunning: true,
      expectsJson: 'response_format' in members,
    }
    void receive(answer, requestOf(history, column, model, members))
    return withLastAnswers(history, column, (answers) => [...answers, answer])
  }

  const requestOf = (history: Turn[], column: number, model: string, members: Record<string, unknown>) => ({
    model,
    messages: messagesOf(history, column, options.system),
    options: members,
  })

  const receive = async (answer: Answer, request: ReturnType<typeof requestOf>) => {
    const abort = new AbortController()
    running.current.set(answer, abort)
    let frame = 0
    const onProgress = (result: ChatResult) => {
      answer.result = result
      frame ||= requestAnimationFrame(() => {
        frame = 0
        answer.onChange?.()
      })
    }
    const result = await streamChat({ ...request, signal: abort.signal, onProgress })
    running.current.delete(answer)
    answer.result = result
    answer.isRunning = false
    setAnnouncement(`${answer.model}: ${outcome(result)}`)
    setTurns((old) => [...old])
    follow.onGrow()
  }

  /** The members of a request, or nothing if an option is invalid, which is then shown. */
  const validMembers = (): Record<string, unknown> | undefined => {
    const parsed = parseOptions(options)
    setErrors(parsed.errors)
    return Object.keys(parsed.errors).length === 0 ? parsed.members : undefined
  }

  const send = (input: UserInput, before: Turn[]): boolean => {
    const members = validMembers()
    if (!members) return false
    if (chosen.length === 0) {
      setAnnouncement('Choose an agent, a route or a model first.')
      focusTarget(0)
      return false
    }
    const unknown = targets.findIndex(isUnknown)
    if (unknown >= 0) {
      focusTarget(unknown)
      // It may have been added since the list was loaded.
      models.reload()
      return false
    }
    let next: Turn[] = [...before, { id: nextId(), input, answers: {} }]
    for (const { model, column } of chosen) next = startAnswer(next, column, model, members)
    setTurns(next)
    setCleared(undefined)
    follow.start()
    return true
  }

  const sendDraft = (): boolean => {
    const isSent = send({ ...draft, text: draft.text.trim() }, turns)
    if (isSent) setDraft(NO_INPUT)
    return isSent
  }

  const regenerate = (column: number, model: string) => {
    const members = validMembers()
    if (!members) return
    const before = withLastAnswers(turns, column, (answers) => answers.slice(0, -1))
    setTurns(startAnswer(before, column, model, members))
  }

  const continueWith = (column: number, model: string, results: Record<string, string>) => {
    const members = validMembers()
    if (!members) return
    const before = withLastAnswers(turns, column, (answers) =>
      answers.map((it, index) => (index === answers.length - 1 ? { ...it, toolResults: results } : it)),
    )
    setTurns(startAnswer(before, column, model, members))
  }

  const removeTarget = (index: number) => {
    for (const turn of turns) turn.answers[columns[index]!]?.forEach((it) => running.current.get(it)?.abort())
    setColumns([...columns.filter((_, at) => at !== index), nextId()])
    setTargets(targets.filter((_, at) => at !== index))
    focusTarget(0)
  }

  const clear = () => {
    running.current.forEach((it) => it.abort())
    setCleared({ turns, columns })
    setTurns([])
    setEditing(null)
  }

  /** What a program would send: the draft after the conversation, or else the last request. */
  const requests = (): ChatRequestBody[] =>
    chosen.map(({ model, column }) => {
      const hasDraft = draft.text.trim() !== '' || draft.images.length > 0
      const history: Turn[] = hasDraft
        ? [...turns, { id: 0, input: draft, answers: {} }]
        : turns.length > 0
          ? withLastAnswers(turns, column, (answers) => answers.slice(0, -1))
          : [{ id: 0, input: { text: 'Say hello.', images: [] }, answers: {} }]
      return requestBody(requestOf(history, column, model, parseOptions(options).members)) as ChatRequestBody
    })

  if (models.value?.length === 0) {
    return (
      <Page title="Playground">
        <Empty icon="message" title="There is no model yet">
          <p>Add a provider: its models then appear here.</p>
          {can('providers:write') && (
            <ButtonLink href="/providers/new" kind="primary" icon="plus">
              Add provider
            </ButtonLink>
          )}
        </Empty>
      </Page>
    )
  }
  return (
    <Page
      title="Playground"
      actions={
        <>
          {turns.length > 0 && (
            <Button kind="quiet" aria-pressed={isText} onClick={() => setText(!isText)}>
              Show as text
            </Button>
          )}
          <Button
            kind="quiet"
            icon="copy"
            disabled={chosen.length === 0}
            onClick={() => Object.keys(parseOptions(options).errors).length > 0 ? validMembers() : setCopying(true)}
          >
            Copy as code
          </Button>
          {turns.length > 0 && (
            <Button kind="quiet" icon="trash" onClick={clear}>
              Clear
            </Button>
          )}
        </>
      }
    >
      {models.failure !== undefined && <Failure failure={models.failure} title="The models cannot be listed" onRetry={models.reload} />}
      <div class={`targets of-${targets.length}`}>
        {targets.map((model, index) => (
          <div class="target" key={columns[index]}>
            <ModelPicker
              label={targets.length > 1 ? `Agent, route or model ${index + 1}` : 'Agent, route or model'}
              models={models.value}
              value={model}
              error={isUnknown(model) ? noSuchTarget(model) : undefined}
              onSelect={(id) => setTargets(targets.map((it, at) => (at === index ? id : it)))}
            />
            {targets.length > 1 && (
              <Button kind="quiet" icon="x" aria-label={`Remove ${model || `column ${index + 1}`}`} onClick={() => removeTarget(index)} />
            )}
          </div>
        ))}
        {targets.length < MAX_TARGETS && (
          <Button kind="quiet" icon="plus" onClick={() => setTargets([...targets, ''])}>
            Compare
          </Button>
        )}
      </div>
      <OptionsPanel options={options} errors={errors} onInput={(change) => setOptions({ ...options, ...change })} />

      <div class="transcript" role="log" aria-live="off" aria-label="Conversation">
        {turns.map((turn, at) => {
          const isLast = at === turns.length - 1
          return (
            <section class="turn" key={turn.id}>
              {isLast && editing ? (
                <EditForm
                  input={editing}
                  onInput={setEditing}
                  onCancel={() => setEditing(null)}
                  onSend={() => {
                    if (send(editing, turns.slice(0, -1))) setEditing(null)
                  }}
                />
              ) : (
                <UserMessage turn={turn} onEdit={isLast && !isRunning ? () => setEditing(turn.input) : undefined} />
              )}
              <div class={`answers of-${targets.length}`}>
                {targets.map((model, index) => {
                  const column = columns[index]!
                  const answers = turn.answers[column] ?? []
                  return (
                    <div class="answer-column" key={column}>
                      {answers.map((answer, position) => (
                        <AnswerView
                          key={answer.id}
                          answer={answer}
                          isLast={isLast && position === answers.length - 1 && model !== ''}
                          isText={isText}
                          onGrow={follow.onGrow}
                          onRegenerate={() => regenerate(column, model)}
                          onToolResults={(results) => continueWith(column, model, results)}
                        />
                      ))}
                    </div>
                  )
                })}
              </div>
            </section>
          )
        })}
        {turns.length === 0 && (
          <div class="invitation muted">
            {cleared ? (
              <Button
                icon="history"
                onClick={() => {
                  setTurns(cleared.turns)
                  setColumns(cleared.columns)
                  setCleared(undefined)
                }}
              >
                Restore the last conversation
              </Button>
            ) : (
              <p>
                {chosen.length === 0
                  ? 'Choose an agent, a route or a model, then send a message.'
                  : 'Send a message. Calls run with your own rights and count as yours.'}
              </p>
            )}
          </div>
        )}
      </div>
      <p class="visually-hidden" role="status">
        {announcement}
      </p>
      <Composer
        input={draft}
        onInput={setDraft}
        onSend={sendDraft}
        onStop={isRunning ? () => running.current.forEach((it) => it.abort()) : undefined}
        presentBytes={conversationBytes}
      />
      {isCopying && <CopyAs requests={requests()} onClose={() => setCopying(false)} />}
    </Page>
  )
}

function focusTarget(index: number): void {
  document.querySelectorAll<HTMLElement>('.targets input')[index]?.focus()
}

function outcome(result: ChatResult): string {
  if (result.failure) return `failed. ${result.failure.message}`
  if (result.isCancelled) return 'stopped.'
  return `answered in ${milliseconds(result.totalMs ?? 0)}.`
}
