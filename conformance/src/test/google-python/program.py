"""Runs scenarios with Google's library for Python and prints what it returned, one JSON line each."""

import asyncio
import base64
import json
import os
import sys
import traceback
import urllib.parse
import urllib.request

from google import genai
from google.genai import errors, types
from pydantic import BaseModel

BASE_URL = os.environ["CONFORMANCE_URL"]
CONTROL = os.environ["CONFORMANCE_CONTROL"]
IMAGE = os.environ["CONFORMANCE_IMAGE"].split(",")[1]
DOCUMENT = os.environ["CONFORMANCE_DOCUMENT"]


def connect(key, attempts=None):
    """A client, which retries only if it has a number of attempts."""
    retries = types.HttpRetryOptions(attempts=attempts) if attempts else None
    options = types.HttpOptions(base_url=BASE_URL, retry_options=retries)
    return genai.Client(api_key=key, http_options=options)


client = connect(os.environ["CONFORMANCE_KEY"])
HELLO = types.UserContent("Hello")
THINKING = types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)
UNKNOWN = {"x_note": {"serial": 9007199254740993}}


def function(name, *parameters):
    properties = {parameter: types.Schema(type="STRING") for parameter in parameters}
    return types.FunctionDeclaration(
        name=name,
        description=f"Calls {name}.",
        parameters=types.Schema(type="OBJECT", properties=properties) if properties else None,
    )


TOOLS = [
    types.Tool(function_declarations=[function("get_weather", "city"), function("get_time")])
]


class Person(BaseModel):
    name: str
    born: int


def model(scenario):
    return os.environ["CONFORMANCE_MODEL"].replace("{scenario}", scenario)


def config(**members):
    return types.GenerateContentConfig(**{"max_output_tokens": 2048, **members})


def request(scenario, contents=HELLO, **members):
    return {"model": model(scenario), "contents": contents, "config": config(**members)}


def generate(scenario, contents=HELLO, using=client, **members):
    return using.models.generate_content(**request(scenario, contents, **members))


def stream_of(scenario, contents=HELLO, **members):
    return client.models.generate_content_stream(**request(scenario, contents, **members))


def usage(it):
    return {
        "prompt": it.prompt_token_count,
        "cached": it.cached_content_token_count or 0,
        "candidates": it.candidates_token_count,
        "thoughts": it.thoughts_token_count or 0,
        "total": it.total_token_count,
    }


def parts(chunks):
    """The parts of a response, or of the chunks of a stream."""
    return [
        part
        for chunk in chunks
        for candidate in chunk.candidates or []
        for part in (candidate.content.parts if candidate.content else None) or []
    ]


def message(chunks):
    """What a response, or a stream, amounts to."""
    all_parts = parts(chunks)
    texts = [part.text for part in all_parts if part.text and not part.thought]
    finishes = [it.finish_reason for chunk in chunks for it in chunk.candidates or []]
    return {
        "text": "".join(texts),
        "deltas": len(texts),
        "reasoning": "".join(part.text for part in all_parts if part.thought),
        "finish": next((it.name for it in finishes if it), None),
        "calls": [
            {"id": part.function_call.id, "name": part.function_call.name,
             "arguments": part.function_call.args}
            for part in all_parts
            if part.function_call
        ],
        "usage": usage(chunks[-1].usage_metadata) if chunks[-1].usage_metadata else None,
    }


def answer(scenario, contents=HELLO, **members):
    return message([generate(scenario, contents, **members)])


def streamed(scenario, contents=HELLO, **members):
    return message(list(stream_of(scenario, contents, **members)))


def error(action):
    """The error that the library raises."""
    try:
        return {"raised": None, "result": action()}
    except errors.APIError as e:
        details = e.details.get("error", {}).get("details", [])
        return {
            "raised": type(e).__name__,
            "status": e.code,
            "code": e.status,
            "message": e.message,
            "retryDelay": next((it["retryDelay"] for it in details if "retryDelay" in it), None),
        }
    except Exception as e:  # The library lets the errors of its HTTP client pass.
        return {"raised": type(e).__name__, "message": str(e)}


def control(what, scenario):
    url = f"{CONTROL}/control/{what}/{urllib.parse.quote(model(scenario).split('/', 1)[-1])}"
    with urllib.request.urlopen(url) as response:
        return json.load(response)


async def cancelled(scenario, call):
    """Cancels a call that has arrived, and reports what the upstream sees."""
    calling = asyncio.create_task(call(scenario))
    received = await asyncio.to_thread(control, "received", scenario)
    calling.cancel()
    return {"received": received, "closed": await asyncio.to_thread(control, "closed", scenario)}


async def generate_later(scenario):
    return await client.aio.models.generate_content(**request(scenario))


async def stream_later(scenario):
    # The library calls when the first chunk is read.
    async for _ in await client.aio.models.generate_content_stream(**request(scenario)):
        pass


def result(call):
    response = {"result": "17 degrees"}
    return types.Part(
        function_response=types.FunctionResponse(id=call.id, name=call.name, response=response)
    )


def result_without_id(call):
    response = {"error": "out of time"} if call.name == "get_time" else {"result": "17 degrees"}
    return types.Part.from_function_response(name=call.name, response=response)


def converse(ask, result=result):
    """Calls a model until it calls no more functions."""
    contents, calls = [HELLO], []
    while True:
        chunks = ask(contents)
        it = message(chunks)
        calls += it["calls"]
        results = [result(part.function_call) for part in parts(chunks) if part.function_call]
        if not results:
            return {**it, "calls": calls}
        contents += [types.ModelContent(parts(chunks)), types.UserContent(results)]


def converse_in_chat(send):
    """Calls functions in a chat, which keeps the history."""
    chunks, calls = send("Hello"), []
    while True:
        it = message(chunks)
        calls += it["calls"]
        results = [result(part.function_call) for part in parts(chunks) if part.function_call]
        if not results:
            return {**it, "calls": calls}
        chunks = send(results)


def new_chat(scenario, **members):
    return client.chats.create(model=model(scenario), config=config(**members))


def chat():
    return answer("chat")


def length():
    return answer("length")


def stream():
    return streamed("stream")


def idle():
    return streamed("idle")


def tools():
    return converse(lambda contents: [generate("tools", contents, tools=TOOLS)])


def automatic():
    cities = []

    def get_weather(city: str, id: int) -> str:
        """Calls get_weather."""
        cities.append(city)
        return "17 degrees"

    return {**answer("automatic", tools=[get_weather]), "city": ", ".join(cities)}


def parallel():
    return answer("parallel", tools=TOOLS)


def parallel_stream():
    return streamed("parallel-stream", tools=TOOLS)


def parallel_results():
    return converse(
        lambda contents: [generate("parallel-results", contents, tools=TOOLS)], result_without_id
    )


def rounds():
    return converse(
        lambda contents: [
            generate("rounds", contents, tools=TOOLS, thinking_config=THINKING)
        ]
    )


def rounds_stream():
    return converse(
        lambda contents: list(
            stream_of("rounds-stream", contents, tools=TOOLS, thinking_config=THINKING)
        )
    )


def session():
    it = new_chat("session", tools=TOOLS, thinking_config=THINKING)
    return converse_in_chat(lambda text: [it.send_message(text)])


def session_stream():
    it = new_chat("session-stream", tools=TOOLS, thinking_config=THINKING)
    return converse_in_chat(lambda text: list(it.send_message_stream(text)))


def turns():
    it = new_chat("turns", thinking_config=THINKING)
    it.send_message("Hello")
    return message([it.send_message("Go on.")])


def turns_stream():
    it = new_chat("turns-stream", thinking_config=THINKING)
    list(it.send_message_stream("Hello"))
    return message(list(it.send_message_stream("Go on.")))


def asked(scenario, data, mime_type):
    part = types.Part.from_bytes(data=base64.b64decode(data), mime_type=mime_type)
    return answer(scenario, ["What is it?", part])


def image():
    return asked("image", IMAGE, "image/png")


def document():
    return asked("document", DOCUMENT, "application/pdf")


def system():
    return answer("system", system_instruction=["Answer in German.", "Be brief."])


def structured():
    it = generate("structured", response_mime_type="application/json", response_schema=Person)
    return {"parsed": it.parsed.model_dump()}


def structured_json():
    it = generate(
        "structured-json",
        response_mime_type="application/json",
        response_json_schema=Person.model_json_schema(),
    )
    return {"parsed": json.loads(it.text)}


def reasoning():
    return answer("reasoning", thinking_config=THINKING)


def reasoning_stream():
    return streamed("reasoning-stream", thinking_config=THINKING)


def count_tokens():
    text = "The quick brown fox jumps over the lazy dog."
    it = client.models.count_tokens(model=model("count-tokens"), contents=text)
    return {"count": it.total_tokens}


def embeddings():
    it = client.models.embed_content(model=model("embeddings"), contents=["one", "two"])
    return {"vectors": [embedding.values for embedding in it.embeddings]}


def models():
    return {
        "listed": [it.name for it in client.models.list(config={"page_size": 2})],
        "retrieved": client.models.get(model=os.environ["CONFORMANCE_LISTED_MODEL"]).name,
    }


def agent():
    it = client.models.generate_content(model=os.environ["CONFORMANCE_AGENT"], contents=HELLO)
    return message([it])


def unknown_members():
    """The response as the library parses it, and as it came."""
    options = types.HttpOptions(extra_body=UNKNOWN)
    it = generate(
        "unknown-members", http_options=options, should_return_http_response=True
    )
    return {
        **answer("unknown-members", http_options=options),
        "raw": it.sdk_http_response.body,
    }


def unauthenticated():
    return error(lambda: answer("unauthenticated", using=connect("agl_wrong")))


def forbidden():
    narrow = connect(os.environ["CONFORMANCE_NARROW_KEY"])
    return error(lambda: answer("forbidden", using=narrow))


def model_not_found():
    return error(
        lambda: message([client.models.generate_content(model="no-such-model", contents=HELLO)])
    )


def retry_advice():
    return answer("retry-advice", using=connect(client._api_client.api_key, attempts=3))


def retry_info():
    return error(lambda: answer("retry-info"))


def abort_response():
    return asyncio.run(cancelled("abort-response", generate_later))


def abort_stream():
    return asyncio.run(cancelled("abort-stream", stream_later))


def abort_streaming():
    chunks = stream_of("abort-streaming")
    first = next(chunks)
    chunks.close()
    return {"text": first.text, "closed": control("closed", "abort-streaming")}


def run(scenario):
    if scenario.startswith("error-"):
        return error(lambda: answer(scenario))
    if scenario.startswith("cut-") or scenario == "stream-error":
        return error(lambda: streamed(scenario))
    return globals()[scenario.replace("-", "_")]()


print(json.dumps({"client": "google-genai", "version": genai.__version__}))
for name in sys.argv[1:]:
    try:
        line = {"scenario": name, "observed": run(name)}
    except Exception:
        line = {"scenario": name, "crash": traceback.format_exc()}
    print(json.dumps(line), flush=True)
