import { LocationProvider, lazy, Route, Router } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import { api, ApiError, onSessionEnd, unwrap } from './api/client'
import { Layout } from './components/Layout'
import { Empty, Failure, Loading } from './components/states'
import { ButtonLink, Page } from './components/ui'
import { type Session, SignedInContext } from './session'
import { SignIn, SignInAgain } from './views/SignIn'

// The service serves this page for these paths (`ConsoleRoutes`).
const Home = lazy(() => import('./views/Home'))
const Providers = lazy(() => import('./views/Providers'))
const NewProvider = lazy(() => import('./views/NewProvider'))
const Provider = lazy(() => import('./views/Provider'))
const Routes = lazy(() => import('./views/Routes'))
const NewRoute = lazy(() => import('./views/NewRoute'))
const RouteView = lazy(() => import('./views/Route'))
const Agents = lazy(() => import('./views/Agents'))
const NewAgent = lazy(() => import('./views/NewAgent'))
const Agent = lazy(() => import('./views/Agent'))
const Playground = lazy(() => import('./views/Playground'))
const Connect = lazy(() => import('./views/Connect'))
const Calls = lazy(() => import('./views/Calls'))
const CallSession = lazy(() => import('./views/CallSession'))
const Call = lazy(() => import('./views/Call'))
const Keys = lazy(() => import('./views/Keys'))
const NewKey = lazy(() => import('./views/NewKey'))
const Key = lazy(() => import('./views/Key'))
const MyKeys = lazy(() => import('./views/MyKeys'))
const NewOwnKey = lazy(() => import('./views/NewOwnKey'))
const Audit = lazy(() => import('./views/Audit'))
const AuditEvent = lazy(() => import('./views/AuditEvent'))
const Secrets = lazy(() => import('./views/Secrets'))
const About = lazy(() => import('./views/About'))

/** Whether a caller is signed in: unknown at first, and again after a sign-out. */
type State =
  | { name: 'unknown' }
  | { name: 'failed'; failure: unknown }
  | { name: 'signed-out' }
  | { name: 'signed-in'; session: Session; signIns: number; hasEnded: boolean }

/** The console: the sign-in page, or the frame with the view of the path. */
export function App() {
  const [state, setState] = useState<State>({ name: 'unknown' })

  const load = async (): Promise<void> => {
    setState({ name: 'unknown' })
    try {
      const session = await unwrap(api.GET('/api/session'))
      setState({ name: 'signed-in', session, signIns: 1, hasEnded: false })
    } catch (failure) {
      const isSignedOut = failure instanceof ApiError && failure.status === 401
      setState(isSignedOut ? { name: 'signed-out' } : { name: 'failed', failure })
    }
  }

  useEffect(() => {
    // What was typed stays on the page behind the dialog that signs in again.
    onSessionEnd(() => setState((old) => (old.name === 'signed-in' ? { ...old, hasEnded: true } : old)))
    if (location.pathname === '/sign-in') setState({ name: 'signed-out' })
    else void load()
  }, [])

  const signOut = async (): Promise<void> => {
    await unwrap(api.DELETE('/api/session'))
    history.replaceState(null, '', '/')
    setState({ name: 'signed-out' })
  }

  const enter = (session: Session): void =>
    setState((old) => ({
      name: 'signed-in',
      session,
      signIns: old.name === 'signed-in' ? old.signIns + 1 : 1,
      hasEnded: false,
    }))

  switch (state.name) {
    case 'unknown':
      return (
        <main class="centered">
          <Loading />
        </main>
      )
    case 'failed':
      return (
        <main class="centered">
          <h1>agent-lab</h1>
          <Failure failure={state.failure} onRetry={load} />
        </main>
      )
    case 'signed-out':
      return <SignIn onSignedIn={enter} />
    case 'signed-in':
      return (
        <LocationProvider scope={/^\/(?!docs(\/|$)|openapi\.json)/}>
          <SignedInContext.Provider value={{ session: state.session, signIns: state.signIns, signOut }}>
            {/* Another caller gets pages of their own. */}
            <Layout key={state.session.caller.id}>
              <Router>
                <Route path="/" component={Home} />
                <Route path="/providers" component={Providers} />
                <Route path="/providers/new" component={NewProvider} />
                <Route path="/providers/:id" component={Provider} />
                <Route path="/routes" component={Routes} />
                <Route path="/routes/new" component={NewRoute} />
                <Route path="/routes/:id" component={RouteView} />
                <Route path="/agents" component={Agents} />
                <Route path="/agents/new" component={NewAgent} />
                <Route path="/agents/:id" component={Agent} />
                <Route path="/playground" component={Playground} />
                <Route path="/connect" component={Connect} />
                <Route path="/calls" component={Calls} />
                <Route path="/calls/session" component={CallSession} />
                <Route path="/calls/:id" component={Call} />
                <Route path="/keys" component={Keys} />
                <Route path="/keys/new" component={NewKey} />
                <Route path="/keys/:id" component={Key} />
                <Route path="/me/keys" component={MyKeys} />
                <Route path="/me/keys/new" component={NewOwnKey} />
                <Route path="/audit" component={Audit} />
                <Route path="/audit/:seq" component={AuditEvent} />
                <Route path="/secrets" component={Secrets} />
                <Route path="/about" component={About} />
                <Route default component={NotFound} />
              </Router>
            </Layout>
            {state.hasEnded && <SignInAgain onSignedIn={enter} />}
          </SignedInContext.Provider>
        </LocationProvider>
      )
  }
}

function NotFound() {
  return (
    <Page title="Not found">
      <Empty icon="search" title="There is no such page">
        <ButtonLink href="/">Home</ButtonLink>
      </Empty>
    </Page>
  )
}
