import { api, unwrap } from '../api/client'
import { NewKeyPage } from './keys/NewKeyPage'

/** A new key for anything or anyone. */
export default function NewKey() {
  return (
    <NewKeyPage
      back={{ href: '/keys', label: 'Keys' }}
      create={(body) => unwrap(api.POST('/api/keys', { body }))}
      next={(created) => `/keys/${created.id}`}
    />
  )
}
