// Runs scenarios with Anthropic's library for JavaScript.
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import {
  TOOLS as FUNCTIONS,
  TOOL_RESULT,
  aborted,
  control,
  error,
  main,
  settings,
} from "./scenarios.mjs";

const connect = (options) =>
  new Anthropic({ baseURL: settings.url, apiKey: settings.key, maxRetries: 0, ...options });
const client = connect();
const HELLO = [{ role: "user", content: "Hello" }];
const THINKING = { type: "enabled", budget_tokens: 1024 };
const SYSTEM = [
  { type: "text", text: "Answer in German.", cache_control: { type: "ephemeral" } },
  { type: "text", text: "Be brief." },
];
const TOOLS = FUNCTIONS.map((it) => ({
  name: it.function.name,
  description: it.function.description,
  input_schema: it.function.parameters,
}));

const request = (scenario, members = {}) => ({
  model: settings.model(scenario),
  max_tokens: 2048,
  messages: HELLO,
  ...members,
});

const create = (scenario, members = {}, options = {}) =>
  client.messages.create(request(scenario, members), options);

const createAs = (apiKey, scenario) => connect({ apiKey }).messages.create(request(scenario));

const usage = (it) => ({
  input: it.input_tokens,
  cacheRead: it.cache_read_input_tokens ?? 0,
  cacheWrite: it.cache_creation_input_tokens ?? 0,
  output: it.output_tokens,
  thinking: it.output_tokens_details?.thinking_tokens ?? 0,
});

const blocks = (it, type) => it.content.filter((block) => block.type === type);

const message = (it) => ({
  text: blocks(it, "text").map((block) => block.text).join(""),
  reasoning: blocks(it, "thinking").map((block) => block.thinking).join(""),
  finish: it.stop_reason,
  calls: blocks(it, "tool_use").map(({ id, name, input }) => ({ id, name, arguments: input })),
  usage: usage(it.usage),
});

/** What the events of a stream amount to. */
async function read(stream) {
  const texts = [];
  let [finish, ended] = [null, false];
  for await (const event of await stream) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
      texts.push(event.delta.text);
    } else if (event.type === "message_delta") {
      finish = event.delta.stop_reason;
    } else if (event.type === "message_stop") {
      ended = true;
    }
  }
  return { text: texts.join(""), deltas: texts.length, finish, ended };
}

/** The message that the library makes of a stream, and the number of its texts. */
async function accumulate(scenario, members = {}) {
  const stream = client.messages.stream(request(scenario, members));
  let deltas = 0;
  for await (const event of stream) {
    deltas += event.type === "content_block_delta" && event.delta.type === "text_delta" ? 1 : 0;
  }
  return { ...message(await stream.finalMessage()), deltas };
}

const streamed = (scenario, members) =>
  client.messages.stream(request(scenario, members)).finalMessage();

/** Asks twice in one conversation. */
async function continued(ask) {
  const first = { role: "assistant", content: (await ask(HELLO)).content };
  return message(await ask([...HELLO, first, { role: "user", content: "Go on." }]));
}

/** Calls a model until it calls no more tools. */
async function converse(ask, outcomes = {}) {
  const messages = [...HELLO];
  const calls = [];
  for (;;) {
    const it = await ask(messages);
    calls.push(...message(it).calls);
    const results = blocks(it, "tool_use").map(({ id, name }) => ({
      type: "tool_result",
      tool_use_id: id,
      ...(outcomes[name] ?? { content: TOOL_RESULT }),
    }));
    if (results.length === 0) {
      return { ...message(it), calls };
    }
    messages.push(
      { role: "assistant", content: it.content },
      { role: "user", content: results },
    );
  }
}

/** Asks about a block. */
const ask = async (scenario, block) => {
  const content = [{ type: "text", text: "What is it?" }, block];
  return message(await create(scenario, { messages: [{ role: "user", content }] }));
};

await main("@anthropic-ai/sdk", {
  chat: async () => message(await create("chat")),
  length: async () => message(await create("length")),
  stream: () => read(create("stream", { stream: true })),
  "stream-events": () => accumulate("stream-events"),
  "stream-text": async () => {
    let deltas = 0;
    const stream = client.messages.stream(request("stream-text")).on("text", () => deltas++);
    return { ...message(await stream.finalMessage()), deltas };
  },
  tools: () => converse((messages) => create("tools", { tools: TOOLS, messages })),
  parallel: async () => message(await create("parallel", { tools: TOOLS })),
  "parallel-stream": () => accumulate("parallel-stream", { tools: TOOLS }),
  "parallel-results": () =>
    converse((messages) => create("parallel-results", { tools: TOOLS, messages }), {
      get_time: { content: "out of time", is_error: true },
    }),
  beta: async () => {
    const betas = ["token-efficient-tools-2025-02-19"];
    return message(await client.beta.messages.create({ ...request("beta"), betas }));
  },
  rounds: () =>
    converse((messages) => create("rounds", { tools: TOOLS, thinking: THINKING, messages })),
  "rounds-stream": () =>
    converse((messages) =>
      streamed("rounds-stream", { tools: TOOLS, thinking: THINKING, messages }),
    ),
  turns: () => continued((messages) => create("turns", { thinking: THINKING, messages })),
  "turns-stream": () =>
    continued((messages) => streamed("turns-stream", { thinking: THINKING, messages })),
  image: () =>
    ask("image", {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: settings.image.split(",")[1] },
    }),
  document: () =>
    ask("document", {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: settings.document },
    }),
  system: async () => message(await create("system", { system: SYSTEM })),
  structured: async () => {
    const person = z.object({ name: z.string(), born: z.number().int() });
    const it = await client.messages.parse(
      request("structured", { output_config: { format: zodOutputFormat(person) } }),
    );
    return { parsed: it.parsed_output };
  },
  reasoning: async () => message(await create("reasoning", { thinking: THINKING })),
  "reasoning-stream": () => accumulate("reasoning-stream", { thinking: THINKING }),
  "count-tokens": async () => {
    const it = await client.messages.countTokens({
      model: settings.model("count-tokens"),
      messages: HELLO,
      system: SYSTEM,
      tools: TOOLS,
    });
    return { count: it.input_tokens };
  },
  models: async () => {
    const listed = [];
    for await (const it of client.models.list({ limit: 2 })) {
      listed.push(it.id);
    }
    return { listed, retrieved: (await client.models.retrieve(settings.listedModel)).id };
  },
  agent: async () => message(await create("agent", { model: settings.agent })),
  unauthenticated: (scenario) => error(() => createAs("agl_wrong", scenario)),
  forbidden: (scenario) => error(() => createAs(settings.narrowKey, scenario)),
  "model-not-found": () => error(() => create("", { model: "no-such-model" })),
  "error-": (scenario) => error(() => create(scenario)),
  "retry-advice": async () => message(await create("retry-advice", {}, { maxRetries: 2 })),
  "no-retry": () => error(() => create("no-retry", {}, { maxRetries: 2 })),
  "abort-response": (scenario) =>
    aborted(scenario, (signal) => create(scenario, {}, { signal })),
  "abort-stream": (scenario) =>
    aborted(scenario, (signal) => create(scenario, { stream: true }, { signal })),
  "abort-streaming": async (scenario) => {
    let text = "";
    for await (const event of await create(scenario, { stream: true })) {
      if (event.type === "content_block_delta") {
        text = event.delta.text;
        break;
      }
    }
    return { text, closed: await control("closed", scenario) };
  },
  "stream-error": (scenario) => error(() => read(create(scenario, { stream: true }))),
  "cut-": (scenario) => error(() => read(create(scenario, { stream: true }))),
});
