import createClient from 'openapi-fetch'
import { withFullStop } from '../format'
import type { components, paths } from './schema'

/** A schema of the API description by its name. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** The typed client of the service's API. The browser adds the cookie of the session. */
export const api = createClient<paths>({ baseUrl: '', headers: { Accept: 'application/json' } })

/** The service refused or failed a request. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Schema<'Problem'>>,
  ) {
    super(problem.detail ?? problem.title ?? `The service answered with status ${status}.`)
  }

  /** The messages for one field of the request, by its path, such as `config.base_url`. */
  fieldMessage(field: string): string | undefined {
    if (field === 'name' && this.problem.type === '/problems/name-taken') return this.problem.detail
    return this.messages((it) => it === field)
  }

  /** The messages for the fields that match. */
  messages(isMatch: (field: string) => boolean): string | undefined {
    const found = this.problem.errors?.filter((it) => isMatch(it.field)) ?? []
    return found.length === 0 ? undefined : found.map((it) => withFullStop(it.message)).join(' ')
  }
}

/** A form refuses its values, as the service would. Nothing was sent. */
export class InvalidForm extends ApiError {
  constructor(errors: { field: string; message: string }[]) {
    super(400, { errors })
  }
}

/** The service could not be reached. */
export class NetworkError extends Error {
  constructor() {
    super('The service does not answer. Check that it runs, then try again.')
  }
}

/** The value of an answer with the revision that `If-Match` takes. */
export interface Versioned<T> {
  value: T
  etag: string
}

/** A call that is under way: what openapi-fetch returns. */
type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>

async function settle<T>(call: Call<T>): Promise<{ data: T; response: Response }> {
  let result
  try {
    result = await call
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    throw new NetworkError()
  }
  if (result.error !== undefined || !result.response.ok) {
    const problem = typeof result.error === 'object' ? result.error : null
    const failure = new ApiError(result.response.status, problem ?? {})
    if (failure.status === 401) sessionEnded()
    throw failure
  }
  return { data: result.data as T, response: result.response }
}

/**
 * The content of a successful answer.
 *
 * @throws ApiError if the service refused the request
 * @throws NetworkError if there was no answer
 */
export async function unwrap<T>(call: Call<T>): Promise<T> {
  return (await settle(call)).data
}

/** The same, with the revision of the resource. */
export async function unwrapVersioned<T>(call: Call<T>): Promise<Versioned<T>> {
  const { data, response } = await settle(call)
  return { value: data, etag: response.headers.get('ETag') ?? '' }
}

let sessionEnded = (): void => {}

/** Sets what happens when the service answers that the caller is no longer signed in. */
export function onSessionEnd(action: () => void): void {
  sessionEnded = action
}

/** Reports a 401 of a request that did not go through [api]. */
export function reportSessionEnd(): void {
  sessionEnded()
}

/** The text of a failure for people. */
export function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
