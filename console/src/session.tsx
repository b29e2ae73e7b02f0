import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Schema } from './api/client'

export type Session = Schema<'Session'>

/** The caller that is signed in, and what to do to end that. */
export interface SignedIn {
  session: Session
  /** How many times the caller has signed in on this page. */
  signIns: number
  signOut: () => Promise<void>
}

export const SignedInContext = createContext<SignedIn | null>(null)

/** The caller that is signed in. */
export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext)
  if (!signedIn) throw new Error('not signed in')
  return signedIn
}

/** Whether a caller has a scope, as a whole or for some targets (`invoke:agent/…`). */
export function hasScope(session: Session, scope: string): boolean {
  return session.caller.scopes.some((it) => it === scope || it.startsWith(`${scope}:`))
}

/** A test for the scopes of the caller, by which views show what the caller may do. */
export function useScopes(): (scope: string) => boolean {
  const { session } = useSignedIn()
  return (scope) => hasScope(session, scope)
}
