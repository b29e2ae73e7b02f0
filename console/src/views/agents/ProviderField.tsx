import { useEffect } from 'preact/hooks'
import { api, unwrap } from '../../api/client'
import { SelectField, TextField } from '../../components/fields'
import { useDebounced, useQuery } from '../../hooks'
import { useScopes } from '../../session'

/** As many providers fit into a list to choose from; of more, a search finds one by its name. */
const MAX_OPTIONS = 50

/** The choice of a registered provider by its name. */
export function ProviderField(props: { value: string; error?: string; onInput: (name: string) => void }) {
  const may = useScopes()
  const mayRead = may('providers:read')
  const search = useDebounced(props.value)
  const all = useQuery('providers', async (signal) => (mayRead ? find('', signal) : undefined))
  const isLong = (all.value?.total ?? 0) > MAX_OPTIONS
  const found = useQuery(`providers ${isLong ? search : ''}`, async (signal) => (isLong ? find(search, signal) : undefined))
  const common = { label: 'Provider', isRequired: true, value: props.value, error: props.error, onInput: props.onInput }
  const names = all.value?.data.map((it) => it.name) ?? []

  useEffect(() => {
    if (props.value === '' && all.value?.total === 1) props.onInput(names[0]!)
  }, [all.value])

  if (all.value && !isLong) {
    // A provider that was chosen before stays an option, whether the list has it or not.
    const options = props.value === '' || names.includes(props.value) ? names : [...names, props.value]
    return (
      <SelectField
        {...common}
        hint={
          names.length === 0 ? (
            <>
              There is none yet. <a href="/providers/new">Add a provider</a> first.
            </>
          ) : undefined
        }
        options={[{ value: '', label: 'Choose a provider' }, ...options.map((it) => ({ value: it, label: it }))]}
      />
    )
  }
  return (
    <TextField
      {...common}
      hint="The name of a registered provider. Type a part of it to see those that have it."
      suggestions={found.value?.data.map((it) => it.name)}
    />
  )
}

function find(search: string, signal: AbortSignal) {
  return unwrap(api.GET('/api/providers', { params: { query: { search, page_size: MAX_OPTIONS } }, signal }))
}
