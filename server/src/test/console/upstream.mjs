// A server in the place of a provider with OpenAI's chat completions.
import { createServer } from 'node:http'

/** Starts a server on this machine, on a free port unless one is given. */
async function startServer(port, listener) {
  const server = createServer(listener)
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * Starts a provider. Its fields can be changed while it runs: `key` is what it accepts as the API key, if any;
 * `answer` is the text of its answers, and `usage` their tokens, if not the length of the text; with `isSilent` it never answers.
 */
export async function startUpstream({ port = 0, ...settings } = {}) {
  const upstream = { key: null, models: ['small-1', 'large-1'], answer: 'Hello from upstream.', usage: null, isSilent: false, ...settings }
  const server = await startServer(port, (request, response) => {
    if (upstream.isSilent) return
    request.resume().on('end', () => respond(upstream, request, response))
  })
  return Object.assign(upstream, server)
}

function respond(upstream, request, response) {
  const send = (status, body) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }
  if (upstream.key && request.headers.authorization !== `Bearer ${upstream.key}`) {
    return send(401, { error: { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' } })
  }
  if (request.url.endsWith('/models')) {
    return send(200, { object: 'list', data: upstream.models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'test' })) })
  }
  if (request.url.endsWith('/chat/completions')) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (const data of [...chunks(upstream).map((it) => JSON.stringify(it)), '[DONE]']) response.write(`data: ${data}\n\n`)
    return response.end()
  }
  return send(404, { error: { message: 'Not found.', type: 'invalid_request_error' } })
}

/** The events of a stream: a few characters each, then the usage. */
function chunks({ answer, usage }) {
  const chunk = (choices, more) => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'small-1', choices, ...more })
  const parts = answer.match(/[^]{1,7}/g) ?? []
  return [
    ...parts.map((content) => chunk([{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    chunk([], { usage: usage ?? { prompt_tokens: 5, completion_tokens: parts.length, total_tokens: 5 + parts.length } }),
  ]
}
