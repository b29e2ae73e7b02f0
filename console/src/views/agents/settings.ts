import type { Schema } from '../../api/client'
import { sortedJson } from '../../components/diffLines'
import { isObject, type JsonObject, type JsonSchema, labelsOf, merge, toRequest } from '../../components/schema'
import { isId } from '../../format'
import { Announcement } from '../announcement'

export type Agent = Schema<'Agent'>

export const newAgent = new Announcement<Agent>((it) => it.id)

/** The default options of requests by capability. Options without a field are edited as JSON. */
export const CAPABILITIES: JsonSchema = {
  properties: {
    chat: {
      title: 'Chat options',
      additionalProperties: true,
      properties: {
        temperature: {
          type: 'number',
          description: 'How varied the answers are.',
          minimum: 0,
        },
        max_tokens: {
          type: 'integer',
          title: 'Maximum output tokens',
          description: 'Reasoning included.',
          minimum: 1,
        },
        top_p: {
          type: 'number',
          description: 'The probability mass of nucleus sampling.',
          minimum: 0,
          maximum: 1,
          'x-advanced': true,
        },
        reasoning_effort: {
          type: 'string',
          description: 'How much the model reasons.',
          enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
          'x-advanced': true,
        },
        seed: { type: 'integer', description: 'The seed of repeatable sampling.', 'x-advanced': true },
      },
    },
    vision: { title: 'Options of requests with images', description: 'As a JSON object.', 'x-advanced': true },
    tools: { title: 'Options of requests with tools', description: 'As a JSON object.', 'x-advanced': true },
    embeddings: { title: 'Options of embeddings', description: 'As a JSON object.', 'x-advanced': true },
  },
}

const TIMEOUT = { minimum: '100ms', maximum: '1h' }

/** The settings of calls: `ClientSettings` of the API. */
export const CLIENT: JsonSchema = {
  properties: {
    timeout: {
      type: 'string',
      description: 'For each attempt: the entire response, or the first byte of a stream.',
      'x-duration': TIMEOUT,
      default: '2m',
    },
    connection_timeout: { type: 'string', 'x-duration': TIMEOUT, default: '30s' },
    connection_pool_size: { type: 'integer', minimum: 1, maximum: 1000, default: 10 },
    retry: {
      properties: {
        max_retries: { type: 'integer', title: 'Retries', minimum: 0, maximum: 10, default: 3 },
        initial_backoff: { type: 'string', description: 'The wait before the first retry.', 'x-duration': { maximum: '1h' }, default: '1s' },
        max_backoff: { type: 'string', title: 'Longest backoff', 'x-duration': { maximum: '1h' }, default: '30s' },
        backoff_multiplier: {
          type: 'number',
          description: 'How much longer each wait is than the one before.',
          minimum: 1,
          maximum: 100,
          default: 2,
        },
        jitter: { type: 'boolean', description: 'Vary the waits, so that clients do not retry at once.', default: true },
      },
    },
  },
}

const { retry: _, ...WITHOUT_RETRY } = CLIENT.properties!

/** The settings of calls that apply to an agent: a route decides about retries. */
export function clientOf(draft: AgentDraft): JsonSchema {
  return draft.route === undefined ? CLIENT : { properties: WITHOUT_RETRY }
}

/** What the form of an agent holds. */
export interface AgentDraft {
  name: string
  /** The name of a registered provider, or its id if the name is not known. */
  provider: string
  /** A provider of the agent's own, which then applies in place of `provider`. */
  inlineProvider?: unknown
  /** The name of a route, or its id if the name is not known, which then applies in place of `provider` and `model`. */
  route?: string
  model: string
  systemPrompt: string
  capabilities: JsonObject
  client: JsonObject
}

export function draftOf(agent: Agent, providerName: string | undefined): AgentDraft {
  const { config } = agent
  return {
    name: agent.name,
    provider: providerName ?? config.provider_id ?? '',
    inlineProvider: config.provider,
    route: config.route ?? config.route_id,
    model: String(config.model?.name ?? ''),
    systemPrompt: config.system_prompt ?? '',
    capabilities: isObject(config.model?.capabilities) ? config.model.capabilities : {},
    client: config.client ?? {},
  }
}

/** @param stored the draft and the agent of the last save, by which an unchanged provider keeps its id */
export function inputOf(draft: AgentDraft, stored?: { draft: AgentDraft; agent: Agent }): Schema<'AgentInput'> {
  const provider = draft.provider.trim()
  const storedId = stored?.draft.provider === draft.provider ? stored.agent.config.provider_id : undefined
  const providerId = storedId ?? (isId(provider) ? provider : undefined)
  const reference = providerId ? { provider_id: providerId } : { provider }
  const own = draft.inlineProvider === undefined ? reference : { provider: draft.inlineProvider }
  const capabilities = toRequest(CAPABILITIES, draft.capabilities, stored?.draft.capabilities ?? {})
  const config = {
    ...(stored?.agent.config.name !== undefined && { name: stored.agent.config.name }),
    system_prompt: draft.systemPrompt,
    ...(draft.route === undefined ? own : routeOf(draft.route, stored?.agent)),
    // A route has models of its own.
    model: draft.route === undefined ? { name: draft.model.trim(), capabilities } : { capabilities },
    client: toRequest(CLIENT, draft.client, stored?.draft.client ?? {}),
  }
  return { name: draft.name, config: config as Schema<'AgentConfigInput'> }
}

/** @param stored the agent of the last save, by which an unchanged route keeps its id */
function routeOf(route: string, stored: Agent | undefined): { route_id: string } | { route: string } {
  const { route: name, route_id: id } = stored?.config ?? {}
  if (id !== undefined && (name ?? id) === route) return { route_id: id }
  return isId(route) ? { route_id: route } : { route }
}

const DRAFT: JsonSchema = { properties: { capabilities: CAPABILITIES, client: CLIENT } }

/** What another user saved, with the changes that were made here. */
export function mergeDrafts(base: AgentDraft, mine: AgentDraft, theirs: AgentDraft): AgentDraft {
  const merged = merge(DRAFT, base, mine, theirs) as unknown as AgentDraft
  // The kinds of provider and a route exclude each other, and a draft with a route may have no model.
  const { provider, inlineProvider, route } = mine
  const isMine =
    provider !== base.provider || JSON.stringify(inlineProvider) !== JSON.stringify(base.inlineProvider) || route !== base.route
  return isMine ? { ...merged, provider, inlineProvider, route, model: merged.model || mine.model } : merged
}

/** The fields of the form by their paths in the texts of the service. */
export const LABELS: [path: string, label: string][] = [
  ['config.system_prompt', 'System prompt'],
  ['config.model.name', 'Model'],
  ...labelsOf(CAPABILITIES, 'config.model.capabilities'),
  ...labelsOf(CLIENT, 'config.client'),
]

/** An agent as lines to compare: the system prompt as it is written, the rest as JSON. */
export function agentText(agent: { name: string; config: Schema<'AgentConfig'> }): string {
  const { system_prompt: prompt, ...config } = agent.config
  const lines = prompt ? ['System prompt:', ...prompt.split('\n').map((it) => `  ${it}`)] : ['No system prompt.']
  return [`Name: ${agent.name}`, ...lines, 'Settings:', sortedJson(config)].join('\n')
}
