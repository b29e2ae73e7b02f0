import { useEffect, useState } from 'preact/hooks'
import { ApiError, InvalidForm, type Versioned } from '../api/client'
import { type Action, useAction, useUnsavedGuard } from '../hooks'
import type { FieldProblem } from './schema'

/** How a form edits an object of which the service keeps revisions. `S` is what the form has loaded, `D` what it holds. */
export interface EditorOptions<S extends Versioned<unknown>, D extends object> {
  stored?: S
  /** What the form of a new object begins with. */
  start: D
  draftOf: (stored: S) => D
  /** What another user saved, with the changes that were made here. */
  merge: (base: D, mine: D, theirs: D) => D
  /** What is wrong before it is sent. */
  problems?: (draft: D, initial: D) => FieldProblem[]
  /** @param base what is replaced; absent for a new object */
  send: (draft: D, base?: S) => Promise<S>
  /** What the service has now. */
  reload: (stored: S) => Promise<S>
  onSaved: (saved: S) => void
  /** The changes were discarded for those that another user has saved. */
  onDiscarded?: (theirs: S) => void
  onUnsaved?: (isUnsaved: boolean) => void
}

/** What a form shows, and what it can do. */
export interface Editor<S, D> {
  draft: D
  /** What is stored, as a draft. */
  initial: D
  set: (changes: Partial<D>) => void
  isUnsaved: boolean
  /** What was saved last, until something is changed. */
  saved?: S
  save: Action<[over?: S]>
  /** What another user has saved meanwhile, until a choice is made. */
  conflict?: Conflict<S, D>
}

/** What another user has saved, and what can be done about it. */
export interface Conflict<S, D> {
  theirs: S
  /** Theirs, as a draft. */
  draft: D
  /** The changes that were made here over theirs. */
  merged: D
  discard: () => void
  keepEditing: () => void
}

/** Edits an object: guards what is unsaved, and asks before it overwrites what another user has saved. */
export function useEditor<S extends Versioned<unknown>, D extends object>(options: EditorOptions<S, D>): Editor<S, D> {
  const { draftOf, merge } = options
  const [stored, setStored] = useState(options.stored)
  const initial = stored ? draftOf(stored) : options.start
  const [draft, setDraft] = useState(initial)
  const [theirs, setTheirs] = useState<S>()
  const [saved, setSaved] = useState<S>()
  const set = (changes: Partial<D>): void => setDraft((old) => ({ ...old, ...changes }))

  const isUnsaved = JSON.stringify(draft) !== JSON.stringify(initial)
  useUnsavedGuard(isUnsaved)
  useEffect(() => {
    options.onUnsaved?.(isUnsaved)
    if (isUnsaved) setSaved(undefined)
  }, [isUnsaved])

  const reset = (to: S): void => {
    setStored(() => to)
    setDraft(draftOf(to))
    setTheirs(undefined)
  }

  // A restored revision becomes the content. If something is typed here, saving it offers the choice of a conflict.
  useEffect(() => {
    if (options.stored && options.stored.etag !== stored?.etag && !isUnsaved) reset(options.stored)
  }, [options.stored])

  /** @param over what another user has saved, to which the changes that were made here are applied */
  const save = useAction(async (over?: S) => {
    setSaved(undefined)
    const problems = options.problems?.(draft, initial) ?? []
    if (problems.length > 0) throw new InvalidForm(problems)
    let loaded: S
    try {
      loaded = await options.send(over ? merge(initial, draft, draftOf(over)) : draft, over ?? stored)
    } catch (e) {
      if (!stored || !(e instanceof ApiError) || e.status !== 412) throw e
      const now = await options.reload(stored)
      setTheirs(() => now)
      return
    }
    setStored(() => loaded)
    setTheirs(undefined)
    // What was typed while it was saved stays.
    setDraft((now) => (now === draft ? draftOf(loaded) : now))
    setSaved(() => loaded)
    options.onSaved(loaded)
  })

  return {
    draft,
    initial,
    set,
    isUnsaved,
    saved: isUnsaved ? undefined : saved,
    save,
    conflict: theirs && {
      theirs,
      draft: draftOf(theirs),
      merged: merge(initial, draft, draftOf(theirs)),
      discard: () => {
        save.clear()
        reset(theirs)
        options.onDiscarded?.(theirs)
      },
      keepEditing: () => setTheirs(undefined),
    },
  }
}
