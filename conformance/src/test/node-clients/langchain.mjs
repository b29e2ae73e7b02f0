// Runs scenarios with LangChain's OpenAI integration.
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { TOOLS, TOOL_RESULT, aborted, control, error, main, settings } from "./scenarios.mjs";

const chat = (scenario, members = {}) =>
  new ChatOpenAI({
    model: settings.model(scenario),
    apiKey: settings.key,
    configuration: { baseURL: settings.url },
    maxRetries: 0,
    streamUsage: false,
    ...members,
  });

const usage = (it) =>
  it && {
    prompt: it.input_tokens,
    completion: it.output_tokens,
    total: it.total_tokens,
    cached: it.input_token_details?.cache_read,
    reasoning: it.output_token_details?.reasoning,
  };

const call = (it) => ({ id: it.id, name: it.name, arguments: it.args });

const message = (it) => ({
  text: it.content || null,
  reasoning: it.additional_kwargs.reasoning_content,
  finish: it.response_metadata.finish_reason,
  calls: it.tool_calls.map(call),
  usage: usage(it.usage_metadata),
});

async function read(model) {
  const texts = [];
  const indexes = new Set();
  let all;
  for await (const chunk of await model.stream("Hello")) {
    if (chunk.content) {
      texts.push(chunk.content);
    }
    chunk.tool_call_chunks?.forEach((it) => indexes.add(it.index));
    all = all?.concat(chunk) ?? chunk;
  }
  return {
    ...message(all),
    text: texts.join(""),
    deltas: texts.length,
    indexes: [...indexes],
  };
}

const embeddings = async (scenario) => {
  const model = new OpenAIEmbeddings({
    model: settings.model(scenario),
    apiKey: settings.key,
    configuration: { baseURL: settings.url },
    maxRetries: 0,
  });
  return { vectors: await model.embedDocuments(["one", "two"]) };
};

await main("@langchain/openai", {
  chat: async (scenario) => message(await chat(scenario).invoke("Hello")),
  length: async (scenario) => message(await chat(scenario).invoke("Hello")),
  stream: (scenario) => read(chat(scenario)),
  "stream-usage": (scenario) => read(chat(scenario, { streamUsage: true })),
  tools: async (scenario) => {
    const model = chat(scenario).bindTools(TOOLS);
    const question = new HumanMessage("Hello");
    const first = await model.invoke([question]);
    const result = new ToolMessage({
      tool_call_id: first.tool_calls[0].id,
      content: TOOL_RESULT,
    });
    const second = await model.invoke([question, first, result]);
    return { calls: first.tool_calls.map(call), text: second.content };
  },
  parallel: async (scenario) => message(await chat(scenario).bindTools(TOOLS).invoke("Hello")),
  "parallel-stream": (scenario) => read(chat(scenario).bindTools(TOOLS)),
  structured: async (scenario) => {
    const person = z.object({ name: z.string(), born: z.number().int() });
    const model = chat(scenario).withStructuredOutput(person, { method: "jsonSchema" });
    return { parsed: await model.invoke("Hello") };
  },
  image: async (scenario) => {
    const content = [
      { type: "text", text: "What is it?" },
      { type: "image_url", image_url: { url: settings.image } },
    ];
    return message(await chat(scenario).invoke([new HumanMessage({ content })]));
  },
  reasoning: async (scenario) => message(await chat(scenario).invoke("Hello")),
  "reasoning-stream": (scenario) => read(chat(scenario, { streamUsage: true })),
  "embeddings-float": embeddings,
  agent: async (scenario) => message(await chat(scenario, { model: settings.agent }).invoke("Hello")),
  unauthenticated: (scenario) =>
    error(() => chat(scenario, { apiKey: "agl_wrong" }).invoke("Hello")),
  forbidden: (scenario) =>
    error(() => chat(scenario, { apiKey: settings.narrowKey }).invoke("Hello")),
  "model-not-found": (scenario) =>
    error(() => chat(scenario, { model: "no-such-model" }).invoke("Hello")),
  "error-": (scenario) => error(() => chat(scenario).invoke("Hello")),
  "retry-advice": async (scenario) =>
    message(await chat(scenario, { maxRetries: 2 }).invoke("Hello")),
  "abort-response": (scenario) =>
    aborted(scenario, (signal) => chat(scenario).invoke("Hello", { signal })),
  "abort-stream": (scenario) =>
    aborted(scenario, (signal) => chat(scenario).stream("Hello", { signal })),
  "abort-streaming": async (scenario) => {
    const controller = new AbortController();
    let text;
    for await (const chunk of await chat(scenario).stream("Hello", { signal: controller.signal })) {
      text = chunk.content;
      if (text) {
        break;
      }
    }
    controller.abort();
    return { text, closed: await control("closed", scenario) };
  },
  "stream-error": (scenario) => error(() => read(chat(scenario))),
  "cut-": (scenario) => error(() => read(chat(scenario))),
});
