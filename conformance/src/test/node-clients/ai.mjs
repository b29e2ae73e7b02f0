// Runs scenarios with Vercel's AI SDK and its OpenAI provider in chat mode.
import { api, scenarios } from "./ai-scenarios.mjs";
import { main } from "./scenarios.mjs";

api.model = (provider, name) => provider.chat(name);
api.finish = { "tool-calls": "tool_calls" };

await main("ai", scenarios);
