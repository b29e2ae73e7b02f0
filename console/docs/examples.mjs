// Examples of the API reference, by the name of a schema or of an operation's response. The requests work in the order of the reference
// on a new service, deletes last: its provider is simulated. Each is checked against the API description; what is missing here is made from the schema.

const TIME = '2026-01-31T12:00:00Z'
const PROVIDER_ID = '0197f3a2-5b1c-7d2e-9c3f-2a1b4c5d6e7f'
const AGENT_ID = '0197f3a4-11aa-7c3d-8b4e-6f5a4b3c2d1e'
const KEY_ID = '0197f3a6-90ef-7a5b-8c6d-7e8f9a0b1c2d'
const REQUEST_ID = '1m8pfs9rq15sx1pt71hrs'
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const PREVIOUS_HASH = '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752'

const usage = { prompt_tokens: 14, completion_tokens: 21, total_tokens: 35 }
const model = { id: 'simulated', display_name: 'Simulated' }
const apiKey = {
  id: KEY_ID,
  name: 'website',
  type: 'key',
  prefix: 'agl_key_tDmCRRV9vbGo',
  scopes: [`invoke:${AGENT_ID}`],
  status: 'active',
  created_by: KEY_ID,
  created_at: TIME,
  expires_at: '2030-01-01T00:00:00Z',
}

/** Values of path parameters in the examples of requests. */
export const PATHS = {
  '/api/providers/{id}': { id: 'demo' },
  '/api/agents/{id}': { id: 'guide', revision: '1' },
}

export const EXAMPLES = {
  ProviderInput: { name: 'demo', config: { name: 'simulated', options: { reply: 'Because air scatters blue light the most.' } } },
  ProbeInput: { config: { name: 'ollama', base_url: 'http://localhost:11434' } },
  SearchRequest: { search: 'd', sort: 'name,-created_at', page: 1, page_size: 20 },
  AgentInput: {
    name: 'guide',
    config: { system_prompt: 'Answer in one sentence.', provider: 'demo', model: { name: 'simulated' } },
  },
  ChatRequest: { prompt: 'Why is the sky blue?' },
  ChatStreamRequest: { prompt: 'Why is the sky blue?', options: { temperature: 0 } },
  ToolsRequest: {
    prompt: 'What is the weather in Rome?',
    tools: [
      {
        name: 'weather',
        description: 'The weather of a city.',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    ],
  },
  EmbeddingsRequest: { input: ['one text', 'another'] },
  ApiKeyInput: { name: 'website', scopes: ['invoke:agent/guide'], expires_at: '2030-01-01T00:00:00Z' },
  ApiKeyRotation: { overlap: '24h' },
  AuditVerification: {},
  SessionInput: { key: 'agl_key_tDmCRRV9vbGo…' },

  Provider: {
    id: PROVIDER_ID,
    name: 'openai',
    config: {
      name: 'openai',
      base_url: 'https://api.openai.com/v1',
      options: { api_key: { set: true, hint: '…abcd', updated_at: TIME } },
    },
    created_at: TIME,
    updated_at: TIME,
  },
  ProviderDependent: { id: AGENT_ID, name: 'guide' },
  ProviderKind: {
    name: 'ollama',
    title: 'Ollama',
    description: 'Models run by Ollama on your own machines.',
    schema: { type: 'object', properties: { name: { const: 'ollama' }, base_url: { type: 'string', format: 'uri' } }, required: ['name', 'base_url'] },
  },
  Model: model,
  ModelList: { data: [model], fetched_at: TIME, state: 'fresh' },
  ProbeReport: {
    ok: false,
    stages: [
      { name: 'resolve', status: 'passed', duration_ms: 3 },
      {
        name: 'connect',
        status: 'failed',
        duration_ms: 3,
        detail: 'http://localhost:11434: connection refused',
        cause: 'The server is not running on that host, or listens on another port.',
        fix: 'Check that Ollama is running on that host. Start it with: ollama serve',
      },
      { name: 'tls', status: 'skipped' },
      { name: 'authenticate', status: 'skipped' },
      { name: 'list_models', status: 'skipped' },
    ],
    models: [],
    duration_ms: 7,
  },
  AgentConfig: {
    system_prompt: 'Answer in one sentence.',
    client: {
      timeout: '2m',
      connection_timeout: '30s',
      connection_pool_size: 10,
      retry: { max_retries: 3, initial_backoff: '1s', max_backoff: '30s', backoff_multiplier: 2, jitter: true },
    },
    provider_id: PROVIDER_ID,
    model: { name: 'simulated', capabilities: {} },
  },
  ChatCompletion: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'simulated',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Because air scatters blue light the most.' }, finish_reason: 'stop' },
    ],
    usage,
  },
  ChatCompletionChunk: {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'simulated',
    choices: [{ index: 0, delta: { content: 'Because' }, finish_reason: null }],
  },
  EmbeddingList: {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.0123, -0.0456, 0.0789] }],
    model: 'simulated',
    usage: { prompt_tokens: 4, total_tokens: 4 },
  },
  ApiKey: apiKey,
  CallerInfo: { kind: 'key', id: KEY_ID, name: 'website', scopes: [`invoke:${AGENT_ID}`] },
  AuditEvent: {
    seq: 42,
    at: TIME,
    caller_kind: 'key',
    caller_id: KEY_ID,
    caller_name: 'admin',
    address: '127.0.0.1',
    request_id: REQUEST_ID,
    action: 'provider.created',
    kind: 'provider',
    resource_id: PROVIDER_ID,
    resource_name: 'demo',
    after: { name: 'demo', config: { name: 'simulated' } },
    previous_hash: PREVIOUS_HASH,
    hash: HASH,
  },
  AuditReport: { rows: 42, unchained: 0, intact: true, head: { seq: 42, hash: HASH } },
  EncryptionStatus: { key: '68cd19c5fc6f36fc', source: 'file', data_keys: 3, outdated: 0, stale_replicas: [] },
  EncryptionKeyRotation: { key: 'bc79d9e0555a6444', rewrapped: 3, unused_keys: ['68cd19c5fc6f36fc'] },
  ScopeInfo: {
    scope: 'proxy',
    description: 'using the raw API of every provider',
    restrictions: [{ form: 'proxy:<provider>', description: 'using the raw API of one registered provider' }],
  },
  CallStatistics: { minutes: [{ at: TIME, calls: 12, failed: 1, p50_ms: 640, p95_ms: 2100 }], calls: 12, failed: 1, p50_ms: 640, p95_ms: 2100 },
  OverviewHealth: { status: 'ready' },
  OverviewAttention: {
    open_breakers: [],
    failing_providers: [],
    expiring_keys: [{ id: KEY_ID, name: 'website', expires_at: '2026-02-07T12:00:00Z' }],
  },
  ProviderHealth: {
    id: PROVIDER_ID,
    name: 'openai',
    calls: 12,
    failed: 1,
    p50_ms: 640,
    p95_ms: 2100,
    open_breaker: false,
    failing: false,
    last_failure: { at: TIME, reason: 'timed_out' },
  },
  RecentCall: {
    at: TIME,
    caller_id: KEY_ID,
    caller_name: 'website',
    provider: 'demo',
    model: 'simulated',
    agent: 'guide',
    agent_id: AGENT_ID,
    status: 'ok',
    latency_ms: 640,
    first_content_ms: 210,
    input_tokens: 14,
    output_tokens: 21,
    streamed: true,
  },
  DatabaseInfo: { mode: 'embedded', version: '18.1', migration: 16 },
  Replica: { id: AGENT_ID, address: '127.0.0.1:8080', seen_at: TIME, self: true },
  SettingInfo: {
    key: 'server.port',
    value: '8080',
    source: 'default',
    variable: 'SERVER_PORT',
    description: 'The port to listen on.',
  },
  Problem: {
    type: '/problems/invalid-request',
    title: 'Invalid request',
    status: 400,
    detail: 'config.base_url: must begin with http:// or https://',
    instance: '/api/providers',
    error: 'config.base_url: must begin with http:// or https://',
    request_id: REQUEST_ID,
    errors: [{ field: 'config.base_url', message: 'must begin with http:// or https://' }],
  },
}

const createdKey = { ...apiKey, key: 'agl_key_tDmCRRV9vbGo…' }
const rotatedKey = {
  ...apiKey,
  prefix: 'agl_key_Wq3kZx81LmPa',
  key: 'agl_key_Wq3kZx81LmPa…',
  previous_expires_at: '2026-02-01T12:00:00Z',
}

export const RESPONSES = {
  createProvider: {
    id: PROVIDER_ID,
    name: 'demo',
    config: { name: 'simulated', base_url: '', options: { reply: 'Because air scatters blue light the most.' } },
    created_at: TIME,
    updated_at: TIME,
  },
  createKey: createdKey,
  rotateKey: rotatedKey,
  createOwnKey: createdKey,
  rotateOwnKey: rotatedKey,
  createToolCompletion: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'simulated',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city": "Rome"}' } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage,
  },
  getApiDescription: { openapi: '3.1.0', info: { title: 'agent-lab' }, paths: {} },
  getLiveness: 'OK',
  getReadiness: 'READY',
  getCallReadiness: 'READY',
  getMetrics: 'agentlab_open_circuit_breakers 0.0',
}

/** Values of members without an example of their schema, by name and then by format. */
export const VALUES = {
  name: 'guide',
  revision: 1,
  total: 1,
  page: 1,
  page_size: 20,
  total_pages: 1,
  warnings: [],
  version: '0.1.0',
  java: '25.0.1',
  uuid: AGENT_ID,
  'date-time': TIME,
}
