import { ApiError, NetworkError, reportSessionEnd } from './client'

/** A route, an agent or a model as `GET /v1/models` lists it. */
export interface ListedModel {
  /** The name in requests: that of a route or an agent, or `provider/model`. */
  id: string
  kind: 'route' | 'agent' | 'model'
  display_name?: string
  context_length?: number
  max_output_tokens?: number
  input_modalities?: string[]
  output_modalities?: string[]
}

/**
 * Whether a request may name a route, an agent or a model so. Only the service knows the models that a provider does not list, so a name with
 * a provider may exist.
 */
export function mayExist(listed: ListedModel[], name: string): boolean {
  return name.includes('/') || listed.some((it) => it.id === name || it.id.endsWith(`/${name}`))
}

/** That no route, agent or model has the name, or none that the caller may use. */
export function noSuchTarget(name: string): string {
  return `There is no agent, route or model named “${name}”.`
}

/** What there is to choose if there is no choice: the only route or agent, or else the only model. */
export function onlyTarget(listed: ListedModel[]): string | undefined {
  const named = listed.filter((it) => it.kind !== 'model')
  const targets = named.length > 0 ? named : listed
  return targets.length === 1 ? targets[0]!.id : undefined
}

/** The routes, agents and models that the caller may use, from the service's cache. */
export async function listModels(signal?: AbortSignal): Promise<ListedModel[]> {
  let response: Response
  try {
    response = await fetch('/v1/models', { signal })
  } catch (e) {
    throw signal?.aborted ? e : new NetworkError()
  }
  if (response.status === 401) reportSessionEnd()
  const body = (await response.json().catch(() => ({}))) as { data?: ListedModel[]; error?: { message?: string } }
  if (!response.ok) throw new ApiError(response.status, { detail: body.error?.message })
  return body.data ?? []
}
