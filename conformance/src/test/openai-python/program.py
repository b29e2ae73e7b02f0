"""Runs scenarios with OpenAI's library for Python and prints what it returned, one JSON line each."""

import asyncio
import json
import os
import sys
import traceback
import urllib.parse
import urllib.request

import openai
from pydantic import BaseModel

BASE_URL = os.environ["CONFORMANCE_URL"]
CONTROL = os.environ["CONFORMANCE_CONTROL"]
IMAGE = os.environ["CONFORMANCE_IMAGE"]

client = openai.OpenAI(base_url=BASE_URL, api_key=os.environ["CONFORMANCE_KEY"], max_retries=0)
HELLO = [{"role": "user", "content": "Hello"}]


def function(name, *parameters):
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Calls {name}.",
            "parameters": {"type": "object", "properties": properties},
        },
    }


TOOLS = [function("get_weather", "city"), function("get_time")]


class Person(BaseModel):
    name: str
    born: int


def model(scenario):
    return os.environ["CONFORMANCE_MODEL"].replace("{scenario}", scenario)


def create(scenario, using=client, **members):
    return using.chat.completions.create(
        **{"model": model(scenario), "messages": HELLO, **members}
    )


def usage(it):
    return it and {
        "prompt": it.prompt_tokens,
        "completion": it.completion_tokens,
        "total": it.total_tokens,
        "cached": it.prompt_tokens_details and it.prompt_tokens_details.cached_tokens,
        "reasoning": it.completion_tokens_details
        and it.completion_tokens_details.reasoning_tokens,
    }


def completion(it):
    choice = it.choices[0]
    return {
        "text": choice.message.content,
        "finish": choice.finish_reason,
        "calls": [call(c.id, c.function) for c in choice.message.tool_calls or []],
        "usage": usage(it.usage),
    }


def call(id, function):
    return {"id": id, "name": function.name, "arguments": function.arguments}


def read(stream):
    """What the events of a stream amount to."""
    texts, reasoning, finish, counts, calls = [], [], None, None, {}
    for chunk in stream:
        counts = usage(chunk.usage) or counts
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            if choice.delta.content:
                texts.append(choice.delta.content)
            if thought := getattr(choice.delta, "reasoning_content", None):
                reasoning.append(thought)
            for delta in choice.delta.tool_calls or []:
                known = calls.setdefault(delta.index, {"arguments": ""})
                known["arguments"] += delta.function.arguments or ""
                if delta.id:
                    known["id"], known["name"] = delta.id, delta.function.name
    return {
        "text": "".join(texts),
        "deltas": len(texts),
        "reasoning": "".join(reasoning) or None,
        "finish": finish,
        "usage": counts,
        "calls": list(calls.values()),
        "indexes": list(calls),
    }


def error(action):
    """The error that the library raises."""
    try:
        return {"raised": None, "result": action()}
    except openai.APIError as e:
        return {
            "raised": type(e).__name__,
            "status": getattr(e, "status_code", None),
            "code": e.code,
            "type": e.type,
            "message": e.message,
            "requestId": getattr(e, "request_id", None),
        }
    except Exception as e:  # The library lets the errors of its HTTP client pass.
        return {"raised": type(e).__name__, "message": str(e)}


def control(what, scenario):
    url = f"{CONTROL}/control/{what}/{urllib.parse.quote(model(scenario).split('/', 1)[-1])}"
    with urllib.request.urlopen(url) as response:
        return json.load(response)


async def cancelled(scenario, **members):
    """Cancels a call that has arrived, and reports what the upstream sees."""
    own = openai.AsyncOpenAI(base_url=BASE_URL, api_key=client.api_key, max_retries=0)
    calling = asyncio.create_task(create(scenario, own, **members))
    received = await asyncio.to_thread(control, "received", scenario)
    calling.cancel()
    return {"received": received, "closed": await asyncio.to_thread(control, "closed", scenario)}


def chat():
    return completion(create("chat"))


def length():
    return completion(create("length"))


def stream():
    return read(create("stream", stream=True))


def stream_usage():
    return read(create("stream-usage", stream=True, stream_options={"include_usage": True}))


def tools():
    first = create("tools", tools=TOOLS).choices[0].message
    result = {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "17 degrees"}
    second = create("tools", tools=TOOLS, messages=[*HELLO, first, result])
    return {
        "calls": [call(c.id, c.function) for c in first.tool_calls],
        "text": second.choices[0].message.content,
    }


def parallel():
    return completion(create("parallel", tools=TOOLS))


def parallel_stream():
    return read(create("parallel-stream", tools=TOOLS, stream=True))


def structured():
    parsed = client.chat.completions.parse(
        model=model("structured"), messages=HELLO, response_format=Person
    )
    return {"parsed": parsed.choices[0].message.parsed.model_dump()}


def image():
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": IMAGE}},
    ]
    return completion(create("image", messages=[{"role": "user", "content": parts}]))


def reasoning():
    it = create("reasoning")
    return {**completion(it), "reasoning": it.choices[0].message.reasoning_content}


def reasoning_stream():
    return read(
        create("reasoning-stream", stream=True, stream_options={"include_usage": True})
    )


def embeddings():
    it = client.embeddings.create(model=model("embeddings"), input=["one", "two"])
    return {"vectors": [each.embedding for each in it.data]}


def embeddings_float():
    it = client.embeddings.create(
        model=model("embeddings-float"), input=["one", "two"], encoding_format="float"
    )
    return {"vectors": [each.embedding for each in it.data]}


def text_completion():
    it = client.completions.create(model=model("text-completion"), prompt="Hello")
    choice = it.choices[0]
    return {"text": choice.text, "finish": choice.finish_reason, "usage": usage(it.usage)}


def text_completion_stream():
    texts, finish, counts = [], None, None
    for chunk in client.completions.create(
        model=model("text-completion-stream"),
        prompt="Hello",
        stream=True,
        stream_options={"include_usage": True},
    ):
        counts = usage(chunk.usage) or counts
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            if choice.text:
                texts.append(choice.text)
    return {"text": "".join(texts), "deltas": len(texts), "finish": finish, "usage": counts}


def models():
    return {
        "listed": [it.id for it in client.models.list()],
        "retrieved": client.models.retrieve(os.environ["CONFORMANCE_LISTED_MODEL"]).id,
    }


def agent():
    return completion(create("agent", model=os.environ["CONFORMANCE_AGENT"]))


def unknown_members():
    it = create("unknown-members", extra_body={"x_serial": 9007199254740993, "x_note": [None]})
    return {
        "serial": it.x_serial,
        "nested": it.x_nested,
        "note": it.choices[0].message.x_note,
    }


def unknown_members_stream():
    first = next(iter(create("unknown-members-stream", stream=True)))
    return {"serial": first.x_serial}


def unauthenticated():
    other = openai.OpenAI(base_url=BASE_URL, api_key="agl_wrong", max_retries=0)
    return error(lambda: completion(create("unauthenticated", other)))


def forbidden():
    narrow = os.environ["CONFORMANCE_NARROW_KEY"]
    other = openai.OpenAI(base_url=BASE_URL, api_key=narrow, max_retries=0)
    return error(lambda: completion(create("forbidden", other)))


def model_not_found():
    return error(lambda: completion(create("", model="no-such-model")))


def retry_advice():
    return completion(create("retry-advice", client.with_options(max_retries=2)))


def no_retry():
    return error(lambda: completion(create("no-retry", client.with_options(max_retries=2))))


def abort_response():
    return asyncio.run(cancelled("abort-response"))


def abort_stream():
    return asyncio.run(cancelled("abort-stream", stream=True))


def abort_streaming():
    events = create("abort-streaming", stream=True)
    first = next(event for event in events if event.choices[0].delta.content)
    events.close()
    return {
        "text": first.choices[0].delta.content,
        "closed": control("closed", "abort-streaming"),
    }


def run(scenario):
    if scenario.startswith("error-"):
        return error(lambda: completion(create(scenario)))
    if scenario.startswith("cut-") or scenario == "stream-error":
        return error(lambda: read(create(scenario, stream=True)))
    return globals()[scenario.replace("-", "_")]()


print(json.dumps({"client": "openai", "version": openai.__version__}))
for name in sys.argv[1:]:
    try:
        line = {"scenario": name, "observed": run(name)}
    except Exception:
        line = {"scenario": name, "crash": traceback.format_exc()}
    print(json.dumps(line), flush=True)
