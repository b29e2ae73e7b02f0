// The API reference: an overview and one page for each tag of the API description.

import { code, escape, heading, slugger, table } from './html.mjs'
import { EXAMPLES, PATHS, RESPONSES } from './examples.mjs'
import { prose, schemas } from './schema.mjs'

export const REFERENCE = '/docs/api-reference'

const problemId = (type) => type.replace('/problems/', 'problem-')
const methodTag = (method) => `<span class="method">${method.toUpperCase()}</span>`
/** On one line if it is short. */
function json(value) {
  const text = JSON.stringify(value, null, 2)
  const line = text.replace(/\n */g, ' ')
  return line.length <= 70 ? line : text
}

export function referencePages(description) {
  const schema = schemas(description.components.schemas)
  const slug = slugger()
  const tags = description.tags.map((tag) => ({ ...tag, path: `${REFERENCE}/${slug(tag.name)}`, operations: [] }))
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = tags.find((other) => other.name === operation.tags[0])
      if (!tag) {
        throw new Error(`API description: ${operation.operationId}: no tag ${operation.tags[0]}`)
      }
      tag.operations.push({ ...operation, path, method })
    }
  }
  const operations = tags.flatMap((tag) => tag.operations)
  const unused = [
    ...Object.keys(EXAMPLES).filter((name) => !description.components.schemas[name]),
    ...Object.keys(RESPONSES).filter((id) => !operations.some(({ operationId }) => operationId === id)),
  ]
  if (unused.length > 0) {
    throw new Error(`examples.mjs: not in the API description: ${unused.join(', ')}`)
  }
  const sections = [
    {
      title: 'API reference',
      links: [{ href: REFERENCE, title: 'All operations' }, ...tags.map(({ path, name }) => ({ href: path, title: name }))],
    },
  ]
  const common = { area: 'API reference', menu: 'All of the API reference', sections }
  return [
    { ...common, path: REFERENCE, title: 'API reference', ...overview(description, tags, operations, schema) },
    ...tags.map((tag) => ({
      ...common,
      path: tag.path,
      title: tag.name,
      contents: tag.operations.map(({ operationId, summary }) => ({ id: operationId, title: summary })),
      body: `<p>${prose(tag.description)}</p>\n${tag.operations.map((operation) => operationSection(operation, schema)).join('')}`,
    })),
  ]
}

function overview(description, tags, operations, schema) {
  const contents = []
  const section = (id, title, html) => {
    contents.push({ id, title })
    return heading(2, id, title) + html
  }
  const schemes = Object.values(description.components.securitySchemes)
  const body = [
    `<p>${prose(description.info.description)} This reference is generated from <a href="/openapi.json">its OpenAPI description</a>.
Its conventions are in the guide <a href="/docs/api">HTTP API</a>. The paths for the clients of OpenAI, Anthropic and Google are not part of it: see
<a href="/docs/gateway">Call models with the clients of their vendors</a>.</p>\n`,
    section(
      'examples',
      'Use the examples',
      `<p>The examples use <code>curl</code> with the address of the service, which is that of this page, and a key of your own, from <a href="/me/keys">My keys</a>.
Both are in variables, which the command line reads too. The examples work in the order of this reference, deletes last, with a provider that is simulated.</p>\n${code(
        "export AGENT_LAB_URL='the address of this page'\nexport AGENT_LAB_KEY='a key of your own'",
        'Variables of the examples',
      )}<p>Other users of the machine can see the arguments of a command. The guide <a href="/docs/api">HTTP API</a> passes the key in a file.</p>\n`,
    ),
    section(
      'authentication',
      'Authentication',
      `<p>A credential is sent in one of these ways. <a href="/docs/keys">API keys</a> describes keys and what each scope allows; each operation names the scope that it needs.</p>
<ul>\n${schemes.map((scheme) => `<li>${prose(scheme.description)}</li>`).join('\n')}\n</ul>\n`,
    ),
    section(
      'errors',
      'Errors',
      `<p>An error is a problem document (RFC 9457) of the media type <code>application/problem+json</code>.</p>\n${code(
        json(schema.checkedExample({ $ref: '#/components/schemas/Problem' })),
        'Example of a problem document',
      )}<details><summary>Members of a problem document</summary>\n${schema.body({ $ref: '#/components/schemas/Problem' }, false)}</details>\n${table(
        'Problem types',
        ['Type', 'Status', 'Meaning'],
        problemTypes(operations).map(({ type, status, title }) => [
          `<code id="${problemId(type)}">${escape(type)}</code>`,
          escape(status),
          escape(title),
        ]),
      )}`,
    ),
    section(
      'operations',
      'Operations',
      tags
        .map(
          (tag) =>
            `<h3><a href="${tag.path}">${escape(tag.name)}</a></h3>\n<p>${prose(tag.description)}</p>\n${table(
              `Operations of ${tag.name}`,
              ['Operation', 'Method', 'Path'],
              tag.operations.map(({ operationId, summary, method, path }) => [
                `<a href="${tag.path}#${operationId}">${escape(summary)}</a>`,
                methodTag(method),
                `<code>${escape(path)}</code>`,
              ]),
            )}`,
        )
        .join(''),
    ),
  ].join('')
  return { contents, body }
}

const typesOf = (response) =>
  Object.values(response.content ?? {})
    .flatMap(({ schema }) => schema.properties?.type?.enum ?? [])

/** The types of all operations; the description of a response is the titles of its types, in their order. */
function problemTypes(operations) {
  const found = new Map()
  for (const { operationId, responses } of operations) {
    for (const [status, response] of Object.entries(responses)) {
      const types = typesOf(response)
      const titles = response.description.split(/(?<=\.) /)
      if (types.length > 0 && types.length !== titles.length) {
        throw new Error(`API description: ${operationId}: ${status} has ${types.length} types and ${titles.length} titles`)
      }
      types.forEach((type, index) => found.set(type, { type, status, title: titles[index] }))
    }
  }
  return [...found.values()].sort((a, b) => a.status.localeCompare(b.status) || a.type.localeCompare(b.type))
}

function operationSection(operation, schema) {
  const { operationId, summary, description, method, path, parameters = [], requestBody, responses } = operation
  const scopes = {
    open: 'none; no credential is needed',
    known: 'none; any valid credential is accepted',
  }
  const scope = scopes[operation['x-scope']] ?? `<a href="/docs/keys"><code>${escape(operation['x-scope'])}</code></a>`
  const parts = [
    '<section class="operation">\n',
    heading(2, operationId, summary),
    `<p class="endpoint">${methodTag(method)} <code>${escape(path).replaceAll('/', '/<wbr>')}</code></p>\n`,
    `<p>${prose(description)}</p>\n<p>Scope: ${scope}</p>\n`,
  ]
  if (parameters.length > 0) {
    parts.push(
      '<h3>Parameters</h3>\n',
      table(
        `Parameters of ${summary}`,
        ['Name', 'In', 'Type', 'Description'],
        parameters.map((parameter) => [
          `<code>${escape(parameter.name)}</code>`,
          escape(parameter.in),
          escape(schema.typeOf(parameter.schema)) + (parameter.required ? ' <strong class="required">required</strong>' : ''),
          [prose(parameter.description), ...schema.limitsOf(parameter.schema)].map((html) => `<p>${html}</p>`).join(''),
        ]),
      ),
    )
  }
  if (requestBody) {
    for (const [type, content] of Object.entries(requestBody.content)) {
      parts.push(`<h3>Request body</h3>\n<p><code>${escape(type)}</code></p>\n`, schema.body(content.schema, true))
    }
  }
  parts.push('<h3>Example</h3>\n', code(curl(operation, schema), `Request of ${summary}`))
  const statuses = Object.keys(responses)
  const successes = statuses.filter((status) => status.startsWith('2'))
  const errors = statuses.filter((status) => !status.startsWith('2'))
  parts.push('<h3>Responses</h3>\n')
  for (const status of successes) {
    if (!responses[status].content) {
      parts.push(`<p><strong>${status}</strong> without a body</p>\n`)
    }
    for (const [type, content] of Object.entries(responses[status].content ?? {})) {
      const isStream = type === 'text/event-stream'
      const isText = type === 'text/plain'
      const body = isStream ? content.schema.contentSchema : content.schema
      parts.push(`<p><strong>${status}</strong> with <code>${escape(type)}</code></p>\n`)
      const example = responseExample(operationId, body, schema, isText)
      parts.push(
        code(isText ? example : isStream ? `data: ${JSON.stringify(example)}\n\n…\n\ndata: [DONE]` : json(example), `Response of ${summary}`),
      )
      if (!isText && schema.resolve(body).properties) {
        parts.push(`<details><summary>Members of ${isStream ? 'the data of an event' : 'the response'}</summary>\n${schema.body(body, false)}</details>\n`)
      }
    }
  }
  parts.push(
    `<details><summary>Errors: ${errors.map((status) => (status === 'default' ? 'others' : status)).join(', ')}</summary>\n`,
    table(
      `Errors of ${summary}`,
      ['Status', 'Type', 'Meaning'],
      errors.map((status) => [
        status === 'default' ? 'other' : status,
        typesOf(responses[status])
          .map((type) => `<a href="${REFERENCE}#${problemId(type)}"><code>${escape(type)}</code></a>`)
          .join(', '),
        escape(responses[status].description),
      ]),
    ),
    '</details>\n</section>\n',
  )
  return parts.join('')
}

function responseExample(operationId, body, schema, isText) {
  const own = RESPONSES[operationId]
  if (own === undefined) {
    if (isText) {
      throw new Error(`examples.mjs: no response of ${operationId}`)
    }
    return schema.checkedExample(body)
  }
  const found = schema.errors(own, operationId, body)
  if (found.length > 0) {
    throw new Error(`examples.mjs: ${found.join('\n')}`)
  }
  return own
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`

/** The request as a command for a POSIX shell. */
function curl({ method, path, parameters = [], requestBody, responses, security }, schema) {
  const prefix = Object.keys(PATHS).find((known) => path === known || path.startsWith(`${known}/`))
  let isUnknown = false
  const url = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = PATHS[prefix]?.[name]
    isUnknown ||= value === undefined
    return value ?? `$${name}`
  })
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const isForm = type === 'multipart/form-data'
  const isStream = Object.entries(responses).some(([status, { content }]) => status.startsWith('2') && content?.['text/event-stream'])
  const isPage = parameters.some(({ name }) => name === 'page_size')
  const request = method === (type ? 'post' : 'get') ? '' : ` -X ${method.toUpperCase()}`
  const lines = [`curl${isStream ? ' -N' : ''}${request} "$AGENT_LAB_URL${url}${isPage ? '?page=1&page_size=20' : ''}"`]
  if (security.length > 0) {
    lines.push('-H "Authorization: Bearer $AGENT_LAB_KEY"')
  }
  if (isForm) {
    lines.push(`-F prompt=${quoted('What is this?')}`, '-F images=@photo.png')
  } else if (type) {
    lines.push(`-H ${quoted(`Content-Type: ${type}`)}`, `-d ${quoted(json(schema.checkedExample(content.schema)))}`)
  }
  return `${isUnknown ? '# $id is the id in the response that created the object\n' : ''}${lines.join(' \\\n  ')}`
}
