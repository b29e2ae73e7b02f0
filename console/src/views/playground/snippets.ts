import type { ChatMessage } from '../../api/chat'

/** A request to chat completions: `model`, `messages` and other members. */
export type ChatRequestBody = { model: string; messages: ChatMessage[] } & Record<string, unknown>

export type Language = 'curl' | 'python' | 'javascript' | 'java'

export const LANGUAGES: { id: Language; label: string }[] = [
  { id: 'curl', label: 'curl' },
  { id: 'python', label: 'Python' },
  { id: 'javascript', label: 'JavaScript' },
  { id: 'java', label: 'Java' },
]

/** A program that sends a streamed request, with the address and the key in the variables that OpenAI's clients read. */
export function snippetOf(language: Language, body: ChatRequestBody): string {
  return { curl, python, javascript, java }[language](body)
}

function curl(body: ChatRequestBody): string {
  // The delimiter is no line of the JSON: its lines begin with a bracket or with spaces.
  return `curl -N "$OPENAI_BASE_URL/chat/completions" \\
  -H "Authorization: Bearer $OPENAI_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d @- <<'JSON'
${JSON.stringify(body, null, 2)}
JSON`
}

/** The parameters of the Python client; it takes other members of a request in `extra_body`. */
const PYTHON_PARAMETERS = new Set(
  ('messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens ' +
    'metadata modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key reasoning_effort ' +
    'response_format safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools ' +
    'top_logprobs top_p user verbosity web_search_options').split(' '),
)

function python(body: ChatRequestBody): string {
  const entries = Object.entries(body)
  const known = entries.filter(([name]) => PYTHON_PARAMETERS.has(name))
  const others = entries.filter(([name]) => !PYTHON_PARAMETERS.has(name))
  const parameters = [...known, ...(others.length > 0 ? [['extra_body', Object.fromEntries(others)] as [string, unknown]] : [])]
  return `# pip install openai
from openai import OpenAI

client = OpenAI()
stream = client.chat.completions.create(
${parameters.map(([name, value]) => `    ${name}=${pythonLiteral(value, 1)},`).join('\n')}
)
for chunk in stream:
    for choice in chunk.choices:
        if choice.delta.tool_calls:
            print(choice.delta.tool_calls)
        print(choice.delta.content or "", end="", flush=True)
    if chunk.usage:
        print(f"\\ntokens: {chunk.usage.prompt_tokens} in, {chunk.usage.completion_tokens} out")`
}

function pythonLiteral(value: unknown, depth: number): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null) return 'None'
  // Strings and numbers of JSON are those of Python.
  return literal(value, depth, pythonLiteral, JSON.stringify, '    ')
}

function javascript(body: ChatRequestBody): string {
  return `// npm install openai
import OpenAI from "openai";

const client = new OpenAI();
const stream = await client.chat.completions.create(${javascriptLiteral(body, 0)});
for await (const chunk of stream) {
  for (const { delta } of chunk.choices) {
    if (delta.tool_calls) console.log(JSON.stringify(delta.tool_calls));
    process.stdout.write(delta.content ?? "");
  }
  if (chunk.usage) console.log(\`\\ntokens: \${chunk.usage.prompt_tokens} in, \${chunk.usage.completion_tokens} out\`);
}`
}

function javascriptLiteral(value: unknown, depth: number): string {
  const name = (key: string) => (/^[a-z_]\w*$/i.test(key) && key !== '__proto__' ? key : JSON.stringify(key))
  return literal(value, depth, javascriptLiteral, name, '  ')
}

/** Lists and objects over several lines, unless they are short. */
function literal(
  value: unknown,
  depth: number,
  write: (value: unknown, depth: number) => string,
  writeName: (name: string) => string,
  indent: string,
): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((it) => write(it, depth + 1))
    : Object.entries(value)
        .filter(([, it]) => it !== undefined)
        .map(([name, it]) => `${writeName(name)}: ${write(it, depth + 1)}`)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  const line = parts.join(', ')
  if (line.length < 80 && !line.includes('\n')) {
    return isList || line === '' || write === pythonLiteral ? open + line + close : `${open} ${line} ${close}`
  }
  const inner = `\n${indent.repeat(depth + 1)}`
  return `${open}${parts.map((it) => `${inner}${it},`).join('')}\n${indent.repeat(depth)}${close}`
}

/** The longest constant of a class file has 65,535 bytes. */
const MAX_JAVA_CONSTANT = 20_000

function java(body: ChatRequestBody): string {
  const { model, messages, stream: _, stream_options: __, ...others } = body
  const lines = [`.model(${javaString(model)})`, ...javaMessages(messages), '.streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())']
  for (const [name, value] of Object.entries(others)) lines.push(javaMember(name, value))
  const program = lines.map((it) => it.split('\n').join('\n          ')).join('\n          ')
  const usesJson = program.includes('json(')
  return `// Maven: com.openai:openai-java
${usesJson ? 'import com.fasterxml.jackson.databind.json.JsonMapper;\n' : ''}import com.openai.client.okhttp.OpenAIOkHttpClient;
${usesJson ? 'import com.openai.core.JsonValue;\n' : ''}import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;

void main()${usesJson ? ' throws Exception' : ''} {
  var client = OpenAIOkHttpClient.fromEnv();
  var request =
      ChatCompletionCreateParams.builder()
          ${program}
          .build();
  try (var response = client.chat().completions().createStreaming(request)) {
    response.stream().forEach(chunk -> {
      chunk.choices().forEach(choice -> {
        choice.delta().toolCalls().ifPresent(IO::println);
        choice.delta().content().ifPresent(IO::print);
      });
      chunk.usage().ifPresent(usage ->
          IO.println("\\ntokens: %d in, %d out".formatted(usage.promptTokens(), usage.completionTokens())));
    });
  }
  client.close();
}${
    usesJson
      ? `

JsonValue json(String text) throws Exception {
  return JsonValue.fromJsonNode(JsonMapper.builder().build().readTree(text));
}`
      : ''
  }`
}

function javaMessages(messages: ChatMessage[]): string[] {
  const methods = { system: 'addSystemMessage', user: 'addUserMessage', assistant: 'addAssistantMessage' } as const
  const calls = messages.map((it) =>
    it.role !== 'tool' && typeof it.content === 'string' && Object.keys(it).length === 2
      ? `.${methods[it.role]}(${javaString(it.content)})`
      : undefined,
  )
  return calls.every((it) => it !== undefined) ? calls : [`.messages(${javaJson(messages)})`]
}

function javaMember(name: string, value: unknown): string {
  if (name === 'temperature') return `.temperature(${Number.isInteger(value) ? `${value as number}.0` : value})`
  if (name === 'max_completion_tokens') return `.maxCompletionTokens(${value as number})`
  return `.putAdditionalBodyProperty(${javaString(name)}, ${javaJson(value)})`
}

function javaJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2)
  if (text.length > MAX_JAVA_CONSTANT) {
    const parts = (JSON.stringify(value).match(/[\s\S]{1,20000}/g) ?? []).map(javaString)
    return `json(String.join("",\n    ${parts.join(',\n    ')}))`
  }
  const block = text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"""').split('\n').join('\n    ')
  return `json("""\n    ${block}\n    """)`
}

/** A string of Java, which has the escapes of JSON. */
function javaString(text: string): string {
  return text.length > MAX_JAVA_CONSTANT
    ? `String.join("",\n    ${(text.match(/[\s\S]{1,20000}/g) ?? []).map((it) => JSON.stringify(it)).join(',\n    ')})`
    : JSON.stringify(text)
}

/** Shortens the data of images, for showing a program. */
export function shortened(program: string): string {
  return program.replace(/[A-Za-z0-9+/=]{400,}/g, (it) => `${it.slice(0, 24)}… ${Math.round(it.length / 1000)} kB`)
}
