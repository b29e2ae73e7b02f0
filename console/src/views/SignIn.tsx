import { useEffect, useState } from 'preact/hooks'
import { api, ApiError, unwrap } from '../api/client'
import { Form, TextField } from '../components/fields'
import { Failure } from '../components/states'
import { Button, Dialog, Notice } from '../components/ui'
import { useAction, useQuery, useTitle } from '../hooks'
import type { Session } from '../session'

/** The failures of a sign-in at the identity provider, which redirects with their code. */
const OIDC_ERRORS: Record<string, string> = {
  oidc_denied: 'The identity provider refused the sign-in.',
  oidc_failed: 'The sign-in at the identity provider failed. The log of the service has the reason.',
  oidc_expired: 'The sign-in took too long. Start it again.',
  oidc_no_access: 'You are known, but have no rights here. An administrator can give you some.',
}

/** The page for callers that are not signed in: a link, an API key, or the identity provider. */
export function SignIn(props: { onSignedIn: (session: Session) => void }) {
  useTitle('Sign in')
  const [link, setLink] = useState(takeLink)
  const [error] = useState(() => new URLSearchParams(location.search).get('error'))
  const follow = useAction(async () => enter(await createSession({ link: link! }), props.onSignedIn))

  // A link that is pasted into this tab changes only the fragment.
  useEffect(() => {
    const onHashChange = () => {
      follow.clear()
      setLink(takeLink())
    }
    addEventListener('hashchange', onHashChange)
    return () => removeEventListener('hashchange', onHashChange)
  }, [])

  return (
    <main class="centered sign-in">
      <h1>
        <img src="/icon.svg" alt="" width="32" height="32" /> Sign in to agent-lab
      </h1>
      {error && (
        <Notice tone="bad" role="alert">
          <p>{OIDC_ERRORS[error] ?? OIDC_ERRORS.oidc_failed}</p>
        </Notice>
      )}
      {link && !(follow.failure instanceof ApiError) ? (
        // A click is required: a link from another person would sign this browser in as them unnoticed.
        <>
          <p>This link signs you in with the API key that made it.</p>
          {follow.failure !== undefined && <Failure failure={follow.failure} />}
          <Button kind="primary" isBusy={follow.isRunning} onClick={() => follow.run()} autofocus>
            Sign in
          </Button>
        </>
      ) : (
        <>
          {follow.failure !== undefined && <Failure failure={follow.failure} title="The link does not work" />}
          <SignInForm onSignedIn={(session) => enter(session, props.onSignedIn)} />
          <Notice tone="neutral">
            <p>
              On the machine of the service, <code>./agent-lab login</code> prints a link that signs you in.
            </p>
          </Notice>
        </>
      )}
    </main>
  )
}

/** The dialog over a page whose session has ended: what was typed there stays. */
export function SignInAgain(props: { onSignedIn: (session: Session) => void }) {
  return (
    <Dialog title="Sign in again" onClose={() => {}}>
      <p>Your session has ended. What you typed is still here.</p>
      <SignInForm onSignedIn={props.onSignedIn} isDialog />
    </Dialog>
  )
}

function SignInForm(props: { onSignedIn: (session: Session) => void; isDialog?: boolean }) {
  const [key, setKey] = useState('')
  const ways = useQuery('sign-in', (signal) => unwrap(api.GET('/api/sign-in', { signal })))
  const signIn = useAction(async () => props.onSignedIn(await createSession({ key: key.trim() })))
  const oidc = ways.value?.oidc
  const back = location.pathname === '/sign-in' ? '/' : location.pathname + location.search
  return (
    <>
      {ways.failure !== undefined && <Failure failure={ways.failure} onRetry={ways.reload} />}
      {oidc && !props.isDialog && (
        <a class="button primary wide" href={`/api/sign-in/oidc?return_to=${encodeURIComponent(back)}`}>
          Continue with {new URL(oidc.issuer).host}
        </a>
      )}
      {oidc && props.isDialog && <SignInElsewhere issuer={oidc.issuer} onSignedIn={props.onSignedIn} />}
      <Form onSubmit={signIn.run} failure={signIn.failure}>
        <TextField
          label="API key"
          type="password"
          name="key"
          autocomplete="current-password"
          placeholder="agl_…"
          isRequired
          value={key}
          onInput={setKey}
          error={signIn.failure instanceof ApiError ? signIn.failure.message : undefined}
        />
        {signIn.failure !== undefined && !(signIn.failure instanceof ApiError) && <Failure failure={signIn.failure} />}
        <Button kind={oidc ? undefined : 'primary'} type="submit" isBusy={signIn.isRunning}>
          Sign in
        </Button>
      </Form>
    </>
  )
}

/** The identity provider in another tab, so that this page keeps what was typed. */
function SignInElsewhere(props: { issuer: string; onSignedIn: (session: Session) => void }) {
  useEffect(() => {
    const onFocus = async () => {
      const { data } = await api.GET('/api/session').catch(() => ({ data: undefined }))
      if (data) props.onSignedIn(data)
    }
    addEventListener('focus', onFocus)
    return () => removeEventListener('focus', onFocus)
  }, [props.onSignedIn])
  return (
    <a class="button primary wide" href="/api/sign-in/oidc?return_to=/" target="_blank">
      Continue with {new URL(props.issuer).host} in a new tab, then come back
    </a>
  )
}

function createSession(body: { key?: string; link?: string }): Promise<Session> {
  return unwrap(api.POST('/api/session', { body }))
}

function enter(session: Session, onSignedIn: (session: Session) => void): void {
  if (location.pathname === '/sign-in') history.replaceState(null, '', '/')
  onSignedIn(session)
}

/** The token of the link by which the page was opened. It leaves the address bar and the history at once. */
function takeLink(): string | null {
  const token = location.hash.slice(1)
  if (location.pathname !== '/sign-in' || !token) return null
  history.replaceState(null, '', '/sign-in')
  return token
}
