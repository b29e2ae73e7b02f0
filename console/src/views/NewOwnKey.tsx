import { api, unwrap } from '../api/client'
import { NewKeyPage } from './keys/NewKeyPage'
import { OwnKeysLead } from './keys/OwnKeysLead'

/** A new key that the caller makes for its own programs. */
export default function NewOwnKey() {
  return (
    <NewKeyPage
      back={{ href: '/me/keys', label: 'My keys' }}
      lead={<OwnKeysLead />}
      create={(body) => unwrap(api.POST('/api/me/keys', { body }))}
      next={() => '/me/keys'}
    />
  )
}
