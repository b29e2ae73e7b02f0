// Runs scenarios with Vercel's AI SDK and its OpenAI provider in its default mode, the Responses
// API.
import { generateObject, generateText, stepCountIs, streamText } from "ai";
import { z } from "zod";
import { api, ask, call, read, request, result, scenarios, tools } from "./ai-scenarios.mjs";
import { TOOL_RESULTS, main, settings } from "./scenarios.mjs";

api.finish = {
  stop: "completed",
  "tool-calls": "completed",
  length: "max_output_tokens",
  "content-filter": "content_filter",
};

/** Options of the provider. It knows the models that reason by their names. */
const options = (members) => ({ providerOptions: { openai: { forceReasoning: true, ...members } } });
const STORED = options({});
const STATELESS = options({ store: false });
const REASONING = options({ reasoningEffort: "low", reasoningSummary: "auto" });

/** Runs tools until the model calls none. */
async function converse(scenario, respond, members) {
  const it = await respond(
    request(scenario, { tools: tools(TOOL_RESULTS), stopWhen: stepCountIs(3), ...members }),
  );
  const steps = await it.steps;
  return { text: await it.text, calls: steps.flatMap((step) => step.toolCalls).map(call) };
}

/** A conversation of three turns, with the messages that the library returned. */
async function turns(scenario, respond) {
  const messages = [];
  let it;
  for (const content of ["Hello", "And then?", "Why?"]) {
    messages.push({ role: "user", content });
    it = await respond(request(scenario, { prompt: undefined, messages }));
    messages.push(...(await it.response).messages);
  }
  return { text: await it.text };
}

const respond = async (scenario) => result(await generateText(request(scenario)));

await main("ai", {
  ...scenarios,
  filtered: respond,
  refusal: respond,
  "refusal-stream": (scenario) => read(request(scenario)),
  stream: scenarios["stream-usage"],
  idle: scenarios["stream-usage"],
  instructions: async (scenario) =>
    result(await generateText(request(scenario, { instructions: "Answer in German." }))),
  document: (scenario) =>
    ask(scenario, { type: "file", mediaType: "application/pdf", data: settings.document }),
  structured: async (scenario) => {
    const schema = z.object({ name: z.string(), born: z.number().int() });
    return { parsed: (await generateObject(request(scenario, { schema }))).object };
  },
  "parallel-results": (scenario) => converse(scenario, generateText),
  reasoning: async (scenario) => result(await generateText(request(scenario, REASONING))),
  "reasoning-stream": (scenario) => read(request(scenario, REASONING)),
  rounds: (scenario) => converse(scenario, generateText, STATELESS),
  "rounds-stream": (scenario) => converse(scenario, streamText, STATELESS),
  "rounds-stored": (scenario) => converse(scenario, generateText, STORED),
  "rounds-stored-stream": (scenario) => converse(scenario, streamText, STORED),
  conversation: (scenario) => turns(scenario, generateText),
  "conversation-stream": (scenario) => turns(scenario, streamText),
  "stream-failed": scenarios["stream-error"],
});
