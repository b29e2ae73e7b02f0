import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useAction } from '../hooks'
import { hasScope, useSignedIn } from '../session'
import { Icon, type IconName } from './Icon'
import { Failure } from './states'
import { Button } from './ui'

/** An entry of the navigation: shown to callers with the scope, or to everyone. */
interface Entry {
  href: string
  label: string
  icon: IconName
  scope?: string
}

const SECTIONS: { title: string; entries: Entry[] }[] = [
  {
    title: 'Use',
    entries: [
      { href: '/', label: 'Home', icon: 'home' },
      { href: '/playground', label: 'Playground', icon: 'message', scope: 'invoke' },
      { href: '/connect', label: 'Connect', icon: 'plug', scope: 'invoke' },
      { href: '/calls', label: 'Calls', icon: 'activity' },
      { href: '/me/keys', label: 'My keys', icon: 'user' },
    ],
  },
  {
    title: 'Build',
    entries: [
      { href: '/providers', label: 'Providers', icon: 'server', scope: 'providers:read' },
      { href: '/agents', label: 'Agents', icon: 'bot', scope: 'agents:read' },
      { href: '/routes', label: 'Routes', icon: 'route', scope: 'routes:read' },
    ],
  },
  {
    title: 'Operate',
    entries: [
      { href: '/keys', label: 'Keys', icon: 'key', scope: 'keys:admin' },
      { href: '/audit', label: 'Audit', icon: 'history', scope: 'audit:read' },
      { href: '/secrets', label: 'Secrets', icon: 'lock', scope: 'secrets:admin' },
      { href: '/about', label: 'About', icon: 'info', scope: 'system:read' },
    ],
  },
]

/** The frame of every page: navigation, who is signed in, and the main content. */
export function Layout(props: { children: ComponentChildren }) {
  const { path } = useLocation()
  const { session, signOut } = useSignedIn()
  const leave = useAction(signOut)
  const [isOpen, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const opened = useRef(path)

  // A new page takes the focus with its heading, as a page load would.
  useEffect(() => {
    setOpen(false)
    if (opened.current === path) return
    opened.current = path
    scrollTo(0, 0)
    requestAnimationFrame(() => main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }))
  }, [path])

  useEffect(() => {
    if (!isOpen) return
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false)
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [isOpen])

  const isCurrent = (href: string) => (href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`))
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault()
        main.current?.focus()
      }}>
        Skip to the content
      </a>
      <header class="top">
        <Button
          kind="quiet"
          icon={isOpen ? 'x' : 'menu'}
          class="menu"
          aria-label="Menu"
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        />
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="22" height="22" /> agent-lab
        </a>
      </header>
      <nav id="navigation" class={isOpen ? 'side open' : 'side'} aria-label="Main">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="22" height="22" /> agent-lab
        </a>
        {SECTIONS.map((section) => {
          const entries = section.entries.filter((it) => !it.scope || hasScope(session, it.scope))
          return (
            entries.length > 0 && (
              <section key={section.title}>
                <h2>{section.title}</h2>
                <ul>
                  {entries.map((it) => (
                    <li key={it.href}>
                      <a href={it.href} aria-current={isCurrent(it.href) ? 'page' : undefined}>
                        <Icon name={it.icon} /> {it.label}
                      </a>
                    </li>
                  ))}
                </ul>
              </section>
            )
          )
        })}
        <div class="account">
          <a href="/docs" target="_blank" rel="noreferrer">
            <Icon name="book" /> Guides and API
          </a>
          <ThemeSwitch />
          <p class="who" title={session.caller.id}>
            <Icon name="user" /> <span>{session.caller.name}</span>
          </p>
          {session.caller.kind !== 'anyone' && (
            <Button kind="quiet" icon="log-out" isBusy={leave.isRunning} onClick={() => leave.run()}>
              Sign out
            </Button>
          )}
          {leave.failure !== undefined && <Failure failure={leave.failure} title="Not signed out" />}
        </div>
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        {props.children}
      </main>
    </div>
  )
}

const THEMES = ['system', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

/** The theme that this browser has chosen; `system` follows the system. */
function storedTheme(): Theme {
  const stored = localStorage.getItem('theme') as Theme | null
  return stored && THEMES.includes(stored) ? stored : 'system'
}

/** Shows the page in the theme that this browser has chosen. */
export function applyTheme(theme: Theme = storedTheme()): void {
  document.documentElement.dataset.theme = theme
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme)
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!
  return (
    <Button
      kind="quiet"
      icon={theme === 'dark' ? 'moon' : 'sun'}
      onClick={() => {
        localStorage.setItem('theme', next)
        applyTheme(next)
        setTheme(next)
      }}
    >
      Theme: {theme}
    </Button>
  )
}
