// Runs scenarios with OpenAI's library for JavaScript.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import {
  TOOLS,
  TOOL_RESULT,
  aborted,
  control,
  error,
  main,
  models,
  settings,
} from "./scenarios.mjs";

const connect = (options) =>
  new OpenAI({ baseURL: settings.url, apiKey: settings.key, maxRetries: 0, ...options });
const client = connect();
const HELLO = [{ role: "user", content: "Hello" }];

const create = (scenario, members = {}, options = {}) =>
  client.chat.completions.create(
    { model: settings.model(scenario), messages: HELLO, ...members },
    options,
  );

const createAs = (apiKey, scenario) =>
  connect({ apiKey }).chat.completions.create({
    model: settings.model(scenario),
    messages: HELLO,
  });

const usage = (it) =>
  it && {
    prompt: it.prompt_tokens,
    completion: it.completion_tokens,
    total: it.total_tokens,
    cached: it.prompt_tokens_details?.cached_tokens,
    reasoning: it.completion_tokens_details?.reasoning_tokens,
  };

const completion = (it) => ({
  text: it.choices[0].message.content,
  reasoning: it.choices[0].message.reasoning_content,
  finish: it.choices[0].finish_reason,
  calls: (it.choices[0].message.tool_calls ?? []).map(call),
  usage: usage(it.usage),
});

const call = (it) => ({ id: it.id, ...it.function });

async function read(stream) {
  const texts = [];
  const calls = {};
  let [reasoning, finish, counts] = ["", null, null];
  for await (const chunk of await stream) {
    counts = usage(chunk.usage) ?? counts;
    for (const { delta, finish_reason } of chunk.choices) {
      finish = finish_reason ?? finish;
      reasoning += delta.reasoning_content ?? "";
      if (delta.content) {
        texts.push(delta.content);
      }
      for (const fragment of delta.tool_calls ?? []) {
        const known = (calls[fragment.index] ??= { arguments: "" });
        known.id ??= fragment.id;
        known.name ??= fragment.function.name;
        known.arguments += fragment.function.arguments ?? "";
      }
    }
  }
  return {
    text: texts.join(""),
    deltas: texts.length,
    reasoning,
    finish,
    usage: counts,
    calls: Object.values(calls),
    indexes: Object.keys(calls).map(Number),
  };
}

await main("openai", {
  chat: async () => completion(await create("chat")),
  length: async () => completion(await create("length")),
  stream: () => read(create("stream", { stream: true })),
  "stream-usage": () =>
    read(create("stream-usage", { stream: true, stream_options: { include_usage: true } })),
  tools: async () => {
    const first = (await create("tools", { tools: TOOLS })).choices[0].message;
    const result = { role: "tool", tool_call_id: first.tool_calls[0].id, content: TOOL_RESULT };
    const second = await create("tools", { tools: TOOLS, messages: [...HELLO, first, result] });
    return { calls: first.tool_calls.map(call), text: second.choices[0].message.content };
  },
  parallel: async () => completion(await create("parallel", { tools: TOOLS })),
  "parallel-stream": () => read(create("parallel-stream", { tools: TOOLS, stream: true })),
  structured: async () => {
    const person = z.object({ name: z.string(), born: z.number().int() });
    const it = await client.chat.completions.parse({
      model: settings.model("structured"),
      messages: HELLO,
      response_format: zodResponseFormat(person, "person"),
    });
    return { parsed: it.choices[0].message.parsed };
  },
  image: async () => {
    const content = [
      { type: "text", text: "What is it?" },
      { type: "image_url", image_url: { url: settings.image } },
    ];
    return completion(await create("image", { messages: [{ role: "user", content }] }));
  },
  reasoning: async () => completion(await create("reasoning")),
  "reasoning-stream": () =>
    read(create("reasoning-stream", { stream: true, stream_options: { include_usage: true } })),
  embeddings: async () => {
    const it = await client.embeddings.create({
      model: settings.model("embeddings"),
      input: ["one", "two"],
    });
    return { vectors: it.data.map((each) => each.embedding) };
  },
  "embeddings-float": async () => {
    const it = await client.embeddings.create({
      model: settings.model("embeddings-float"),
      input: ["one", "two"],
      encoding_format: "float",
    });
    return { vectors: it.data.map((each) => each.embedding) };
  },
  "text-completion": async () => {
    const it = await client.completions.create({
      model: settings.model("text-completion"),
      prompt: "Hello",
    });
    return {
      text: it.choices[0].text,
      finish: it.choices[0].finish_reason,
      usage: usage(it.usage),
    };
  },
  "text-completion-stream": async () => {
    const texts = [];
    let finish, counts;
    const stream = await client.completions.create({
      model: settings.model("text-completion-stream"),
      prompt: "Hello",
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      counts = usage(chunk.usage) ?? counts;
      for (const choice of chunk.choices) {
        finish = choice.finish_reason ?? finish;
        if (choice.text) {
          texts.push(choice.text);
        }
      }
    }
    return { text: texts.join(""), deltas: texts.length, finish, usage: counts };
  },
  models: () => models(client),
  agent: async () => completion(await create("agent", { model: settings.agent })),
  unauthenticated: (scenario) => error(() => createAs("agl_wrong", scenario)),
  forbidden: (scenario) => error(() => createAs(settings.narrowKey, scenario)),
  "model-not-found": () => error(() => create("", { model: "no-such-model" })),
  "error-": (scenario) => error(() => create(scenario)),
  "retry-advice": async () => completion(await create("retry-advice", {}, { maxRetries: 2 })),
  "no-retry": () => error(() => create("no-retry", {}, { maxRetries: 2 })),
  "abort-response": (scenario) =>
    aborted(scenario, (signal) => create(scenario, {}, { signal })),
  "abort-stream": (scenario) =>
    aborted(scenario, (signal) => create(scenario, { stream: true }, { signal })),
  "abort-streaming": async (scenario) => {
    let text = "";
    for await (const chunk of await create(scenario, { stream: true })) {
      text = chunk.choices[0].delta.content;
      if (text) {
        break;
      }
    }
    return { text, closed: await control("closed", scenario) };
  },
  "stream-error": (scenario) => error(() => read(create(scenario, { stream: true }))),
  "cut-": (scenario) => error(() => read(create(scenario, { stream: true }))),
});
