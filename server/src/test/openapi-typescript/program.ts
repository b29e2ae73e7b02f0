// Uses the service through the types that openapi-typescript makes of its description. That it
// compiles is half of the test.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const client = createClient<paths>({
  baseUrl: process.env["AGENT_LAB_URL"]!,
  headers: { Authorization: `Bearer ${process.env["AGENT_LAB_KEY"]}` },
});

function succeeded<T>(answer: { data?: T; error?: unknown }): T {
  assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  assert.notEqual(answer.data, undefined);
  return answer.data as T;
}

const keyed: components["schemas"]["OpenaiConfig"] = {
  name: "openai",
  options: { api_key: "sk-canary-typescript" },
};
const openai = succeeded(
  await client.POST("/api/providers", { body: { name: "typescript-openai", config: keyed } }),
);
assert.equal(JSON.stringify(openai).includes("sk-canary"), false);

succeeded(
  await client.POST("/api/providers", {
    body: { name: "typescript", config: { name: "simulated" } },
  }),
);

const agent = succeeded(
  await client.POST("/api/agents", {
    body: {
      name: "typescript",
      config: { provider: "typescript", model: { name: "any", capabilities: { chat: {} } } },
    },
  }),
);
const params = { path: { id: agent.id } };

const messages: components["schemas"]["ChatMessage"][] = [{ role: "user", content: "Hello" }];
const completion = succeeded(
  await client.POST("/api/agents/{id}/chat", { params, body: { messages, temperature: 0 } }),
);
assert.match(completion.choices[0]?.message?.content ?? "", /Hello/);

const stream = succeeded(
  await client.POST("/api/agents/{id}/chat/stream", {
    params,
    body: { prompt: "Hello" },
    parseAs: "text",
  }),
);
const chunks = stream
  .split("\n")
  .filter((line) => line.startsWith("data: {"))
  .map((line) => JSON.parse(line.slice(6)) as components["schemas"]["ChatCompletionChunk"]);
assert.match(chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? "").join(""), /Hello/);
assert.match(stream, /data: \[DONE\]/);

const key = succeeded(
  await client.POST("/api/keys", {
    body: { name: "typescript", scopes: [`invoke:${agent.id}`] },
  }),
);
assert.match(key.key ?? "", /^agl_/);
