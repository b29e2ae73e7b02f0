import type { ListedModel } from '../../api/models'
import { scopeText } from '../keys/scopes'

// The settings are those of `agent-lab connect` (Connect…Command in the module cli); change both together.

export type ToolId =
  | 'openai-python'
  | 'openai-javascript'
  | 'openai-java'
  | 'curl'
  | 'anthropic'
  | 'google'
  | 'claude'
  | 'codex'
  | 'gemini'
  | 'opencode'
  | 'cline'
  | 'cursor'
  | 'open-webui'

export interface Tool {
  id: ToolId
  name: string
  group: 'Coding tools' | 'Programs' | 'Chat'
}

export const TOOLS: Tool[] = [
  { id: 'claude', name: 'Claude Code', group: 'Coding tools' },
  { id: 'codex', name: 'Codex', group: 'Coding tools' },
  { id: 'gemini', name: 'Gemini CLI', group: 'Coding tools' },
  { id: 'opencode', name: 'OpenCode', group: 'Coding tools' },
  { id: 'cline', name: 'Cline', group: 'Coding tools' },
  { id: 'cursor', name: 'Cursor', group: 'Coding tools' },
  { id: 'openai-python', name: 'OpenAI SDK, Python', group: 'Programs' },
  { id: 'openai-javascript', name: 'OpenAI SDK, JavaScript', group: 'Programs' },
  { id: 'openai-java', name: 'OpenAI SDK, Java', group: 'Programs' },
  { id: 'anthropic', name: 'Anthropic SDK', group: 'Programs' },
  { id: 'google', name: 'Google Gen AI SDK', group: 'Programs' },
  { id: 'curl', name: 'curl', group: 'Programs' },
  { id: 'open-webui', name: 'Open WebUI', group: 'Chat' },
]

/** What a tool needs. */
export interface Connection {
  /** The address of the service, without a slash at the end. */
  origin: string
  model: ListedModel
  key: string
}

/** How a tool is configured: files to write, fields to fill in, then commands to run. */
export interface Configuration {
  files: { path: string; language: string; content: string }[]
  settings: { name: string; value: string }[]
  commands: { title: string; text: string }[]
  notes: string[]
  /** What prevents the tool from working with this address. */
  warnings: string[]
  /** The command of agent-lab that does the same, with a new key. */
  equivalent?: string
}

export function configurationOf(tool: ToolId, connection: Connection): Configuration {
  const own = CONFIGURATIONS[tool](connection)
  return { files: [], settings: [], commands: [], notes: [], warnings: [], ...own }
}

type Writer = (connection: Connection) => Partial<Configuration>

const PROMPT = 'Say hello.'
const KEY_VARIABLE = 'AGENT_LAB_API_KEY'
const PROVIDER = 'agent-lab'

const CONFIGURATIONS: Record<ToolId, Writer> = {
  claude: (connection) => ({
    files: [
      {
        path: '~/.claude/settings.json',
        language: 'JSON',
        content: json({
          env: {
            ANTHROPIC_BASE_URL: connection.origin,
            ANTHROPIC_AUTH_TOKEN: connection.key,
            ANTHROPIC_MODEL: connection.model.id,
            // What it calls for small tasks, which would be a model of Anthropic by its own name.
            ANTHROPIC_DEFAULT_HAIKU_MODEL: connection.model.id,
          },
        }),
      },
    ],
    commands: [{ title: 'Start it', text: 'claude' }],
    notes: ['If the file exists, add these members to its "env".'],
    equivalent: equivalent('claude', connection, '--new-key claude-code --write'),
  }),

  codex: (connection) => ({
    files: [{ path: '~/.codex/config.toml', language: 'TOML', content: codexConfig(connection) }],
    commands: [{ title: 'Start it', text: 'codex' }],
    notes: [
      'If the file exists, put the first three keys above its first table, and the table at its end.',
      'The command below also writes a catalog of the models with their context sizes, which Codex needs to shorten long conversations. It is made from the installed Codex, so a web page cannot write it.',
    ],
    equivalent: equivalent('codex', connection, '--new-key codex --write'),
  }),

  gemini: (connection) => ({
    files: [
      {
        path: '~/.gemini/.env',
        language: 'Variables',
        content: [
          `GOOGLE_GEMINI_BASE_URL=${dotenv(connection.origin)}`,
          `GEMINI_API_KEY=${dotenv(connection.key)}`,
          `GEMINI_MODEL=${dotenv(connection.model.id)}`,
        ].join('\n'),
      },
      { path: '~/.gemini/settings.json', language: 'JSON', content: json(geminiSettings(connection.model.id)) },
    ],
    commands: [{ title: 'Start it', text: 'gemini' }],
    notes: [
      'Gemini CLI reads the first file only in folders that you trust (--skip-trust for one run), and only if no .env is in the working directory or above it.',
    ],
    warnings:
      isEncrypted(connection.origin) || isLoopback(connection.origin)
        ? []
        : [`Gemini CLI requires https unless the host is localhost; this address is ${connection.origin}.`],
    equivalent: equivalent('gemini', connection, '--new-key gemini-cli --write'),
  }),

  opencode: (connection) => ({
    files: [{ path: '~/.config/opencode/opencode.json', language: 'JSON', content: json(openCodeSettings(connection)) }],
    commands: [{ title: 'Start it', text: 'opencode' }],
    notes: ['If the file exists, add these members to it.'],
    equivalent: equivalent('opencode', connection, '--new-key opencode --write'),
  }),

  cline: (connection) => ({
    settings: [
      { name: 'API provider', value: 'OpenAI Compatible' },
      { name: 'Base URL', value: `${connection.origin}/v1` },
      { name: 'API key', value: connection.key },
      { name: 'Model ID', value: connection.model.id },
    ],
    commands: [{ title: 'On the command line, instead of the settings of the extension', text: clineCommand(connection) }],
    equivalent: equivalent('cline', connection, '--new-key cline --write'),
  }),

  cursor: (connection) => ({
    settings: [
      { name: 'OpenAI API Key', value: connection.key },
      { name: 'Override OpenAI Base URL', value: `${connection.origin}/v1` },
      { name: 'Add custom model', value: connection.model.id },
    ],
    notes: [
      'Open Cursor Settings, then Models, then API Keys. Turn on both fields of OpenAI, add the model, and turn it on.',
      'Cursor calls the address from its own servers: it must be reachable from the internet by https.',
      'While the base URL is overridden, Cursor sends its other OpenAI models there too. Tab completion always uses its own models.',
    ],
    warnings: isPublic(connection.origin)
      ? []
      : [`Cursor's servers cannot call ${connection.origin}: it must be an https address that is reachable from the internet.`],
  }),

  'open-webui': (connection) => ({
    settings: [
      { name: 'URL', value: `${connection.origin}/v1` },
      { name: 'API Key', value: connection.key },
    ],
    commands: [
      {
        title: 'For a new installation, instead of the settings',
        text: exports({ OPENAI_API_BASE_URL: `${connection.origin}/v1`, OPENAI_API_KEY: connection.key }) + '\nopen-webui serve',
      },
    ],
    notes: [
      'Open Admin Settings, then Connections, then OpenAI, and add a connection. Every model that the key may use then appears in the list of models.',
      'Open WebUI stores these variables at its first start; later ones have no effect.',
      ...(isLoopback(connection.origin)
        ? ['In a container, the host of this machine is host.docker.internal, and the service must listen on an address that the container can reach.']
        : []),
    ],
  }),

  'openai-python': (connection) =>
    openAi(connection, 'python', {
      path: 'hello.py',
      language: 'Python',
      run: 'python hello.py',
      content: `# pip install openai
from openai import OpenAI

client = OpenAI()
completion = client.chat.completions.create(
    model=${JSON.stringify(connection.model.id)},
    messages=[{"role": "user", "content": "${PROMPT}"}],
)
print(completion.choices[0].message.content)`,
    }),

  'openai-javascript': (connection) =>
    openAi(connection, 'javascript', {
      path: 'hello.mjs',
      language: 'JavaScript',
      run: 'node hello.mjs',
      content: `// npm install openai
import OpenAI from "openai";

const client = new OpenAI();
const completion = await client.chat.completions.create({
  model: ${JSON.stringify(connection.model.id)},
  messages: [{ role: "user", content: "${PROMPT}" }],
});
console.log(completion.choices[0].message.content);`,
    }),

  'openai-java': (connection) =>
    openAi(connection, 'java', {
      path: 'Hello.java',
      language: 'Java',
      content: `// Maven: com.openai:openai-java
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

void main() {
  OpenAIClient client = OpenAIOkHttpClient.fromEnv();
  var completion =
      client.chat().completions().create(
          ChatCompletionCreateParams.builder()
              .model(${JSON.stringify(connection.model.id)})
              .addUserMessage("${PROMPT}")
              .build());
  completion.choices().getFirst().message().content().ifPresent(IO::println);
}`,
    }),

  curl: (connection) => ({
    commands: [
      { title: 'Set the address and the key', text: openAiVariables(connection) },
      {
        title: 'Call the model',
        text: `curl "$OPENAI_BASE_URL/chat/completions" \\
  -H "Authorization: Bearer $OPENAI_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d @- <<'JSON'
{"model": ${JSON.stringify(connection.model.id)}, "messages": [{"role": "user", "content": "${PROMPT}"}]}
JSON`,
      },
    ],
    equivalent: equivalent('openai', connection, '--language curl --new-key my-app'),
  }),

  anthropic: (connection) => ({
    files: [
      {
        path: 'hello.py',
        language: 'Python',
        content: `# pip install anthropic
from anthropic import Anthropic

client = Anthropic()
message = client.messages.create(
    model=${JSON.stringify(connection.model.id)},
    max_tokens=1000,
    messages=[{"role": "user", "content": "${PROMPT}"}],
)
print("".join(block.text for block in message.content if block.type == "text"))`,
      },
      {
        path: 'hello.mjs',
        language: 'JavaScript',
        content: `// npm install @anthropic-ai/sdk
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const message = await client.messages.create({
  model: ${JSON.stringify(connection.model.id)},
  max_tokens: 1000,
  messages: [{ role: "user", content: "${PROMPT}" }],
});
console.log(message.content.map((block) => (block.type === "text" ? block.text : "")).join(""));`,
      },
    ],
    commands: [
      {
        title: 'Set the address and the key, and run one of the programs',
        text: exports({ ANTHROPIC_BASE_URL: connection.origin, ANTHROPIC_API_KEY: connection.key }) + '\npython hello.py',
      },
    ],
  }),

  google: (connection) => ({
    files: [
      {
        path: 'hello.py',
        language: 'Python',
        content: `# pip install google-genai
from google import genai

client = genai.Client(http_options={"base_url": ${JSON.stringify(connection.origin)}})
response = client.models.generate_content(model=${JSON.stringify(connection.model.id)}, contents="${PROMPT}")
print(response.text)`,
      },
      {
        path: 'hello.mjs',
        language: 'JavaScript',
        content: `// npm install @google/genai
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({
  apiKey: process.env.GEMINI_API_KEY,
  httpOptions: { baseUrl: ${JSON.stringify(connection.origin)} },
});
const response = await client.models.generateContent({ model: ${JSON.stringify(connection.model.id)}, contents: "${PROMPT}" });
console.log(response.text);`,
      },
    ],
    commands: [
      { title: 'Set the key, and run one of the programs', text: exports({ GEMINI_API_KEY: connection.key }) + '\npython hello.py' },
    ],
  }),
}

function openAi(
  connection: Connection,
  language: string,
  program: { path: string; language: string; content: string; run?: string },
): Partial<Configuration> {
  const { run, ...file } = program
  return {
    files: [file],
    commands: [
      {
        title: run ? 'Set the address and the key, and run it' : 'Set the address and the key',
        text: openAiVariables(connection) + (run ? `\n${run}` : ''),
      },
    ],
    equivalent: equivalent('openai', connection, `--language ${language} --new-key my-app`),
  }
}

function openAiVariables(connection: Connection): string {
  return exports({ OPENAI_BASE_URL: `${connection.origin}/v1`, OPENAI_API_KEY: connection.key })
}

function codexConfig({ origin, model, key }: Connection): string {
  // The basic strings of TOML have the escapes of JSON. The search is that of OpenAI's servers.
  return `model = ${JSON.stringify(model.id)}
model_provider = "${PROVIDER}"
web_search = "disabled"

[model_providers.${PROVIDER}]
name = "${PROVIDER}"
base_url = "${origin}/v1"
wire_api = "responses"
experimental_bearer_token = ${JSON.stringify(key)}`
}

/** What Gemini CLI calls beside the chosen model, which would be models of Google. */
const GEMINI_HELPERS = [
  'agent-history-provider-summarizer',
  'chat-compression-default',
  'edit-corrector',
  'fast-ack-helper',
  'gemini-3-flash-base',
  'loop-detection-double-check',
  'prompt-completion',
  'summarizer-default',
  'summarizer-shell',
]

function geminiSettings(model: string): object {
  const modelConfig = { model }
  return {
    security: { auth: { selectedType: 'gemini-api-key' } },
    modelConfigs: {
      customAliases: {
        // Without an alias, a model receives the sampling parameters of Google's models, which other models refuse.
        [model]: { modelConfig: { model, generateContentConfig: { thinkingConfig: { includeThoughts: true } } } },
        ...Object.fromEntries(GEMINI_HELPERS.map((name) => [name, { modelConfig }])),
      },
    },
  }
}

/** What OpenCode knows of a model's input and output. */
const OPENCODE_MODALITIES = ['text', 'audio', 'image', 'video', 'pdf']

function openCodeSettings({ origin, model, key }: Connection): object {
  const known = (modalities: string[]) => modalities.filter((it) => OPENCODE_MODALITIES.includes(it))
  const name = `${PROVIDER}/${model.id}`
  return {
    provider: {
      [PROVIDER]: {
        // It calls the Responses API, in which reasoning passes from one call to the next.
        npm: '@ai-sdk/openai',
        name: PROVIDER,
        env: [KEY_VARIABLE],
        options: { baseURL: `${origin}/v1`, apiKey: key },
        models: {
          [model.id]: {
            name: model.display_name ?? model.id,
            // An output of 0 is unknown.
            ...(model.context_length && { limit: { context: model.context_length, output: model.max_output_tokens ?? 0 } }),
            ...(model.input_modalities &&
              model.output_modalities && {
                modalities: { input: known(model.input_modalities), output: known(model.output_modalities) },
                attachment: model.input_modalities.length > 1,
              }),
          },
        },
      },
    },
    model: name,
    // What it calls for small tasks, such as titles.
    small_model: name,
  }
}

function clineCommand({ origin, model, key }: Connection): string {
  const lines = [
    'cline auth --provider openai-compatible',
    `--baseurl ${quoted(`${origin}/v1`)}`,
    `--apikey ${quoted(key)}`,
    `--modelid ${quoted(model.id)}`,
  ]
  if (model.context_length) lines.push(`--context-window ${model.context_length}`)
  if (model.max_output_tokens) lines.push(`--max-output-tokens ${model.max_output_tokens}`)
  return lines.join(' \\\n  ') + '\ncline'
}

function equivalent(command: string, { origin, model }: Connection, rest: string): string {
  return `agent-lab connect ${command} --url ${word(origin)} --model ${word(model.id)} ${rest}`
}

function json(value: object): string {
  return JSON.stringify(value, null, 2)
}

function exports(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}`)
    .join('\n')
}

/** A word of a shell in quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function word(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : quoted(text)
}

/** Names of models may have the characters that begin a comment or a variable. */
function dotenv(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`
}

function isEncrypted(origin: string): boolean {
  return origin.startsWith('https:')
}

function isLoopback(origin: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(origin).hostname)
}

/** Whether the address may be reachable from the internet, as far as it shows. */
function isPublic(origin: string): boolean {
  const host = new URL(origin).hostname
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(host) || /\.(local|internal|lan)$/.test(host)
  return isEncrypted(origin) && !isLoopback(origin) && !isPrivate && host.includes('.')
}

/** The scope of a key that may only use one agent, route or model. */
export function scopeOf(model: ListedModel): string {
  if (model.kind === 'agent') return scopeText({ kind: 'agent', agent: model.id })
  if (model.kind === 'route') return scopeText({ kind: 'route', route: model.id })
  const slash = model.id.indexOf('/')
  return scopeText({ kind: 'models', provider: model.id.slice(0, slash), pattern: model.id.slice(slash + 1) })
}
