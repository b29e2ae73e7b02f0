import { useEffect, useState } from 'preact/hooks'
import { api, type Schema, unwrap } from '../../api/client'
import { type Query, useQuery } from '../../hooks'

let loadedKinds: Promise<Schema<'ProviderKind'>[]> | undefined

/** The kinds of providers, which do not change while the service runs. */
export function useKinds(): Query<Schema<'ProviderKind'>[]> {
  return useQuery('kinds', () => {
    loadedKinds ??= unwrap(api.GET('/api/provider-kinds')).then(({ data }) => data)
    loadedKinds.catch(() => (loadedKinds = undefined))
    return loadedKinds
  })
}

/** The name of a kind for people. */
export function kindTitle(kinds: Query<Schema<'ProviderKind'>[]>, name: string): string {
  return kinds.value?.find((it) => it.name === name)?.title ?? name
}

/** How long to ask again for a list that the service fetches in the background. */
const MAX_WAIT_MS = 30_000

/** The models that a provider lists; the service answers from its cache. Asks again while it fetches the list. */
export function useModels(provider: string | undefined): Query<Schema<'ModelList'> | undefined> {
  const [isWaiting, setWaiting] = useState(false)
  const query = useQuery(
    `models ${provider ?? ''}`,
    async (signal) =>
      provider ? unwrap(api.GET('/api/providers/{id}/models', { params: { path: { id: provider } }, signal })) : undefined,
    isWaiting ? 2000 : undefined,
  )
  const state = query.value?.state
  useEffect(() => {
    if (state !== 'loading' && state !== 'stale') return setWaiting(false)
    setWaiting(true)
    const timer = setTimeout(() => setWaiting(false), MAX_WAIT_MS)
    return () => clearTimeout(timer)
  }, [state])
  return query
}

/** The models that the settings of a provider name, whether it lists them or not. */
export function useDeclaredModels(provider: string | undefined): string[] {
  const { value } = useQuery(`declared ${provider ?? ''}`, async (signal) =>
    provider ? unwrap(api.GET('/api/providers/{id}', { params: { path: { id: provider } }, signal })) : undefined,
  )
  const models = value?.config.options.models
  // With an asterisk it is a pattern.
  return Array.isArray(models) ? models.map(String).filter((it) => !it.includes('*')) : []
}
