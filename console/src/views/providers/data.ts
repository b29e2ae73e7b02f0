import { useEffect, useState } from 'preact/hooks'
import { api, ApiError, messageOf, type Schema, unwrap } from '../../api/client'
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

/** The title of a kind. */
export function kindTitle(kinds: Query<Schema<'ProviderKind'>[]>, name: string): string {
  return kinds.value?.find((it) => it.name === name)?.title ?? name
}

/** A simulated provider that answers at the pace of a model, slow enough to stop an answer. */
const SIMULATED_PROVIDER: Schema<'ProviderInput'> = {
  name: 'simulated',
  config: { name: 'simulated', options: { time_per_token: '80ms' } },
}

/** Adds the simulated provider, named `simulated`, unless there is a provider of this name. */
export async function addSimulatedProvider(): Promise<void> {
  try {
    await unwrap(api.POST('/api/providers', { body: SIMULATED_PROVIDER }))
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 409) throw e
  }
}

/** How long to ask again for a list that the service fetches in the background. */
const MAX_WAIT_MS = 30_000

/** The models of a provider as far as they are known. */
export interface ModelsQuery extends Query<Schema<'ModelList'> | undefined> {
  /** Why they are not known, unless they are on their way. */
  unknown?: string
}

/** The models that a provider lists; the service answers from its cache. Asks again while it fetches the list. */
export function useModels(provider: string | undefined): ModelsQuery {
  const [hasWaited, setWaited] = useState(false)
  const [isWaiting, setWaiting] = useState(false)
  const query = useQuery(
    `models ${provider ?? ''}`,
    async (signal) =>
      provider ? unwrap(api.GET('/api/providers/{id}/models', { params: { path: { id: provider } }, signal })) : undefined,
    isWaiting ? 2000 : undefined,
  )
  const state = query.value?.state
  useEffect(() => {
    setWaited(false)
    if (state !== 'loading' && state !== 'stale') return setWaiting(false)
    setWaiting(true)
    const timer = setTimeout(() => {
      setWaiting(false)
      setWaited(true)
    }, MAX_WAIT_MS)
    return () => clearTimeout(timer)
  }, [provider, state])
  return { ...query, unknown: whyUnknown(query, hasWaited) }
}

function whyUnknown({ value, failure }: Query<Schema<'ModelList'> | undefined>, hasWaited: boolean): string | undefined {
  if (!value) return failure === undefined ? undefined : messageOf(failure)
  if (value.data.length > 0 || value.state === 'fresh') return undefined
  // While the service tries again, it still reports why the last attempt failed.
  if (value.error) return value.error
  if (value.state === 'failed') return 'the list failed.'
  return hasWaited ? 'the provider does not answer.' : undefined
}

/** The page that adds an agent of a provider. */
export function newAgentPath(provider: string, model?: string): string {
  return `/agents/new?${new URLSearchParams({ provider, ...(model !== undefined && { model }) })}`
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
