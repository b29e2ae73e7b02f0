import type { Schema } from '../../api/client'
import { sortedJson } from '../../components/diffLines'
import { type JsonObject, type JsonSchema, labelsOf, merge, toRequest } from '../../components/schema'
import { isId } from '../../format'
import { Announcement } from '../announcement'

export type Route = Schema<'ModelRoute'>
export type RouteConfig = Schema<'ModelRouteConfig'>

export const newRoute = new Announcement<Route>((it) => it.id)

/** Why a call moves to the next target, in the order in which the form lists them. */
export const CAUSES: { cause: NonNullable<RouteConfig['fallback_on']>[number]; label: string }[] = [
  { cause: 'connect', label: 'It cannot be reached, or breaks off before its answer has content' },
  { cause: 'timeout', label: 'It takes too long' },
  { cause: '429', label: 'It has limited the rate of calls (429)' },
  { cause: '5xx', label: 'It answers with a server error (5xx), or with a response that is not valid' },
  { cause: 'open_breaker', label: 'Its circuit breaker is open, because half of its last calls failed' },
  { cause: 'context_length', label: 'It finds the conversation too long' },
  { cause: 'credentials', label: 'It rejects the credential, or its account has no credit' },
  { cause: 'model_not_found', label: 'It has no such model' },
]

/** The settings beside the targets and the causes. */
export const SETTINGS: JsonSchema = {
  properties: {
    affinity: {
      type: 'string',
      title: 'Sessions',
      description: 'With session, all calls of a session go to the same target while it is available, whose caches stay warm.',
      enum: ['session', 'none'],
      default: 'session',
    },
    first_content_timeout: {
      type: 'string',
      title: 'First content within',
      description: 'How long a stream may wait for its first content before the next target is tried.',
      'x-duration': { minimum: '100ms', maximum: '1h' },
    },
    parameters: {
      properties: {
        limits: {
          properties: {
            max_output_tokens: {
              type: 'integer',
              title: 'Maximum output tokens',
              description: 'Lowers a larger limit of a request, and is the limit of one without.',
              minimum: 1,
              maximum: 10_000_000,
            },
          },
        },
        defaults: {
          title: 'Default options',
          description: 'Members of a chat completion request that it lacks, as a JSON object such as {"temperature": 0.2}.',
        },
      },
    },
  },
}

/** A target as the form holds it: a model of a provider, or an agent. */
export interface TargetDraft {
  kind: 'model' | 'agent'
  /** The name of the provider or of the agent, or its id if it has been deleted. */
  name: string
  /** The provider's name of the model. */
  model: string
  weight: string
  priority: string
}

/** What the form of a route holds. */
export interface RouteDraft {
  name: string
  targets: TargetDraft[]
  fallbackOn: string[]
  settings: JsonObject
}

export const NEW_TARGET: TargetDraft = { kind: 'model', name: '', model: '', weight: '1', priority: '1' }

export function draftOf({ name, config }: Route): RouteDraft {
  const { targets, fallback_on, ...settings } = config
  return { name, targets: targets.map(targetDraft), fallbackOn: fallback_on ?? [], settings: settings as JsonObject }
}

function targetDraft(it: Schema<'RouteTarget'>): TargetDraft {
  const common = { weight: String(it.weight ?? 1), priority: String(it.priority ?? 1) }
  return it.agent_id
    ? { kind: 'agent', name: it.agent ?? it.agent_id, model: '', ...common }
    : { kind: 'model', name: it.provider ?? it.provider_id ?? '', model: it.model ?? '', ...common }
}

/** @param stored the draft of what is replaced */
export function inputOf(draft: RouteDraft, stored?: RouteDraft): Schema<'ModelRouteInput'> {
  const config = {
    targets: draft.targets.map(targetInput),
    fallback_on: CAUSES.map((it) => it.cause).filter((it) => draft.fallbackOn.includes(it)),
    ...toRequest(SETTINGS, draft.settings, stored?.settings ?? {}),
  }
  return { name: draft.name, config: config as Schema<'ModelRouteInput'>['config'] }
}

function targetInput(it: TargetDraft): JsonObject {
  const kind = it.kind === 'agent' ? 'agent' : 'provider'
  const name = it.name.trim()
  return {
    [isId(name) ? `${kind}_id` : kind]: name,
    ...(it.kind === 'model' && { model: it.model.trim() }),
    weight: Number(it.weight),
    priority: Number(it.priority),
  }
}

/** What another user saved, with the changes that were made here. */
export function mergeDrafts(base: RouteDraft, mine: RouteDraft, theirs: RouteDraft): RouteDraft {
  const choose = <K extends keyof RouteDraft>(member: K): RouteDraft[K] =>
    JSON.stringify(mine[member]) === JSON.stringify(base[member]) ? theirs[member] : mine[member]
  return {
    name: choose('name'),
    targets: choose('targets'),
    fallbackOn: choose('fallbackOn'),
    settings: merge(SETTINGS, base.settings, mine.settings, theirs.settings) as JsonObject,
  }
}

/** The fields of the form by their paths in the texts of the service. */
export const LABELS: [path: string, label: string][] = labelsOf(SETTINGS, 'config')

/** What a target calls, as in `openai/gpt-5` or `agent helper`. */
export function targetText(it: Schema<'RouteTarget'>): string {
  const agent = it.agent ?? it.agent_id
  return agent ? `agent ${agent}` : `${it.provider ?? it.provider_id}/${it.model}`
}

/** A route as lines to compare: a line for each target, the rest as JSON. */
export function routeText({ name, config }: { name: string; config: RouteConfig }): string {
  const { targets, ...settings } = config
  const lines = targets.map((it) => `  ${targetText(it)}, weight ${it.weight ?? 1}, priority ${it.priority ?? 1}`)
  return [`Name: ${name}`, 'Targets:', ...lines, 'Settings:', sortedJson(settings)].join('\n')
}

/**
 * The share of the calls of each target among those of its priority, in percent.
 *
 * @returns absent for a target whose weight or priority is not a number
 */
export function sharesOf(targets: TargetDraft[]): (number | undefined)[] {
  const total = new Map<string, number>()
  for (const it of targets) total.set(it.priority, (total.get(it.priority) ?? 0) + (Number(it.weight) || 0))
  return targets.map((it) => {
    const share = (100 * Number(it.weight)) / total.get(it.priority)!
    return Number.isFinite(share) && it.priority !== '' ? share : undefined
  })
}
