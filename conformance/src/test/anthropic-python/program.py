"""Runs scenarios with Anthropic's library for Python and prints what it returned, one JSON line each."""

import asyncio
import json
import os
import sys
import traceback
import urllib.parse
import urllib.request

import anthropic
from pydantic import BaseModel

BASE_URL = os.environ["CONFORMANCE_URL"]
CONTROL = os.environ["CONFORMANCE_CONTROL"]
IMAGE = os.environ["CONFORMANCE_IMAGE"].split(",")[1]
DOCUMENT = os.environ["CONFORMANCE_DOCUMENT"]


def connect(key, library=anthropic.Anthropic):
    return library(base_url=BASE_URL, api_key=key, max_retries=0)


client = connect(os.environ["CONFORMANCE_KEY"])
HELLO = [{"role": "user", "content": "Hello"}]
THINKING = {"type": "enabled", "budget_tokens": 1024}
SYSTEM = [
    {"type": "text", "text": "Answer in German.", "cache_control": {"type": "ephemeral"}},
    {"type": "text", "text": "Be brief."},
]


def tool(name, *parameters):
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return {
        "name": name,
        "description": f"Calls {name}.",
        "input_schema": {"type": "object", "properties": properties},
    }


TOOLS = [tool("get_weather", "city"), tool("get_time")]


class Person(BaseModel):
    name: str
    born: int


def model(scenario):
    return os.environ["CONFORMANCE_MODEL"].replace("{scenario}", scenario)


def request(scenario, **members):
    return {"model": model(scenario), "max_tokens": 2048, "messages": HELLO, **members}


def create(scenario, using=client, **members):
    return using.messages.create(**request(scenario, **members))


def usage(it):
    return {
        "input": it.input_tokens,
        "cacheRead": it.cache_read_input_tokens or 0,
        "cacheWrite": it.cache_creation_input_tokens or 0,
        "output": it.output_tokens,
        "thinking": it.output_tokens_details.thinking_tokens if it.output_tokens_details else 0,
    }


def message(it):
    return {
        "text": "".join(block.text for block in it.content if block.type == "text"),
        "reasoning": "".join(block.thinking for block in it.content if block.type == "thinking"),
        "finish": it.stop_reason,
        "calls": [
            {"id": block.id, "name": block.name, "arguments": block.input}
            for block in it.content
            if block.type == "tool_use"
        ],
        "usage": usage(it.usage),
    }


def read(stream):
    """What the events of a stream amount to."""
    texts, reasoning, finish, ended = [], [], None, False
    for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            texts.append(event.delta.text)
        elif event.type == "content_block_delta" and event.delta.type == "thinking_delta":
            reasoning.append(event.delta.thinking)
        elif event.type == "message_delta":
            finish = event.delta.stop_reason
        elif event.type == "message_stop":
            ended = True
    return {
        "text": "".join(texts),
        "deltas": len(texts),
        "reasoning": "".join(reasoning),
        "finish": finish,
        "ended": ended,
    }


def accumulate(scenario, **members):
    """The message that the library makes of a stream, and the number of its texts."""
    with client.messages.stream(**request(scenario, **members)) as events:
        texts = [event.text for event in events if event.type == "text"]
        return {**message(events.get_final_message()), "deltas": len(texts)}


def streamed(scenario, **members):
    with client.messages.stream(**request(scenario, **members)) as events:
        return events.get_final_message()


def error(action):
    """The error that the library raises."""
    try:
        return {"raised": None, "result": action()}
    except anthropic.APIError as e:
        body = e.body if isinstance(e.body, dict) else {}
        return {
            "raised": type(e).__name__,
            "status": getattr(e, "status_code", None),
            "type": body.get("error", {}).get("type"),
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
    own = connect(client.api_key, anthropic.AsyncAnthropic)
    calling = asyncio.create_task(create(scenario, own, **members))
    received = await asyncio.to_thread(control, "received", scenario)
    calling.cancel()
    return {"received": received, "closed": await asyncio.to_thread(control, "closed", scenario)}


def results(content, outcomes={}):
    """The results of the tools that a message calls."""
    return [
        {
            "type": "tool_result",
            "tool_use_id": block.id,
            **outcomes.get(block.name, {"content": "17 degrees"}),
        }
        for block in content
        if block.type == "tool_use"
    ]


def converse(ask, outcomes={}):
    """Calls a model until it calls no more tools."""
    messages, calls = [*HELLO], []
    while True:
        it = ask(messages)
        calls += message(it)["calls"]
        answers = results(it.content, outcomes)
        if not answers:
            return {**message(it), "calls": calls}
        messages += [
            {"role": "assistant", "content": it.content},
            {"role": "user", "content": answers},
        ]


def continued(ask):
    """Asks twice in one conversation."""
    first = {"role": "assistant", "content": ask(HELLO).content}
    return message(ask([*HELLO, first, {"role": "user", "content": "Go on."}]))


def chat():
    return message(create("chat"))


def length():
    return message(create("length"))


def stream():
    return read(create("stream", stream=True))


def stream_events():
    return accumulate("stream-events")


def stream_text():
    with client.messages.stream(**request("stream-text")) as events:
        texts = list(events.text_stream)
        return {**message(events.get_final_message()), "deltas": len(texts)}


def tools():
    return converse(lambda messages: create("tools", tools=TOOLS, messages=messages))


def parallel():
    return message(create("parallel", tools=TOOLS))


def parallel_stream():
    return accumulate("parallel-stream", tools=TOOLS)


def parallel_results():
    return converse(
        lambda messages: create("parallel-results", tools=TOOLS, messages=messages),
        {"get_time": {"content": "out of time", "is_error": True}},
    )


def beta():
    betas = ["token-efficient-tools-2025-02-19"]
    return message(client.beta.messages.create(**request("beta"), betas=betas))


def rounds():
    return converse(
        lambda messages: create("rounds", tools=TOOLS, thinking=THINKING, messages=messages)
    )


def rounds_stream():
    return converse(
        lambda messages: streamed(
            "rounds-stream", tools=TOOLS, thinking=THINKING, messages=messages
        )
    )


def turns():
    return continued(lambda messages: create("turns", thinking=THINKING, messages=messages))


def turns_stream():
    return continued(
        lambda messages: streamed("turns-stream", thinking=THINKING, messages=messages)
    )


def image():
    source = {"type": "base64", "media_type": "image/png", "data": IMAGE}
    content = [{"type": "text", "text": "What is it?"}, {"type": "image", "source": source}]
    return message(create("image", messages=[{"role": "user", "content": content}]))


def document():
    source = {"type": "base64", "media_type": "application/pdf", "data": DOCUMENT}
    content = [{"type": "text", "text": "What is it?"}, {"type": "document", "source": source}]
    return message(create("document", messages=[{"role": "user", "content": content}]))


def system():
    return message(create("system", system=SYSTEM))


def structured():
    it = client.messages.parse(**request("structured"), output_format=Person)
    return {"parsed": it.parsed_output.model_dump()}


def reasoning():
    return message(create("reasoning", thinking=THINKING))


def reasoning_stream():
    return accumulate("reasoning-stream", thinking=THINKING)


def count_tokens():
    it = client.messages.count_tokens(
        model=model("count-tokens"), messages=HELLO, system=SYSTEM, tools=TOOLS
    )
    return {"count": it.input_tokens}


def models():
    return {
        "listed": [it.id for it in client.models.list(limit=2)],
        "retrieved": client.models.retrieve(os.environ["CONFORMANCE_LISTED_MODEL"]).id,
    }


def agent():
    return message(create("agent", model=os.environ["CONFORMANCE_AGENT"]))


def unauthenticated():
    return error(lambda: message(create("unauthenticated", connect("agl_wrong"))))


def forbidden():
    narrow = connect(os.environ["CONFORMANCE_NARROW_KEY"])
    return error(lambda: message(create("forbidden", narrow)))


def model_not_found():
    return error(lambda: message(create("", model="no-such-model")))


def retry_advice():
    return message(create("retry-advice", client.with_options(max_retries=2)))


def no_retry():
    return error(lambda: message(create("no-retry", client.with_options(max_retries=2))))


def abort_response():
    return asyncio.run(cancelled("abort-response"))


def abort_stream():
    return asyncio.run(cancelled("abort-stream", stream=True))


def abort_streaming():
    events = create("abort-streaming", stream=True)
    first = next(event for event in events if event.type == "content_block_delta")
    events.close()
    return {"text": first.delta.text, "closed": control("closed", "abort-streaming")}


def run(scenario):
    if scenario.startswith("error-"):
        return error(lambda: message(create(scenario)))
    if scenario.startswith("cut-") or scenario == "stream-error":
        return error(lambda: read(create(scenario, stream=True)))
    return globals()[scenario.replace("-", "_")]()


print(json.dumps({"client": "anthropic", "version": anthropic.__version__}))
for name in sys.argv[1:]:
    try:
        line = {"scenario": name, "observed": run(name)}
    except Exception:
        line = {"scenario": name, "crash": traceback.format_exc()}
    print(json.dumps(line), flush=True)
