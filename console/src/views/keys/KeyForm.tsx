import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { api, type Schema, unwrap } from '../../api/client'
import { CheckField, fieldError, Form, RadioField, TextField } from '../../components/fields'
import { FormFailure, Loaded } from '../../components/states'
import { Button } from '../../components/ui'
import { sentence } from '../../format'
import { useAction, useQuery, useUnsavedGuard } from '../../hooks'
import { hasScope, useSignedIn } from '../../session'
import '../../styles/keys.css'
import { DEFAULT_EXPIRY, EXPIRIES, expiresAt } from './expiry'
import type { ApiKey } from './KeyCells'
import { Prose } from './ScopeWords'
import { type ScopeInfo, scopesOf, scopeText, SECTIONS } from './scopes'
import { grantOf, type Target, Targets } from './Targets'

type Reach = 'none' | 'all' | 'some'

/** The form of a new key: its name, what it may do, and when it expires. */
export function KeyForm(props: { create: (input: Schema<'ApiKeyInput'>) => Promise<ApiKey>; onCreated: (created: ApiKey) => void }) {
  const scopes = useQuery('scopes', (signal) => unwrap(api.GET('/api/scopes', { signal })))
  return <Loaded query={scopes}>{(list) => <LoadedForm {...props} infos={list.data} />}</Loaded>
}

function LoadedForm(props: {
  infos: ScopeInfo[]
  create: (input: Schema<'ApiKeyInput'>) => Promise<ApiKey>
  onCreated: (created: ApiKey) => void
}) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>([])
  const [invoke, setInvoke] = useState<Reach>('none')
  const [invokeTargets, setInvokeTargets] = useState<Target[]>([])
  const [proxy, setProxy] = useState<Reach>('none')
  const [proxyTargets, setProxyTargets] = useState<Target[]>([])
  const [expiry, setExpiry] = useState(DEFAULT_EXPIRY)
  const [date, setDate] = useState('')
  const own = useOwnScopes()

  const targets = [...(invoke === 'some' ? invokeTargets : []), ...(proxy === 'some' ? proxyTargets : [])]
  const whole = [...(invoke === 'all' ? ['invoke'] : []), ...(proxy === 'all' ? ['proxy'] : []), ...chosen]
  // The errors of the service name a target by its place in what was sent.
  const sent = useRef<number[]>([])
  const action = useAction(async () => {
    sent.current = targets.map((it) => it.id)
    const created = await props.create({
      name,
      scopes: [...targets.map((it) => scopeText(grantOf(it))), ...whole],
      expires_at: expiry === 'date' ? new Date(date).toISOString() : expiresAt(expiry),
    })
    props.onCreated(created)
  })
  useUnsavedGuard((name !== '' || whole.length > 0 || targets.length > 0) && !action.isRunning)
  const errorOf = (target: Target) => {
    const place = sent.current.indexOf(target.id)
    // The forms of a scope that the message lists are what this form is for.
    return place < 0 ? undefined : fieldError(action.failure, `scopes[${place}]`)?.replace(/; accepted forms.*/, '')
  }
  const lacking =
    invoke === 'some' && invokeTargets.length === 0 ? 'invoke' : proxy === 'some' && proxyTargets.length === 0 ? 'proxy' : undefined
  const [attempt, setAttempt] = useState<{ lacking?: 'invoke' | 'proxy'; number: number }>({ number: 0 })
  const submit = () => {
    setAttempt((old) => ({ lacking, number: old.number + 1 }))
    if (!lacking) void action.run()
  }
  const lackOf = (scope: 'invoke' | 'proxy', what: string) =>
    lacking === scope && attempt.lacking === scope && <GroupError key={attempt.number} message={`Add at least one ${what}.`} />
  const scopesError = fieldError(action.failure, 'scopes')
  const inputs = ['name', 'expires_at', 'scopes', ...targets.map((it) => `scopes[${sent.current.indexOf(it.id)}]`)]

  return (
    <Form onSubmit={submit} failure={action.failure}>
      <TextField
        label="Name"
        hint="What uses the key, such as the name of a program."
        isRequired
        maxLength={200}
        value={name}
        onInput={setName}
        error={fieldError(action.failure, 'name')}
      />
      <h2>What the key may do</h2>
      {scopesError && <GroupError message={scopesError.includes('had 0') ? 'Choose at least one.' : scopesError} />}
      <fieldset>
        <legend>Calls</legend>
        <ReachField
          label="Agents, routes and models"
          scope="invoke"
          own={own}
          reach={invoke}
          onInput={setInvoke}
          labels={{ none: 'No calls', some: 'Only these agents, routes and models', all: 'Every agent, route and model' }}
        >
          <Targets
            kinds={['agent', 'route', 'provider', 'models']}
            targets={invokeTargets}
            onChange={setInvokeTargets}
            errorOf={errorOf}
            error={lackOf('invoke', 'agent, route, provider or model')}
          />
        </ReachField>
        <ReachField
          label="The raw API of providers"
          scope="proxy"
          own={own}
          reach={proxy}
          onInput={setProxy}
          labels={{ none: 'No', some: 'Only of these providers', all: 'Of every provider' }}
        >
          <Targets
            kinds={['proxy']}
            targets={proxyTargets}
            onChange={setProxyTargets}
            errorOf={errorOf}
            error={lackOf('proxy', 'provider')}
          />
        </ReachField>
      </fieldset>
      {SECTIONS.map((section) => (
        <fieldset key={section.title} class="key-scopes">
          <legend>{section.title}</legend>
          {scopesOf(section, props.infos).map((info) => (
            <CheckField
              key={info.scope}
              label={<Prose text={info.description} />}
              hint={
                <>
                  <code>{info.scope}</code> {own.unless(own.has(info.scope), info.scope).hint}
                </>
              }
              isChecked={chosen.includes(info.scope)}
              isDisabled={!own.has(info.scope)}
              onInput={(isChecked) =>
                setChosen((old) => (isChecked ? [...old, info.scope] : old.filter((it) => it !== info.scope)))
              }
            />
          ))}
        </fieldset>
      ))}
      <RadioField label="Expires" value={expiry} onInput={setExpiry} options={[...EXPIRIES, { value: 'date', label: 'At a chosen time' }]} />
      {expiry === 'date' ? (
        <TextField
          label="Expires at"
          hint="In the time zone of this browser."
          type="datetime-local"
          isRequired
          value={date}
          onInput={setDate}
          error={fieldError(action.failure, 'expires_at')}
        />
      ) : (
        fieldError(action.failure, 'expires_at') && (
          <p class="error" role="alert">
            {fieldError(action.failure, 'expires_at')}
          </p>
        )
      )}
      {action.failure !== undefined && (
        <FormFailure title="Not added" failure={action.failure} hasInput={(field) => inputs.includes(field)} />
      )}
      <Button type="submit" kind="primary" isBusy={action.isRunning}>
        Add key
      </Button>
    </Form>
  )
}

/**
 * What a key may call: nothing, what is named, or everything.
 *
 * @param props.children the fields of what is named
 */
function ReachField(props: {
  label: string
  scope: 'invoke' | 'proxy'
  own: ReturnType<typeof useOwnScopes>
  reach: Reach
  onInput: (reach: Reach) => void
  labels: Record<Reach, string>
  children: ComponentChildren
}) {
  const { scope, own, labels } = props
  return (
    <RadioField
      label={props.label}
      value={props.reach}
      onInput={props.onInput}
      options={[
        { value: 'none', label: labels.none },
        {
          value: 'some',
          label: labels.some,
          hint: own.partOf(scope),
          ...own.unless(own.hasSome(scope), scope),
          more: props.children,
        },
        { value: 'all', label: labels.all, ...own.unless(own.has(scope), scope) },
      ]}
    />
  )
}

/** An error of several fields, which takes the focus for them. */
function GroupError(props: { message: string }) {
  const text = useRef<HTMLParagraphElement>(null)
  useEffect(() => text.current?.focus(), [props.message])
  return (
    <p class="error" role="alert" tabIndex={-1} ref={text}>
      {sentence(props.message)}
    </p>
  )
}

/** What the caller has, which is the most that a key of the caller can have. */
function useOwnScopes() {
  const { session } = useSignedIn()
  const { scopes } = session.caller
  const has = (scope: string) => scopes.includes(scope)
  return {
    has,
    /** Whether the caller has the scope as a whole or in part. */
    hasSome: (scope: string) => hasScope(session, scope),
    /** What the caller has of a scope, if that is not all. */
    partOf: (scope: string) => {
      const part = scopes.filter((it) => it.startsWith(`${scope}:`))
      return has(scope) || part.length === 0 ? undefined : `You have ${part.join(', ')}.`
    },
    unless: (isAllowed: boolean, scope: string) =>
      isAllowed ? {} : { isDisabled: true, hint: reason(scope, scopes) },
  }
}

function reason(scope: string, own: string[]): string {
  return own.some((it) => it.startsWith(`${scope}:`))
    ? 'You have only a part of this scope, so you cannot grant all of it.'
    : 'You do not have this scope, so you cannot grant it.'
}
