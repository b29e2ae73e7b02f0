// The scenarios of Vercel's AI SDK with its OpenAI provider, for both APIs of OpenAI.
import { createOpenAI } from "@ai-sdk/openai";
import {
  APICallError,
  Output,
  embedMany,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { z } from "zod";
import { TOOL_RESULT, aborted, control, settings } from "./scenarios.mjs";

/** What a program sets: the model of an API with a name, and the API's words for an end. */
export const api = {
  model: (provider, name) => provider(name),
  finish: {},
};

const connect = (apiKey) => createOpenAI({ baseURL: settings.url, apiKey });
const provider = connect(settings.key);
const modelNamed = (name) => api.model(provider, name);

const toolNamed = (name, properties, results) =>
  tool({
    description: `Calls ${name}.`,
    inputSchema: jsonSchema({ type: "object", properties }),
    execute: results && (() => results[name]),
  });
/** The tools, which are called only if their results are given by name. */
export const tools = (results) => ({
  get_weather: toolNamed("get_weather", { city: { type: "string" } }, results),
  get_time: toolNamed("get_time", {}, results),
});

export const request = (scenario, members = {}) => ({
  model: modelNamed(settings.model(scenario)),
  prompt: "Hello",
  maxRetries: 0,
  ...members,
});

const generateAs = (key, scenario) =>
  generateText(request(scenario, { model: api.model(connect(key), settings.model(scenario)) }));

const usage = (it) =>
  it?.inputTokens === undefined
    ? null
    : {
        prompt: it.inputTokens,
        completion: it.outputTokens,
        total: it.totalTokens,
        cached: it.inputTokenDetails?.cacheReadTokens,
        reasoning: it.outputTokenDetails?.reasoningTokens,
      };

export const call = (it) => ({ id: it.toolCallId, name: it.toolName, arguments: it.input });

export const result = (it) => ({
  id: it.response.id,
  text: it.text || null,
  reasoning: it.reasoningText ?? "",
  finish: api.finish[it.finishReason] ?? it.finishReason,
  calls: it.toolCalls.map(call),
  usage: usage(it.usage),
});

export async function read(members) {
  const texts = [];
  const calls = [];
  let [reasoning, finish, counts] = ["", null, null];
  for await (const part of streamText({ onError: () => {}, ...members }).fullStream) {
    if (part.type === "text-delta") {
      texts.push(part.text);
    } else if (part.type === "reasoning-delta") {
      reasoning += part.text;
    } else if (part.type === "tool-call") {
      calls.push(call(part));
    } else if (part.type === "finish") {
      finish = api.finish[part.finishReason] ?? part.finishReason;
      counts = usage(part.totalUsage);
    } else if (part.type === "error") {
      throw part.error;
    }
  }
  return { text: texts.join(""), deltas: texts.length, reasoning, finish, usage: counts, calls };
}

async function error(action) {
  try {
    return { raised: null, result: await action() };
  } catch (e) {
    return {
      raised: e?.name ?? typeof e,
      status: e?.statusCode,
      code: e?.data?.error?.code,
      message: e?.message ?? JSON.stringify(e),
      requestId: e?.responseHeaders?.["x-request-id"],
      isApiError: APICallError.isInstance(e),
    };
  }
}

/** Asks about a file. */
export const ask = async (scenario, part) => {
  const messages = [{ role: "user", content: [{ type: "text", text: "What is it?" }, part] }];
  return result(await generateText(request(scenario, { prompt: undefined, messages })));
};

const embeddings = async (scenario) => {
  const it = await embedMany({
    model: provider.embedding(settings.model(scenario)),
    values: ["one", "two"],
    maxRetries: 0,
  });
  return { vectors: it.embeddings };
};

export const scenarios = {
  chat: async (scenario) => result(await generateText(request(scenario))),
  length: async (scenario) => result(await generateText(request(scenario))),
  "stream-usage": (scenario) => read(request(scenario)),
  tools: async (scenario) => {
    const it = await generateText(
      request(scenario, { tools: tools({ get_weather: TOOL_RESULT }), stopWhen: stepCountIs(2) }),
    );
    return { calls: it.steps[0].toolCalls.map(call), text: it.text };
  },
  parallel: async (scenario) => result(await generateText(request(scenario, { tools: tools() }))),
  "parallel-stream": (scenario) => read(request(scenario, { tools: tools() })),
  structured: async (scenario) => {
    const schema = z.object({ name: z.string(), born: z.number().int() });
    const it = await generateText(request(scenario, { output: Output.object({ schema }) }));
    return { parsed: it.output };
  },
  image: (scenario) =>
    ask(scenario, { type: "file", mediaType: "image/png", data: settings.image }),
  reasoning: async (scenario) => result(await generateText(request(scenario))),
  "reasoning-stream": (scenario) => read(request(scenario)),
  "embeddings-float": embeddings,
  agent: async (scenario) =>
    result(await generateText(request(scenario, { model: modelNamed(settings.agent) }))),
  unauthenticated: (scenario) => error(() => generateAs("agl_wrong", scenario)),
  forbidden: (scenario) => error(() => generateAs(settings.narrowKey, scenario)),
  "model-not-found": (scenario) =>
    error(() => generateText(request(scenario, { model: modelNamed("no-such-model") }))),
  "error-": (scenario) => error(() => generateText(request(scenario))),
  "retry-advice": async (scenario) =>
    result(await generateText(request(scenario, { maxRetries: 2 }))),
  "abort-response": (scenario) =>
    aborted(scenario, (abortSignal) => generateText(request(scenario, { abortSignal }))),
  "abort-stream": (scenario) =>
    aborted(scenario, (abortSignal) => read(request(scenario, { abortSignal }))),
  "abort-streaming": async (scenario) => {
    const controller = new AbortController();
    let text;
    const stream = streamText(
      request(scenario, { abortSignal: controller.signal, onError: () => {} }),
    );
    for await (const delta of stream.textStream) {
      text = delta;
      break;
    }
    controller.abort();
    return { text, closed: await control("closed", scenario) };
  },
  "stream-error": (scenario) => error(() => read(request(scenario))),
  "cut-": (scenario) => error(() => read(request(scenario))),
};
