import { useState } from 'preact/hooks'
import { api, unwrap } from './api/client'
import { useDebounced, useQuery } from './hooks'
import { useScopes } from './session'

/** Names of agents, providers or routes that contain the text, if the caller may list them. */
export function useSuggestions(of: 'agents' | 'providers' | 'routes', text: string): string[] {
  const may = useScopes()
  const search = useDebounced(text)
  const [known, setKnown] = useState<string[]>([])
  const isAllowed = may(`${of}:read`)
  useQuery(`${of} ${search}`, async (signal) => {
    if (!isAllowed) return
    const params = { query: { search: search.slice(0, 200), page_size: 10 } }
    const page = await unwrap<{ data: { name: string }[] }>(api.GET(`/api/${of}`, { params, signal }))
    setKnown(page.data.map((it) => it.name))
  })
  return known
}
