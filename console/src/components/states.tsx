import type { ComponentChildren, FunctionComponent } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { ApiError, messageOf, NetworkError } from '../api/client'
import { sentence, withFullStop } from '../format'
import type { Query } from '../hooks'
import { useScopes } from '../session'
import { Icon, type IconName } from './Icon'
import { Button, ButtonLink, Notice, Page, ServiceText } from './ui'

/** Content that is on its way. Lines of the final size keep the page from jumping. */
export function Loading(props: { lines?: number }) {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: props.lines ?? 4 }, (_, i) => (
        <div class="skeleton" key={i} />
      ))}
    </div>
  )
}

/** Nothing is there yet, and what to do about it. */
export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={props.icon} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}

/** The caller lacks a scope. */
export function Forbidden(props: { scope: string }) {
  return (
    <div class="empty">
      <Icon name="lock" />
      <h2>Permission denied</h2>
      <p>
        This requires the scope <code>{props.scope}</code>, which you do not have. A user with <code>keys:admin</code>{' '}
        can create a key with it.
      </p>
    </div>
  )
}

/** A view for callers with a scope. Others see what it needs, and nothing that they could not use. */
export function requireScope(scope: string, title: string, View: FunctionComponent): FunctionComponent {
  return () =>
    useScopes()(scope) ? (
      <View />
    ) : (
      <Page title={title}>
        <Forbidden scope={scope} />
      </Page>
    )
}

/** Whether the object was changed since it was read. */
export function isConflict(failure: unknown): boolean {
  return failure instanceof ApiError && failure.status === 412
}

/**
 * The title of the failure of a dialog, which has read a changed object again.
 *
 * @param action the label of the button
 */
export function notDone(failure: unknown, action: string): string {
  return isConflict(failure) ? `It was changed meanwhile. Press ${action} again to continue anyway.` : 'Not done'
}

/** A failure: its message, the errors of its fields, and its request id for the log. */
export function Failure(props: { failure: unknown; onRetry?: () => void; title?: string; skipFields?: boolean }) {
  const { failure } = props
  const problem = failure instanceof ApiError ? failure.problem : {}
  const errors = props.skipFields ? [] : (problem.errors ?? [])
  return (
    <Notice tone="bad" role="alert" title={props.title ?? titleOf(failure)}>
      {errors.length === 0 && <p>
          <ServiceText text={sentence(messageOf(failure))} />
        </p>}
      {errors.length > 0 && (
        <ul>
          {errors.map((it) => (
            <li key={it.field + it.message}>
              <code>{it.field}</code> <ServiceText text={withFullStop(it.message)} />
            </li>
          ))}
        </ul>
      )}
      {problem.blockers && (
        <ul>
          {problem.blockers.map((it) => (
            <li key={it.id}>
              {it.kind} {it.name}
            </li>
          ))}
        </ul>
      )}
      {problem.request_id && failure instanceof ApiError && failure.status >= 500 && (
        <p class="muted">
          Request <code>{problem.request_id}</code>
        </p>
      )}
      {props.onRetry && (
        <Button icon="refresh" onClick={props.onRetry}>
          Try again
        </Button>
      )}
    </Notice>
  )
}

/**
 * A failed attempt to save a form: that fields are invalid, or else what failed.
 *
 * @param hasInput whether the form shows the errors of a field, by its path, at an input; the others are shown here
 */
export function FormFailure(props: { failure: unknown; hasInput: (field: string) => boolean; title: string }) {
  const { failure } = props
  const errors = failure instanceof ApiError ? (failure.problem.errors ?? []) : []
  const others = errors.filter((it) => !props.hasInput(it.field))
  if (!(failure instanceof ApiError) || errors.length === 0) return <Failure title={props.title} failure={failure} />
  return (
    <Notice tone="bad" role="alert" title={props.title}>
      {others.length < errors.length && <p>Correct the marked {errors.length - others.length === 1 ? 'field' : 'fields'}.</p>}
      {others.map((it) => (
        <p key={it.field + it.message}>
          <code>{it.field}</code> <ServiceText text={withFullStop(it.message)} />
        </p>
      ))}
    </Notice>
  )
}

function titleOf(failure: unknown): string {
  if (failure instanceof NetworkError) return 'No answer'
  return failure instanceof ApiError ? (failure.problem.title ?? 'The request failed') : 'The request failed'
}

/** The outcome of saving, beside the button that saves, where it scrolls into view. */
export function SaveStatus(props: { children: ComponentChildren }) {
  const status = useRef<HTMLDivElement>(null)
  const isShown = Boolean(props.children)
  useEffect(() => {
    if (isShown) status.current?.scrollIntoView({ block: 'nearest' })
  }, [isShown])
  return (
    <div class="live save-status" role="status" ref={status}>
      {props.children}
    </div>
  )
}

/**
 * Shows a value once it is there; until then that it loads, or why it cannot.
 *
 * @param back where to go if there is no such value
 */
export function Loaded<T>(props: {
  query: Query<T>
  lines?: number
  back?: { href: string; label: string }
  children: (value: T) => ComponentChildren
}) {
  const { value, failure, reload } = props.query
  if (value === undefined) {
    if (failure instanceof ApiError && failure.status === 403) {
      const scope = /the scope (\S+)/.exec(failure.message)?.[1] ?? 'of this page'
      return <Forbidden scope={scope} />
    }
    if (failure instanceof ApiError && failure.status === 404 && props.back) {
      return (
        <Empty icon="search" title="Not found">
          <p>It does not exist, or it was deleted.</p>
          <ButtonLink href={props.back.href}>{props.back.label}</ButtonLink>
        </Empty>
      )
    }
    return failure === undefined ? <Loading lines={props.lines} /> : <Failure failure={failure} onRetry={reload} />
  }
  return (
    <>
      {failure !== undefined && <Failure failure={failure} title="This is not up to date" onRetry={reload} />}
      {props.children(value)}
    </>
  )
}
