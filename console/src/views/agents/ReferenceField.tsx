import { useEffect } from 'preact/hooks'
import { api, unwrap } from '../../api/client'
import { SelectField, TextField } from '../../components/fields'
import { useDebounced, useQuery } from '../../hooks'
import { useScopes } from '../../session'

/** As many names fit into a list to choose from; of more, a search finds one by a part of it. */
const MAX_OPTIONS = 50

const KINDS = {
  providers: { label: 'Provider', choose: 'Choose a provider', named: 'The name of a registered provider.', add: 'Add a provider' },
  routes: { label: 'Route', choose: 'Choose a route', named: 'The name of a route.', add: 'Add a route' },
}

/** The choice of a registered provider or of a route by its name. */
export function ReferenceField(props: {
  to: keyof typeof KINDS
  value: string
  error?: string
  onInput: (name: string) => void
}) {
  const { to, value, onInput } = props
  const { label, choose, named, add } = KINDS[to]
  const may = useScopes()
  const mayRead = may(`${to}:read`)
  const search = useDebounced(value)
  const all = useQuery(to, async (signal) => (mayRead ? find(to, '', signal) : undefined))
  const isLong = (all.value?.total ?? 0) > MAX_OPTIONS
  const found = useQuery(`${to} ${isLong ? search : ''}`, async (signal) => (isLong ? find(to, search, signal) : undefined))
  const common = { label, isRequired: true, value, error: props.error, onInput }
  const names = all.value?.data.map((it) => it.name) ?? []

  useEffect(() => {
    if (value === '' && all.value?.total === 1) onInput(names[0]!)
  }, [all.value])

  if (all.value && !isLong) {
    // What was chosen before stays an option, whether the list has it or not.
    const options = value === '' || names.includes(value) ? names : [...names, value]
    return (
      <SelectField
        {...common}
        hint={
          names.length === 0 ? (
            <>
              There is none yet. <a href={`/${to}/new`}>{add}</a> first.
            </>
          ) : undefined
        }
        options={[{ value: '', label: choose }, ...options.map((it) => ({ value: it, label: it }))]}
      />
    )
  }
  return (
    <TextField
      {...common}
      hint={mayRead ? `${named} Type a part of it to see those that have it.` : named}
      suggestions={(found.value ?? all.value)?.data.map((it) => it.name)}
    />
  )
}

function find(of: keyof typeof KINDS, search: string, signal: AbortSignal) {
  const params = { query: { search, page_size: MAX_OPTIONS } }
  return unwrap<{ data: { name: string }[]; total: number }>(api.GET(`/api/${of}`, { params, signal }))
}
