import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createServer } from 'vite'

const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', optimizeDeps: { noDiscovery: true } })
const { snippetOf } = await vite.ssrLoadModule('/src/views/playground/snippets.ts')
const { configurationOf, scopeOf, TOOLS } = await vite.ssrLoadModule('/src/views/connect/tools.ts')

// Programs that print the arguments and the variables with which they are called, or the input.
const programs = mkdtempSync(join(tmpdir(), 'snippets-'))
const PRINT = `#!${process.execPath}
const input = process.argv[1].endsWith('curl') ? require('node:fs').readFileSync(0, 'utf8') : ''
console.log(JSON.stringify({ arguments: process.argv.slice(2), input, env: process.env }))
`
for (const name of ['curl', 'cline', 'agent-lab', 'open-webui']) {
  writeFileSync(join(programs, name), PRINT)
  chmodSync(join(programs, name), 0o755)
}
after(async () => {
  rmSync(programs, { recursive: true })
  await vite.close()
})

/** What the last program of a shell script received. */
function runShell(script) {
  const out = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: `${programs}:${process.env.PATH}` } })
  return JSON.parse(out.trim().split('\n').at(-1))
}

const HOSTILE = 'p/it\'s "a" $HOME `id` ${x} \\n \\u0041 # é'
const KEY = 'agl_key_x'
const ORIGIN = 'http://127.0.0.1:8080'
const BODY = {
  model: HOSTILE,
  messages: [
    { role: 'system', content: `${HOSTILE}\nsecond line` },
    { role: 'user', content: [{ type: 'text', text: '"""\n\'\'\'\nJSON' }] },
  ],
  stream: true,
  stream_options: { include_usage: true },
  temperature: 1,
  top_k: 3,
  tools: [{ type: 'function', function: { name: 'weather', parameters: { $ref: HOSTILE, __proto__x: null, strict: false } } }],
}

test('curl snippet sends the request', () => {
  const { arguments: args, input } = runShell(`OPENAI_BASE_URL=${ORIGIN}/v1 OPENAI_API_KEY=${KEY}\n${snippetOf('curl', BODY)}`)
  assert.deepEqual(JSON.parse(input), BODY)
  assert.ok(args.includes(`${ORIGIN}/v1/chat/completions`))
  assert.ok(args.includes(`Authorization: Bearer ${KEY}`))
})

test('JavaScript snippet sends the request', async () => {
  const program = snippetOf('javascript', BODY).replace('import OpenAI from "openai";', '')
  let sent
  class OpenAI {
    chat = { completions: { create: async (body) => ((sent = body), []) } }
  }
  const AsyncFunction = (async () => {}).constructor
  await new AsyncFunction('OpenAI', program)(OpenAI)
  assert.deepEqual(sent, BODY)
})

test('Python snippet sends the request', (context) => {
  const program = snippetOf('python', BODY).replace('from openai import OpenAI', PYTHON_CLIENT)
  let out
  try {
    out = execFileSync('python3', ['-'], { input: program, encoding: 'utf8' })
  } catch (e) {
    if (e.code === 'ENOENT') return context.skip('there is no python3')
    throw e
  }
  const { extra_body: others, ...known } = JSON.parse(out)
  assert.deepEqual({ ...known, ...others }, BODY)
})

const PYTHON_CLIENT = `import json
class OpenAI:
    def __init__(self):
        self.chat = self.completions = self
    def create(self, **body):
        print(json.dumps(body))
        return []`

test('Java snippet has the values of the request in its literals', () => {
  const program = snippetOf('java', BODY)
  const string = '"(?:[^"\\\\\\n]|\\\\.)*"'
  assert.equal(JSON.parse(new RegExp(`\\.model\\((${string})\\)`).exec(program)[1]), HOSTILE)
  const blocks = [...program.matchAll(/json\("""\n([\s\S]*?)\n *"""\)/g)].map((it) => JSON.parse(textBlock(it[1])))
  assert.deepEqual(blocks, [BODY.messages, BODY.top_k, BODY.tools])
  assert.match(program, /\.temperature\(1\.0\)/)
  const simple = snippetOf('java', { model: 'a', messages: [{ role: 'user', content: HOSTILE }] })
  assert.equal(JSON.parse(new RegExp(`\\.addUserMessage\\((${string})\\)`).exec(simple)[1]), HOSTILE)
})

/** The value of a text block of Java. */
function textBlock(content) {
  return content.replaceAll(/\\(["\\])/g, '$1')
}

const connection = (id, more = {}) => ({ origin: ORIGIN, key: KEY, model: { id, kind: 'agent', ...more } })
const fileOf = (tool, name, id = 'helper') => configurationOf(tool, connection(id)).files.find((it) => it.path.endsWith(name)).content

test('files of every tool name the model as a string of their language', () => {
  // Of Python, JavaScript, Java and TOML, too, strings have the escapes of JSON.
  const escaped = JSON.stringify(HOSTILE).slice(1, -1)
  for (const tool of TOOLS) {
    for (const file of configurationOf(tool.id, connection(HOSTILE)).files.filter((it) => it.language !== 'Variables')) {
      const content = file.language === 'JSON' ? JSON.stringify(JSON.parse(file.content)) : file.content
      assert.ok(content.includes(escaped), `${tool.id} ${file.path}`)
    }
  }
})

test('commands of every tool pass the model and the key as they are', () => {
  const cline = runShell(configurationOf('cline', connection(HOSTILE, { context_length: 4096 })).commands[0].text.replace(/\ncline$/, ''))
  assert.deepEqual(cline.arguments, [
    'auth', '--provider', 'openai-compatible', '--baseurl', `${ORIGIN}/v1`, '--apikey', KEY, '--modelid', HOSTILE, '--context-window', '4096',
  ])
  for (const tool of TOOLS) {
    const { equivalent } = configurationOf(tool.id, connection(HOSTILE))
    if (equivalent) assert.ok(runShell(equivalent).arguments.includes(HOSTILE), tool.id)
  }
  const curl = configurationOf('curl', connection(HOSTILE)).commands.map((it) => it.text).join('\n')
  const { arguments: args, input } = runShell(curl)
  assert.equal(JSON.parse(input).model, HOSTILE)
  assert.ok(args.includes(`${ORIGIN}/v1/chat/completions`) && args.includes(`Authorization: Bearer ${KEY}`))
  const quoted = "it's $HOME"
  const { env } = runShell(configurationOf('open-webui', { ...connection('a'), key: quoted }).commands[0].text)
  assert.equal(env.OPENAI_API_KEY, quoted)
})

// What ConnectCommandsTest of the command line expects.

test('key of a tool may only use what is chosen', () => {
  assert.equal(scopeOf({ id: 'helper', kind: 'agent' }), 'invoke:agent/helper')
  assert.equal(scopeOf({ id: 'smart', kind: 'route' }), 'invoke:route/smart')
  assert.equal(scopeOf({ id: 'a%b/org/gpt', kind: 'model' }), 'invoke:model/a%25b/org/gpt')
})

test('settings of Claude Code are those of the command line', () => {
  assert.deepEqual(JSON.parse(fileOf('claude', 'settings.json')).env, {
    ANTHROPIC_MODEL: 'helper',
    ANTHROPIC_BASE_URL: ORIGIN,
    ANTHROPIC_AUTH_TOKEN: KEY,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'helper',
  })
})

test('configuration of Codex is that of the command line', () => {
  assert.equal(
    fileOf('codex', 'config.toml'),
    `model = "helper"
model_provider = "agent-lab"
web_search = "disabled"

[model_providers.agent-lab]
name = "agent-lab"
base_url = "${ORIGIN}/v1"
wire_api = "responses"
experimental_bearer_token = "${KEY}"`,
  )
  // The basic strings of TOML have the escapes of JSON.
  assert.equal(JSON.parse(/^model = (.*)$/m.exec(fileOf('codex', 'config.toml', HOSTILE))[1]), HOSTILE)
})

test('files of Gemini CLI are those of the command line', () => {
  assert.equal(fileOf('gemini', '.env'), `GOOGLE_GEMINI_BASE_URL='${ORIGIN}'\nGEMINI_API_KEY='${KEY}'\nGEMINI_MODEL='helper'`)
  const { security, modelConfigs } = JSON.parse(fileOf('gemini', 'settings.json'))
  assert.deepEqual(security, { auth: { selectedType: 'gemini-api-key' } })
  const models = Object.values(modelConfigs.customAliases).map((it) => it.modelConfig.model)
  assert.ok(models.length > 1 && models.every((it) => it === 'helper'))
})
