import { useLocation } from 'preact-iso'
import { useCallback, useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from './api/client'
import { SignedInContext } from './session'
import { isSameView } from './url'

/** What is known of a value that the service sends. A reload keeps the value until the new one arrives. */
export interface Query<T> {
  value?: T
  failure?: unknown
  isLoading: boolean
  reload: () => void
}

/**
 * Loads a value, again whenever `key` changes. An answer to an earlier key is dropped.
 *
 * @param everyMs reloads in this interval while the page is visible
 * @param keepsOther whether the value of another key remains until the new one arrives: the pages of a list keep their
 *   place, and the focus stays on what was pressed
 */
export function useQuery<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  everyMs?: number,
  keepsOther = false,
): Query<T> {
  const [state, setState] = useState<{ key: string; value?: T; failure?: unknown; isLoading: boolean }>({
    key,
    isLoading: true,
  })
  const signIns = useContext(SignedInContext)?.signIns
  const isLoading = useRef(false)
  const latest = useRef(load)
  latest.current = load
  const [generation, setGeneration] = useState(0)
  const reload = useCallback(() => setGeneration((it) => it + 1), [])

  useEffect(() => {
    const abort = new AbortController()
    setState((old) => ({ ...(old.key === key || keepsOther ? old : {}), key, isLoading: true }))
    isLoading.current = true
    latest
      .current(abort.signal)
      .then(
        (value) => {
          if (!abort.signal.aborted) setState({ key, value, isLoading: false })
        },
        (failure: unknown) => {
          if (!abort.signal.aborted) setState((old) => ({ key, value: old.value, failure, isLoading: false }))
        },
      )
      .finally(() => {
        if (!abort.signal.aborted) isLoading.current = false
      })
    return () => abort.abort()
  }, [key, generation])

  // What failed because the session had ended works after signing in again.
  const { failure } = state
  useEffect(() => {
    if (failure instanceof ApiError && failure.status === 401) reload()
  }, [signIns])

  useEffect(() => {
    if (!everyMs) return
    const timer = setInterval(() => {
      // A slow answer must not be cancelled by the next request.
      if (document.visibilityState === 'visible' && !isLoading.current) reload()
    }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs, reload])

  const current = state.key === key || keepsOther ? state : { isLoading: true }
  return { ...current, reload }
}

/** A query of a list: its rows stay until those of another page, order or filter arrive. */
export function useListing<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Query<T> {
  return useQuery(key, load, undefined, true)
}

/**
 * Reloads after each change that was made here, and once more when the service has written what follows from it.
 *
 * @param changes how many there were
 */
export function useReloadWith(changes: number, reload: () => void): void {
  useEffect(() => {
    if (changes === 0) return
    reload()
    const timer = setTimeout(reload, 2000)
    return () => clearTimeout(timer)
  }, [changes, reload])
}

/** An action of the user that calls the service: one at a time, with its failure. */
export interface Action<A extends unknown[]> {
  run: (...args: A) => Promise<boolean>
  isRunning: boolean
  failure: unknown
  clear: () => void
}

/** @param action its rejection becomes `failure`; `run` resolves to whether it succeeded */
export function useAction<A extends unknown[]>(action: (...args: A) => Promise<void>): Action<A> {
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const running = useRef(false)
  const run = async (...args: A): Promise<boolean> => {
    if (running.current) return false
    running.current = true
    setRunning(true)
    setFailure(undefined)
    try {
      await action(...args)
      return true
    } catch (e) {
      setFailure(e)
      return false
    } finally {
      running.current = false
      setRunning(false)
    }
  }
  return { run, isRunning, failure, clear: () => setFailure(undefined) }
}

/** A value that follows the input once it has not changed for a while. */
export function useDebounced<T>(value: T, delayMs = 250): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}

/**
 * The text of a filter, applied once it has not changed for a while.
 *
 * @param value the applied text, which replaces the typed one if it changes by other means, such as Back
 */
export function useFilterText(value: string, apply: (text: string) => void, delayMs?: number): [string, (text: string) => void] {
  const [text, setText] = useState(value)
  const settled = useDebounced(text, delayMs)
  const applied = useRef(value)
  useEffect(() => {
    if (settled === value) return
    applied.current = settled
    apply(settled)
  }, [settled])
  useEffect(() => {
    if (value !== applied.current) setText(value)
    applied.current = value
  }, [value])
  return [text, setText]
}

/** Whether a media query matches, such as one of the width. */
export function useMedia(query: string): boolean {
  const [isMatching, setMatching] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const update = () => setMatching(media.matches)
    media.addEventListener('change', update)
    return () => media.removeEventListener('change', update)
  }, [query])
  return isMatching
}

/** Sets the title of the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · agent-lab`
  }, [title])
}

/** Asks before the page is closed or loaded again, with what only the page has. */
export function useUnloadGuard(isGuarded: boolean): void {
  useEffect(() => {
    if (!isGuarded) return
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', onUnload)
    return () => removeEventListener('beforeunload', onUnload)
  }, [isGuarded])
}

type PopListener = (event: PopStateEvent) => void

// A browser may call the listeners of the window in the order in which they were added, capturing or not: this one is
// there before the router's.
const popListeners = new Set<PopListener>()
addEventListener('popstate', (event) => popListeners.forEach((it) => it(event)), true)

/** Asks before the page is left with unsaved input: by a link, by the history, or by closing it. */
export function useUnsavedGuard(isUnsaved: boolean): void {
  const { url } = useLocation()
  useUnloadGuard(isUnsaved)
  // Before the next event, which may leave the page.
  useLayoutEffect(() => {
    if (!isUnsaved) return
    const mayLeave = () => confirm('Leave this page? What you changed here is not saved.')
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a[href]')
      if (!link || link.getAttribute('target') || event.ctrlKey || event.metaKey || event.shiftKey) return
      // A link within the page does not leave it.
      if (link.getAttribute('href')!.startsWith('#') || mayLeave()) return
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    // The browser has changed its URL already.
    const onPop: PopListener = (event) => {
      if (isSameView(location.pathname + location.search, url) || mayLeave()) return
      event.stopImmediatePropagation()
      history.pushState(null, '', url)
    }
    addEventListener('click', onClick, true)
    popListeners.add(onPop)
    return () => {
      removeEventListener('click', onClick, true)
      popListeners.delete(onPop)
    }
  }, [isUnsaved, url])
}
