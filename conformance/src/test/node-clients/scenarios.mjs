// What the programs share: the settings, the tools, and the loop over the scenarios.
import { createRequire } from "node:module";

const env = process.env;
export const settings = {
  url: env.CONFORMANCE_URL,
  key: env.CONFORMANCE_KEY,
  narrowKey: env.CONFORMANCE_NARROW_KEY,
  listedModel: env.CONFORMANCE_LISTED_MODEL,
  agent: env.CONFORMANCE_AGENT,
  image: env.CONFORMANCE_IMAGE,
  document: env.CONFORMANCE_DOCUMENT,
  model: (scenario) => env.CONFORMANCE_MODEL.replace("{scenario}", scenario),
};

const tool = (name, properties) => ({
  type: "function",
  function: { name, description: `Calls ${name}.`, parameters: { type: "object", properties } },
});
/** The tools in the format of OpenAI's API. */
export const TOOLS = [tool("get_weather", { city: { type: "string" } }), tool("get_time", {})];

export const TOOL_RESULT = "17 degrees";

/** The results of both tools, of which the second fails. */
export const TOOL_RESULTS = { get_weather: TOOL_RESULT, get_time: "out of time" };

/** Lists the models and gets one, with a client of OpenAI's API. */
export async function models(client) {
  const listed = [];
  for await (const it of client.models.list()) {
    listed.push(it.id);
  }
  return { listed, retrieved: (await client.models.retrieve(settings.listedModel)).id };
}

/** Asks the mock whether the call of a scenario was `received` or its connection `closed`. */
export async function control(what, scenario) {
  const model = settings.model(scenario);
  const upstream = model.slice(model.indexOf("/") + 1);
  const response = await fetch(
    `${env.CONFORMANCE_CONTROL}/control/${what}/${encodeURIComponent(upstream)}`,
  );
  return response.json();
}

/** Aborts a call that has arrived, and reports what the upstream sees. */
export async function aborted(scenario, start) {
  const controller = new AbortController();
  const ended = start(controller.signal).catch(() => {});
  const received = await control("received", scenario);
  controller.abort();
  const closed = await control("closed", scenario);
  await ended;
  return { received, closed };
}

/** What a call raises, with the fields that the libraries of the vendors give their errors. */
export async function error(action) {
  try {
    return { raised: null, result: await action() };
  } catch (e) {
    return {
      raised: e.constructor.name,
      status: e.status,
      code: e.code,
      type: e.type,
      message: e.message,
      requestId: e.requestID,
    };
  }
}

/**
 * Runs the scenarios of the command line and prints one JSON line each.
 *
 * @param run a function for each scenario; `error-` and so on for all that begin so
 */
export async function main(client, run) {
  const { version } = createRequire(import.meta.url)(`./node_modules/${client}/package.json`);
  console.log(JSON.stringify({ client, version }));
  for (const scenario of process.argv.slice(2)) {
    const action =
      run[scenario] ?? run[Object.keys(run).find((it) => it.endsWith("-") && scenario.startsWith(it))];
    let line;
    try {
      line = { scenario, observed: await action(scenario) };
    } catch (e) {
      line = { scenario, crash: String(e?.stack ?? e) };
    }
    console.log(JSON.stringify(line));
  }
}
