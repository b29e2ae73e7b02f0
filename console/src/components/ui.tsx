import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { codeParts, exactTime, relativeTime } from '../format'
import { useTitle } from '../hooks'
import { Icon, type IconName } from './Icon'

// The page that the browser opened keeps the focus where the browser puts it.
let isFirstPage = true

/** A page: its title, actions, and content. The heading takes the focus when the page opens. */
export function Page(props: {
  title: string
  back?: { href: string; label: string }
  lead?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}) {
  useTitle(props.title)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // The module of a view loads after its path has changed: only now the heading is there.
    if (!isFirstPage) heading.current?.focus({ preventScroll: true })
    isFirstPage = false
  }, [])
  return (
    <div class="page">
      {props.back && (
        <a class="back" href={props.back.href}>
          <Icon name="chevron-left" /> {props.back.label}
        </a>
      )}
      <header class="page-header">
        <h1 tabIndex={-1} ref={heading}>{props.title}</h1>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.lead && <p class="lead">{props.lead}</p>}
      {props.children}
    </div>
  )
}

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'icon'> & {
  kind?: 'primary' | 'danger' | 'quiet'
  icon?: IconName
  /** While true the button keeps the focus but does nothing. */
  isBusy?: boolean
}

export function Button({ kind, icon, isBusy, children, onClick, class: extra, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={['button', kind, extra].filter(Boolean).join(' ')}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

export function ButtonLink(props: { href: string; kind?: 'primary' | 'quiet'; icon?: IconName; children: ComponentChildren }) {
  return (
    <a class={`button ${props.kind ?? ''}`} href={props.href}>
      {props.icon && <Icon name={props.icon} />}
      {props.children}
    </a>
  )
}

export function Badge(props: { tone?: 'good' | 'bad' | 'warn' | 'neutral'; children: ComponentChildren }) {
  return <span class={`badge ${props.tone ?? 'neutral'}`}>{props.children}</span>
}

/** A name beside others, such as in a table: cut off where it is too long, with all of it as its title. */
export function Name(props: { text: string; href?: string }) {
  const { text, href } = props
  return href ? (
    <a class="name" href={href} title={text}>
      {text}
    </a>
  ) : (
    <span class="name" title={text}>
      {text}
    </span>
  )
}

/** A number with what it is, in a list of the class `figures`. */
export function Figure(props: { label: string; value: string; detail?: string; href?: string }) {
  return (
    <li class="figure">
      <span>{props.href ? <a href={props.href}>{props.label}</a> : props.label}</span>
      <strong>{props.value}</strong>
      {props.detail && <span class="muted">{props.detail}</span>}
    </li>
  )
}

/** A time, relative, with the exact one as its title. */
export function Time(props: { at: string | null | undefined; absent?: string }) {
  if (!props.at) return <span class="muted">{props.absent ?? '—'}</span>
  return (
    <time dateTime={props.at} title={exactTime(props.at)}>
      {relativeTime(props.at)}
    </time>
  )
}

/** The exact time with the relative one, for facts that a reader compares. */
export function ExactTime(props: { at: string | null | undefined; absent?: string }) {
  if (!props.at) return <Time {...props} />
  return (
    <>
      {exactTime(props.at)} <span class="muted">(<Time at={props.at} />)</span>
    </>
  )
}

/** A text of the service, in which backticks mark code. */
export function ServiceText(props: { text: string }) {
  return <>{codeParts(props.text).map((it) => (it.isCode ? <code>{it.text}</code> : it.text))}</>
}

/** A message that belongs to the content, such as a failure or a warning. */
export function Notice(props: {
  tone: 'bad' | 'warn' | 'good' | 'neutral'
  title?: ComponentChildren
  /** `alert` interrupts a screen reader, `status` waits for a pause. */
  role?: 'alert' | 'status'
  children?: ComponentChildren
}) {
  return (
    <div class={`notice ${props.tone}`} role={props.role}>
      <Icon name={props.tone === 'good' ? 'check' : props.tone === 'neutral' ? 'info' : 'alert'} />
      <div>
        {props.title && <strong>{props.title}</strong>}
        {props.children}
      </div>
    </div>
  )
}

export function CopyButton(props: { text: string; label?: string; kind?: 'quiet' | 'primary' }) {
  const [outcome, setOutcome] = useState<'Copied' | 'Not copied'>()
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(undefined), 2000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async (): Promise<void> => {
    try {
      await copyText(props.text)
      setOutcome('Copied')
    } catch {
      setOutcome('Not copied')
    }
  }
  const icon = outcome === 'Copied' ? 'check' : outcome === 'Not copied' ? 'alert' : 'copy'
  return (
    <>
      <Button kind={props.kind ?? 'quiet'} icon={icon} onClick={copy}>
        {outcome ?? props.label ?? 'Copy'}
      </Button>
      <span class="visually-hidden" role="status">
        {outcome}
        {outcome === 'Not copied' && ': the browser denies access to the clipboard. Select the text instead.'}
      </span>
    </>
  )
}

/** The clipboard API exists only on https and on this machine; elsewhere a selection is copied. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  const parent = document.querySelector('dialog[open]') ?? document.body
  parent.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (!isCopied) throw new Error('The browser denies access to the clipboard.')
}

/** One line of text to copy, such as a key, which is shown whole. */
export function CopyLine(props: { text: string; label: string }) {
  return (
    <div class="copy-line">
      <code>{props.text}</code>
      <CopyButton text={props.text} label={props.label} kind="primary" />
    </div>
  )
}

/** Code that scrolls inside itself, with a button that copies it. */
export function CodeBlock(props: { code: string; label: string; copyLabel?: string }) {
  return (
    <div class="code-block">
      <pre tabIndex={0} role="region" aria-label={props.label}>
        <code>{props.code}</code>
      </pre>
      <CopyButton text={props.code} label={props.copyLabel} />
    </div>
  )
}

/** A modal dialog. Escape and the close button call `onClose`; the browser returns the focus. */
export function Dialog(props: { title: string; onClose: () => void; wide?: boolean; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => (opener as HTMLElement | null)?.focus?.()
  }, [])
  return (
    <dialog
      ref={dialog}
      class={props.wide ? 'wide' : ''}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
      onKeyDown={(event) => {
        // The browser closes a dialog by a second Escape even if the first was refused.
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        props.onClose()
      }}
    >
      <header>
        <h2 id={heading} title={props.title}>
          {props.title}
        </h2>
        <Button kind="quiet" icon="x" onClick={props.onClose} aria-label="Close" />
      </header>
      {props.children}
    </dialog>
  )
}

/** Tabs of the ARIA pattern: arrow keys move between them. */
export function Tabs<T extends string>(props: {
  label: string
  tabs: { id: T; label: ComponentChildren }[]
  selected: T
  onSelect: (id: T) => void
  children: ComponentChildren
}) {
  const base = useId()
  const list = useRef<HTMLDivElement>(null)
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const at = props.tabs.findIndex((it) => it.id === props.selected)
    const next = props.tabs[(at + step + props.tabs.length) % props.tabs.length]!
    props.onSelect(next.id)
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus()
  }
  return (
    <>
      <div class="tabs" role="tablist" aria-label={props.label} ref={list} onKeyDown={move}>
        {props.tabs.map((tab) => (
          <button
            type="button"
            role="tab"
            key={tab.id}
            data-tab={tab.id}
            id={`${base}-${tab.id}`}
            aria-selected={tab.id === props.selected}
            aria-controls={`${base}-panel`}
            tabIndex={tab.id === props.selected ? 0 : -1}
            onClick={() => props.onSelect(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${props.selected}`}>
        {props.children}
      </div>
    </>
  )
}
