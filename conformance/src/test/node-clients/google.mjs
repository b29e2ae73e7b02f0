// Runs scenarios with Google's library for JavaScript.
import { GoogleGenAI, Type } from "@google/genai";
import { z } from "zod";
import { TOOL_RESULT, aborted, control, main, settings } from "./scenarios.mjs";

const connect = (apiKey = settings.key, httpOptions = {}) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: settings.url, ...httpOptions } });
const client = connect();
const HELLO = { role: "user", parts: [{ text: "Hello" }] };
const THINKING = { includeThoughts: true, thinkingBudget: 1024 };

const declaration = (name, properties) => ({
  name,
  description: `Calls ${name}.`,
  ...(properties && { parameters: { type: Type.OBJECT, properties } }),
});
const TOOLS = [
  {
    functionDeclarations: [
      declaration("get_weather", { city: { type: Type.STRING } }),
      declaration("get_time"),
    ],
  },
];

const config = (members = {}) => ({ maxOutputTokens: 2048, ...members });

const request = (scenario, contents = HELLO, members = {}) => ({
  model: settings.model(scenario),
  contents,
  config: config(members),
});

const generate = (scenario, contents, members, using = client) =>
  using.models.generateContent(request(scenario, contents, members));

const streamOf = (scenario, contents, members) =>
  client.models.generateContentStream(request(scenario, contents, members));

async function collect(stream) {
  const chunks = [];
  for await (const chunk of await stream) {
    chunks.push(chunk);
  }
  return chunks;
}

const usage = (it) => ({
  prompt: it.promptTokenCount,
  cached: it.cachedContentTokenCount ?? 0,
  candidates: it.candidatesTokenCount,
  thoughts: it.thoughtsTokenCount ?? 0,
  total: it.totalTokenCount,
});

/** The parts of a response, or of the chunks of a stream. */
const parts = (chunks) =>
  chunks
    .flatMap((chunk) => chunk.candidates ?? [])
    .flatMap((candidate) => candidate.content?.parts ?? []);

/** What a response, or a stream, amounts to. */
function message(chunks) {
  const all = parts(chunks);
  const texts = all.filter((part) => part.text && !part.thought).map((part) => part.text);
  const finishes = chunks.flatMap((it) => it.candidates ?? []).map((it) => it.finishReason);
  const counts = chunks.at(-1).usageMetadata;
  return {
    text: texts.join(""),
    deltas: texts.length,
    reasoning: all.filter((part) => part.thought).map((part) => part.text).join(""),
    finish: finishes.find((it) => it) ?? null,
    calls: all
      .filter((part) => part.functionCall)
      .map(({ functionCall: { id, name, args } }) => ({ id, name, arguments: args })),
    usage: counts ? usage(counts) : null,
  };
}

const answer = async (scenario, contents, members) =>
  message([await generate(scenario, contents, members)]);

const streamed = async (scenario, contents, members) =>
  message(await collect(streamOf(scenario, contents, members)));

/** The error that the library raises. Its message has the JSON of the response. */
async function error(action) {
  try {
    return { raised: null, result: await action() };
  } catch (e) {
    let body = {};
    try {
      body = JSON.parse(e.message.slice(e.message.indexOf("{"))).error ?? {};
    } catch {
      // An error of the connection.
    }
    const retryDelay = (body.details ?? []).find((it) => it.retryDelay)?.retryDelay ?? null;
    return {
      raised: e.constructor.name,
      status: e.status ?? null,
      code: body.status ?? null,
      message: e.message,
      retryDelay,
    };
  }
}

const result = ({ id, name }) => ({
  functionResponse: { id, name, response: { result: TOOL_RESULT } },
});

const resultWithoutId = ({ name }) => ({
  functionResponse: {
    name,
    response: name === "get_time" ? { error: "out of time" } : { result: TOOL_RESULT },
  },
});

const results = (chunks, outcome = result) =>
  parts(chunks)
    .filter((part) => part.functionCall)
    .map((part) => outcome(part.functionCall));

/** Calls a model until it calls no more functions. */
async function converse(ask, outcome = result) {
  const contents = [HELLO];
  const calls = [];
  for (;;) {
    const chunks = await ask(contents);
    calls.push(...message(chunks).calls);
    const answers = results(chunks, outcome);
    if (answers.length === 0) {
      return { ...message(chunks), calls };
    }
    contents.push({ role: "model", parts: parts(chunks) }, { role: "user", parts: answers });
  }
}

/** Calls functions in a chat, which keeps the history. */
async function converseInChat(send) {
  let chunks = await send("Hello");
  const calls = [];
  for (;;) {
    calls.push(...message(chunks).calls);
    const answers = results(chunks);
    if (answers.length === 0) {
      return { ...message(chunks), calls };
    }
    chunks = await send(answers);
  }
}

const newChat = (scenario, members) =>
  client.chats.create({ model: settings.model(scenario), config: config(members) });

const asked = (scenario, mimeType, data) =>
  answer(scenario, {
    role: "user",
    parts: [{ text: "What is it?" }, { inlineData: { mimeType, data } }],
  });

const person = z.object({ name: z.string(), born: z.number().int() });
const THINKING_WITH_TOOLS = { tools: TOOLS, thinkingConfig: THINKING };

await main("@google/genai", {
  chat: () => answer("chat"),
  length: () => answer("length"),
  stream: () => streamed("stream"),
  idle: () => streamed("idle"),
  tools: () => converse(async (contents) => [await generate("tools", contents, { tools: TOOLS })]),
  parallel: () => answer("parallel", HELLO, { tools: TOOLS }),
  "parallel-stream": () => streamed("parallel-stream", HELLO, { tools: TOOLS }),
  "parallel-results": () =>
    converse(
      async (contents) => [await generate("parallel-results", contents, { tools: TOOLS })],
      resultWithoutId,
    ),
  rounds: () =>
    converse(async (contents) => [await generate("rounds", contents, THINKING_WITH_TOOLS)]),
  "rounds-stream": () =>
    converse((contents) => collect(streamOf("rounds-stream", contents, THINKING_WITH_TOOLS))),
  session: () => {
    const chat = newChat("session", THINKING_WITH_TOOLS);
    return converseInChat(async (text) => [await chat.sendMessage({ message: text })]);
  },
  "session-stream": () => {
    const chat = newChat("session-stream", THINKING_WITH_TOOLS);
    return converseInChat((text) => collect(chat.sendMessageStream({ message: text })));
  },
  turns: async () => {
    const chat = newChat("turns", { thinkingConfig: THINKING });
    await chat.sendMessage({ message: "Hello" });
    return message([await chat.sendMessage({ message: "Go on." })]);
  },
  "turns-stream": async () => {
    const chat = newChat("turns-stream", { thinkingConfig: THINKING });
    await collect(chat.sendMessageStream({ message: "Hello" }));
    return message(await collect(chat.sendMessageStream({ message: "Go on." })));
  },
  image: () => asked("image", "image/png", settings.image.split(",")[1]),
  document: () => asked("document", "application/pdf", settings.document),
  system: () => answer("system", HELLO, { systemInstruction: ["Answer in German.", "Be brief."] }),
  structured: async () => {
    const it = await generate("structured", HELLO, {
      responseMimeType: "application/json",
      responseSchema: {
        type: Type.OBJECT,
        properties: { name: { type: Type.STRING }, born: { type: Type.INTEGER } },
        required: ["name", "born"],
      },
    });
    return { parsed: person.parse(JSON.parse(it.text)) };
  },
  "structured-json": async () => {
    const it = await generate("structured-json", HELLO, {
      responseMimeType: "application/json",
      responseJsonSchema: z.toJSONSchema(person),
    });
    return { parsed: person.parse(JSON.parse(it.text)) };
  },
  reasoning: () => answer("reasoning", HELLO, { thinkingConfig: THINKING }),
  "reasoning-stream": () => streamed("reasoning-stream", HELLO, { thinkingConfig: THINKING }),
  "count-tokens": async () => {
    const it = await client.models.countTokens({
      model: settings.model("count-tokens"),
      contents: "The quick brown fox jumps over the lazy dog.",
    });
    return { count: it.totalTokens };
  },
  embeddings: async () => {
    const it = await client.models.embedContent({
      model: settings.model("embeddings"),
      contents: ["one", "two"],
    });
    return { vectors: it.embeddings.map((embedding) => embedding.values) };
  },
  models: async () => {
    const listed = [];
    for await (const it of await client.models.list({ config: { pageSize: 2 } })) {
      listed.push(it.name);
    }
    return { listed, retrieved: (await client.models.get({ model: settings.listedModel })).name };
  },
  agent: async () =>
    message([await client.models.generateContent({ model: settings.agent, contents: HELLO })]),
  unauthenticated: () =>
    error(() => generate("unauthenticated", HELLO, {}, connect("agl_wrong"))),
  forbidden: () => error(() => generate("forbidden", HELLO, {}, connect(settings.narrowKey))),
  "model-not-found": () =>
    error(() => client.models.generateContent({ model: "no-such-model", contents: HELLO })),
  "error-": (scenario) => error(() => answer(scenario)),
  "retry-advice": async () => {
    const retrying = connect(settings.key, { retryOptions: { attempts: 3 } });
    return message([await generate("retry-advice", HELLO, {}, retrying)]);
  },
  "retry-info": () => error(() => answer("retry-info")),
  "abort-response": (scenario) =>
    aborted(scenario, (abortSignal) => answer(scenario, HELLO, { abortSignal })),
  "abort-stream": (scenario) =>
    aborted(scenario, (abortSignal) => streamed(scenario, HELLO, { abortSignal })),
  "abort-streaming": async (scenario) => {
    const controller = new AbortController();
    const stream = await streamOf(scenario, HELLO, { abortSignal: controller.signal });
    const first = await stream.next();
    controller.abort();
    return { text: first.value.text, closed: await control("closed", scenario) };
  },
  "stream-error": (scenario) => error(() => streamed(scenario)),
  "cut-": (scenario) => error(() => streamed(scenario)),
});
