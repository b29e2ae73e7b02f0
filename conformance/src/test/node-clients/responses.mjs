// Runs scenarios of the Responses API with OpenAI's library for JavaScript.
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { toResponseInputItems } from "openai/lib/responses/ResponseInputItems";
import { z } from "zod";
import {
  TOOLS,
  TOOL_RESULTS,
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
const narrow = connect({ apiKey: settings.narrowKey });
const HELLO = [{ role: "user", content: "Hello" }];
const tools = TOOLS.map(({ function: it }) => ({ type: "function", ...it, strict: false }));

/** What a client sends that keeps the conversation itself. */
const STATELESS = { store: false, include: ["reasoning.encrypted_content"] };
const REASONING = { reasoning: { effort: "low", summary: "auto" } };

const request = (scenario, members) => ({
  model: settings.model(scenario),
  input: HELLO,
  ...members,
});
const create = (scenario, members, options, using = client) =>
  using.responses.create(request(scenario, members), options);
/** The response that the library collects from a stream. */
const final = (scenario, members) =>
  client.responses.stream(request(scenario, members)).finalResponse();

const usage = (it) =>
  it && {
    prompt: it.input_tokens,
    completion: it.output_tokens,
    total: it.total_tokens,
    cached: it.input_tokens_details.cached_tokens,
    reasoning: it.output_tokens_details.reasoning_tokens,
  };

const calls = (it) =>
  it.output
    .filter(({ type }) => type === "function_call")
    .map(({ call_id: id, name, arguments: input }) => ({ id, name, arguments: input }));

/** The joined texts of the items of a type: of their parts in a member, under a name. */
const joined = (it, type, member, name) =>
  it.output
    .filter((item) => item.type === type)
    .flatMap((item) => item[member])
    .map((part) => part[name] ?? "")
    .join("");

const response = (it) => ({
  id: it.id,
  // The library adds `output_text` only to responses that are not events.
  text: it.output_text ?? joined(it, "message", "content", "text"),
  refusal: joined(it, "message", "content", "refusal"),
  reasoning: joined(it, "reasoning", "summary", "text"),
  finish: it.incomplete_details?.reason ?? it.status,
  calls: calls(it),
  usage: usage(it.usage),
});

const results = (it) =>
  calls(it).map(({ id, name }) => ({
    type: "function_call_output",
    call_id: id,
    output: TOOL_RESULTS[name],
  }));

/** The end of a response that the library reports as an event, and not as an error. */
class Failed extends Error {}

/** What the events of a stream amount to. */
async function read(stream) {
  const [events, numbers, texts, called] = [[], [], [], {}];
  let [reasoning, last] = ["", null];
  for await (const event of await stream) {
    events.push(event.type);
    numbers.push(event.sequence_number);
    if (event.type === "response.output_text.delta") {
      texts.push(event.delta);
    } else if (event.type === "response.reasoning_summary_text.delta") {
      reasoning += event.delta;
    } else if (
      event.type === "response.output_item.added" &&
      event.item.type === "function_call"
    ) {
      const { call_id: id, name } = event.item;
      called[event.output_index] = { id, name, arguments: "" };
    } else if (event.type === "response.function_call_arguments.delta") {
      called[event.output_index].arguments += event.delta;
    } else if (event.type === "response.completed" || event.type === "response.incomplete") {
      last = event.response;
    } else if (event.type === "response.failed") {
      throw new Failed(event.response.error.message);
    } else if (event.type === "error") {
      throw new Failed(event.message);
    }
  }
  const streamed = { text: texts.join(""), reasoning, calls: Object.values(called) };
  return {
    ...(last ? response(last) : { ...streamed, finish: null }),
    streamed,
    deltas: texts.length,
    events,
    ordered: numbers.every((number, index) => number === index),
  };
}

/** Runs tools until the model calls none, with the whole conversation in each request. */
async function converse(scenario, respond = create, members = {}) {
  const [history, called] = [[...HELLO], []];
  for (;;) {
    const it = await respond(scenario, { input: history, tools, ...members });
    called.push(...calls(it));
    if (calls(it).length === 0) {
      return { ...response(it), calls: called };
    }
    history.push(...toResponseInputItems(it.output), ...results(it));
  }
}

/** Runs tools until the model calls none, with only the results in each later request. */
async function converseStored(scenario, respond = create) {
  const called = [];
  let it = await respond(scenario, { tools });
  while (calls(it).length > 0) {
    called.push(...calls(it));
    it = await respond(scenario, { tools, input: results(it), previous_response_id: it.id });
  }
  return { ...response(it), calls: called };
}

/** Runs a tool whose input is a text. */
async function customTool(scenario, respond = create) {
  const patch = { type: "custom", name: "apply_patch", description: "Applies a patch." };
  const first = await respond(scenario, { tools: [patch] });
  const call = first.output.at(-1);
  const result = {
    type: "custom_tool_call_output",
    call_id: call.call_id,
    output: "The patch does not apply.",
  };
  const second = await respond(scenario, {
    tools: [patch],
    input: [...HELLO, ...toResponseInputItems(first.output), result],
  });
  return { name: call.name, input: call.input, text: second.output_text };
}

async function turns(scenario, respond = create) {
  const first = await respond(scenario, { input: "Hello" });
  const second = await respond(scenario, {
    input: "And then?",
    previous_response_id: first.id,
  });
  const third = await respond(scenario, { input: "Why?", previous_response_id: second.id });
  return { ...response(third), previous: second.id };
}

const ask = (scenario, part) => {
  const content = [{ type: "input_text", text: "What is it?" }, part];
  return create(scenario, { input: [{ role: "user", content }] });
};

const respond = async (scenario) => response(await create(scenario));

await main("openai", {
  chat: async (scenario) => response(await create(scenario, { input: "Hello" })),
  length: respond,
  filtered: respond,
  refusal: respond,
  "refusal-stream": async (scenario) => response(await final(scenario)),
  stream: (scenario) => read(create(scenario, { stream: true })),
  "stream-helper": async (scenario) => {
    const stream = client.responses.stream(request(scenario));
    const observed = await read(stream);
    return { ...observed, ...response(await stream.finalResponse()) };
  },
  idle: (scenario) => read(create(scenario, { stream: true })),
  instructions: async (scenario) =>
    response(await create(scenario, { instructions: "Answer in German." })),
  image: async (scenario) =>
    response(
      await ask(scenario, { type: "input_image", image_url: settings.image, detail: "auto" }),
    ),
  document: async (scenario) =>
    response(
      await ask(scenario, {
        type: "input_file",
        filename: "note.pdf",
        file_data: "data:application/pdf;base64," + settings.document,
      }),
    ),
  structured: async (scenario) => {
    const person = z.object({ name: z.string(), born: z.number().int() });
    const it = await client.responses.parse(
      request(scenario, { text: { format: zodTextFormat(person, "person") } }),
    );
    return { parsed: it.output_parsed };
  },
  tools: (scenario) => converse(scenario),
  "tools-stored": (scenario) => converseStored(scenario),
  custom: (scenario) => customTool(scenario),
  "custom-stream": (scenario) => customTool(scenario, final),
  parallel: async (scenario) => response(await create(scenario, { tools })),
  "parallel-stream": (scenario) => read(create(scenario, { tools, stream: true })),
  "parallel-results": (scenario) => converse(scenario),
  reasoning: async (scenario) => response(await create(scenario, REASONING)),
  "reasoning-stream": (scenario) => read(create(scenario, { ...REASONING, stream: true })),
  rounds: (scenario) => converse(scenario, create, STATELESS),
  "rounds-stream": (scenario) => converse(scenario, final, STATELESS),
  "rounds-stored": (scenario) => converseStored(scenario),
  "rounds-stored-stream": (scenario) => converseStored(scenario, final),
  conversation: (scenario) => turns(scenario),
  "conversation-stream": (scenario) => turns(scenario, final),
  stored: async (scenario) => {
    const created = await create(scenario, { input: "Hello" });
    const retrieved = await client.responses.retrieve(created.id);
    const input = [];
    for await (const item of client.responses.inputItems.list(created.id)) {
      input.push(...item.content.map((part) => part.text));
    }
    await client.responses.delete(created.id);
    return {
      text: retrieved.output_text,
      created: response(created),
      retrieved: response(retrieved),
      input,
      after: await error(() => client.responses.retrieve(created.id)),
    };
  },
  foreign: async (scenario) => {
    const created = await create(scenario);
    return error(() => narrow.responses.retrieve(created.id));
  },
  cancel: async (scenario) => {
    const created = await create(scenario, { background: true });
    const cancelled = await client.responses.cancel(created.id);
    return { created: created.status, cancelled: cancelled.status };
  },
  "not-cancellable": async (scenario) => {
    const created = await create(scenario);
    return error(() => client.responses.cancel(created.id));
  },
  background: (scenario) => error(() => create(scenario, { background: true })),
  compact: async (scenario) => {
    const it = await client.responses.compact({
      model: settings.model(scenario),
      input: "Hello",
    });
    return { encrypted: it.output.at(-1).encrypted_content };
  },
  "count-tokens": async (scenario) => {
    const it = await client.responses.inputTokens.count({
      model: settings.model(scenario),
      input: "Hello",
    });
    return { count: it.input_tokens };
  },
  models: () => models(client),
  agent: async (scenario) => response(await create(scenario, { model: settings.agent })),
  unauthenticated: (scenario) =>
    error(() => create(scenario, {}, {}, connect({ apiKey: "agl_wrong" }))),
  forbidden: (scenario) => error(() => create(scenario, {}, {}, narrow)),
  "model-not-found": (scenario) => error(() => create(scenario, { model: "no-such-model" })),
  "error-": (scenario) => error(() => create(scenario)),
  "retry-advice": async (scenario) =>
    response(await create(scenario, {}, { maxRetries: 2 })),
  "no-retry": (scenario) => error(() => create(scenario, {}, { maxRetries: 2 })),
  "abort-response": (scenario) =>
    aborted(scenario, (signal) => create(scenario, {}, { signal })),
  "abort-stream": (scenario) =>
    aborted(scenario, (signal) => create(scenario, { stream: true }, { signal })),
  "abort-streaming": async (scenario) => {
    let delta;
    for await (const event of await create(scenario, { stream: true })) {
      if (event.type === "response.output_text.delta") {
        delta = event.delta;
        break;
      }
    }
    return { text: delta, closed: await control("closed", scenario) };
  },
  "stream-error": (scenario) => error(() => read(create(scenario, { stream: true }))),
  "stream-failed": (scenario) => error(() => read(create(scenario, { stream: true }))),
  "cut-": (scenario) => error(() => read(create(scenario, { stream: true }))),
});
