import { useSignedIn } from '../../session'

/** What becomes of the keys that callers make for themselves. */
export function OwnKeysLead() {
  const { session } = useSignedIn()
  return (
    <>
      Keys for your own programs, with at most the scopes that you have.{' '}
      {session.caller.kind === 'key' && 'They end with the key that you are signed in with.'}
    </>
  )
}
