import { api, unwrap } from '../api/client'
import { requireScope } from '../components/states'
import { NewKeyPage } from './keys/NewKeyPage'

/** Adds a key for any caller. */
function NewKey() {
  return (
    <NewKeyPage
      back={{ href: '/keys', label: 'Keys' }}
      create={(body) => unwrap(api.POST('/api/keys', { body }))}
      next={(created) => `/keys/${created.id}`}
    />
  )
}

export default requireScope('keys:admin', 'New key', NewKey)
