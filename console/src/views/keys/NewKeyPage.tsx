import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useState } from 'preact/hooks'
import type { Schema } from '../../api/client'
import { Page } from '../../components/ui'
import type { ApiKey } from './KeyCells'
import { NewKeyDialog } from './KeyDialogs'
import { KeyForm } from './KeyForm'

/** The page that makes a key, shows it once, and goes on to another page. */
export function NewKeyPage(props: {
  back: { href: string; label: string }
  lead?: ComponentChildren
  create: (input: Schema<'ApiKeyInput'>) => Promise<ApiKey>
  /** The page of the new key. */
  next: (created: ApiKey) => string
}) {
  const { route } = useLocation()
  const [created, setCreated] = useState<ApiKey>()
  return (
    <Page title="New key" back={props.back} lead={props.lead}>
      <KeyForm create={props.create} onCreated={setCreated} />
      {created && <NewKeyDialog apiKey={created} onClose={() => route(props.next(created), true)} />}
    </Page>
  )
}
