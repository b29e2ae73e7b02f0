import { useSignedIn } from '../../session'

/** What becomes of a key that a caller makes for itself, by the kind of the caller. */
const ENDS: Record<string, string> = {
  key: 'They can do at most what you can do, and stop working when the key you are signed in with is revoked or expires.',
  token:
    'They can do at most what you can do when you make them. They do not end with your session, nor when the identity provider locks you out: a user with keys:admin must then revoke them.',
}

/** What the keys are that callers make for themselves. */
export function OwnKeysLead() {
  const { kind } = useSignedIn().session.caller
  return <>Keys for your own programs. {ENDS[kind] ?? 'They can do at most what you can do.'}</>
}
