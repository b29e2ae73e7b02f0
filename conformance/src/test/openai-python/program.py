"""Runs scenarios of chat completions with OpenAI's library for Python."""

import asyncio

from scenarios import (
    AGENT,
    IMAGE,
    Person,
    cancelled,
    client,
    connect,
    control,
    error,
    main,
    model,
    models,
    narrow,
)

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


def agent():
    return completion(create("agent", model=AGENT))


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
    return error(lambda: completion(create("unauthenticated", connect("agl_wrong"))))


def forbidden():
    return error(lambda: completion(create("forbidden", narrow)))


def model_not_found():
    return error(lambda: completion(create("", model="no-such-model")))


def retry_advice():
    return completion(create("retry-advice", client.with_options(max_retries=2)))


def no_retry():
    return error(lambda: completion(create("no-retry", client.with_options(max_retries=2))))


def abort_response():
    return asyncio.run(cancelled("abort-response", lambda own: create("abort-response", own)))


def abort_stream():
    return asyncio.run(
        cancelled("abort-stream", lambda own: create("abort-stream", own, stream=True))
    )


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


main(run)
