import { ApiError, NetworkError, reportSessionEnd } from './client'

/** An agent or a model as `GET /v1/models` lists it. */
export interface ListedModel {
  /** The name in requests: that of an agent, or `provider/model`. */
  id: string
  kind: 'agent' | 'model'
  display_name?: string
  context_length?: number
  max_output_tokens?: number
  input_modalities?: string[]
  output_modalities?: string[]
}

/** The agents and models that the caller may use, from the service's cache. */
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
