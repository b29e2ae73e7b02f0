import { useEffect, useRef, useState } from 'preact/hooks'
import { api, messageOf, type Schema, unwrap } from '../../api/client'
import { Button, CodeBlock, Notice } from '../../components/ui'
import { milliseconds, tokenCounts } from '../../format'

type Call = Schema<'RecentCall'>

const POLL_MS = 1000
const LIMIT_MS = 120_000

/** Watches for the first call of a key, or of any key of the user from now on. */
export function CheckStep(props: { keyId?: string; keyText?: string; origin: string }) {
  const [isWatching, setWatching] = useState(false)
  const [call, setCall] = useState<Call>()
  const [failure, setFailure] = useState<unknown>()
  const [isOver, setOver] = useState(false)
  const { keyId } = props
  // A call is new if an earlier answer did not have it: the clocks of browser and service may differ.
  const known = useRef<Set<string> | undefined>(undefined)

  useEffect(() => {
    // All calls of a new key are new.
    known.current = keyId ? new Set() : undefined
    setWatching(false)
    setCall(undefined)
    setOver(false)
    setFailure(undefined)
  }, [keyId])

  useEffect(() => {
    if (!isWatching) return
    const abort = new AbortController()
    const end = Date.now() + LIMIT_MS
    let timer: ReturnType<typeof setTimeout>
    const poll = async () => {
      try {
        const query = keyId ? { key: keyId } : {}
        const { data } = await unwrap(api.GET('/api/me/calls', { params: { query }, signal: abort.signal }))
        setFailure(undefined)
        const seen = known.current
        known.current = new Set(data.map(identity))
        const fresh = seen && data.filter((it) => !seen.has(identity(it)))
        if (fresh?.length) {
          setCall(fresh[0])
          setWatching(false)
          return
        }
      } catch (e) {
        if (abort.signal.aborted) return
        setFailure(e)
      }
      if (Date.now() > end) {
        setOver(true)
        setWatching(false)
      } else timer = setTimeout(poll, POLL_MS)
    }
    void poll()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [isWatching, keyId])

  const start = () => {
    setCall(undefined)
    setOver(false)
    setFailure(undefined)
    setWatching(true)
  }
  return (
    <div class="stack">
      <p>
        Start the watch, then use the tool once.
        {!keyId && ' It sees your calls and those of your own keys from now on.'}
      </p>
      <div class="actions">
        {isWatching ? (
          <Button icon="stop" onClick={() => setWatching(false)}>
            Stop
          </Button>
        ) : (
          <Button icon="search" onClick={start}>
            {call || isOver ? 'Watch again' : 'Watch for the first call'}
          </Button>
        )}
      </div>
      <div role="status">
        {isWatching && (
          <p class="waiting muted">
            <span class="spinner" aria-hidden="true" /> Waiting for the first call
          </p>
        )}
        {call && <CallNotice call={call} />}
        {isOver && (
          <Notice tone="warn" title="No call arrived within two minutes">
            <Advice />
          </Notice>
        )}
        {failure !== undefined && (
          <Notice tone="bad" title="The calls cannot be read">
            <p>{messageOf(failure)}</p>
          </Notice>
        )}
      </div>
      <details>
        <summary>If no call arrives</summary>
        <div class="stack">
          <Advice />
          <p>This command, on the machine of the tool, shows whether the address and the key are right:</p>
          <CodeBlock
            label="A test of the address and the key"
            code={`curl -i '${props.origin}/v1/models' -H 'Authorization: Bearer ${props.keyText ?? '<an agent-lab key>'}'`}
          />
        </div>
      </details>
    </div>
  )
}

function identity(call: Call): string {
  return JSON.stringify(call)
}

function CallNotice({ call }: { call: Call }) {
  const isOk = call.status === 'ok'
  const target = call.agent ? `${call.agent} (${call.provider}, ${call.model})` : `${call.provider}/${call.model}`
  const tokens =
    call.input_tokens != null || call.output_tokens != null
      ? `, tokens: ${tokenCounts(call.input_tokens, call.output_tokens)}`
      : ''
  return (
    <Notice tone={isOk ? 'good' : 'bad'} title={isOk ? 'It works' : call.status === 'cancelled' ? 'The call arrived and was cancelled' : 'The call arrived and failed'}>
      <p>
        {target}: {milliseconds(call.latency_ms)}
        {tokens}
        {call.failure && `, ${call.failure.replaceAll('_', ' ')}`}.
      </p>
      {!isOk && call.status !== 'cancelled' && (
        <p>
          The address and the key are right. Test the provider, or try the model in the <a href="/playground">playground</a>.
        </p>
      )}
    </Notice>
  )
}

function Advice() {
  return (
    <ul>
      <li>Start the tool again: most read their settings only at the start.</li>
      <li>Check that the machine of the tool reaches the address: a container or another machine has its own localhost.</li>
      <li>Look at the error that the tool shows: a wrong key is a 401, and a model that the key may not use a 404. Such requests are no calls.</li>
      <li>If the service has several replicas, the call may have reached another one.</li>
    </ul>
  )
}
