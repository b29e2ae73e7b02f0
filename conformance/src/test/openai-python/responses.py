"""Runs scenarios of the Responses API with OpenAI's library for Python."""

import asyncio

from scenarios import (
    AGENT,
    DOCUMENT,
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

# What a client sends that keeps the conversation itself.
STATELESS = {"store": False, "include": ["reasoning.encrypted_content"]}

OUTPUTS = {"get_weather": "17 degrees", "get_time": "out of time"}


def function(name, *parameters):
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return {
        "type": "function",
        "name": name,
        "description": f"Calls {name}.",
        "parameters": {"type": "object", "properties": properties},
        "strict": False,
    }


TOOLS = [function("get_weather", "city"), function("get_time")]


class Failed(Exception):
    """The end of a response that the library reports as an event, and not as an error."""


def create(scenario, using=client, **members):
    return using.responses.create(**{"model": model(scenario), "input": HELLO, **members})


def usage(it):
    return it and {
        "prompt": it.input_tokens,
        "completion": it.output_tokens,
        "total": it.total_tokens,
        "cached": it.input_tokens_details.cached_tokens,
        "reasoning": it.output_tokens_details.reasoning_tokens,
    }


def response(it):
    messages = [item for item in it.output if item.type == "message"]
    thoughts = [item for item in it.output if item.type == "reasoning"]
    parts = [part for message in messages for part in message.content]
    return {
        "id": it.id,
        "text": it.output_text,
        "refusal": "".join(part.refusal for part in parts if part.type == "refusal"),
        "reasoning": "".join(part.text for item in thoughts for part in item.summary),
        "finish": it.incomplete_details.reason if it.incomplete_details else it.status,
        "calls": calls(it),
        "usage": usage(it.usage),
    }


def calls(it):
    return [
        {"id": item.call_id, "name": item.name, "arguments": item.arguments}
        for item in it.output
        if item.type == "function_call"
    ]


def results(it):
    return [
        {"type": "function_call_output", "call_id": call["id"], "output": OUTPUTS[call["name"]]}
        for call in calls(it)
    ]


def read(stream):
    """What the events of a stream amount to."""
    kinds, numbers, texts, thoughts, called, last = [], [], [], [], {}, None
    for event in stream:
        kinds.append(event.type)
        numbers.append(getattr(event, "sequence_number", None))
        if event.type == "response.output_text.delta":
            texts.append(event.delta)
        elif event.type == "response.reasoning_summary_text.delta":
            thoughts.append(event.delta)
        elif event.type == "response.output_item.added" and event.item.type == "function_call":
            item = event.item
            called[event.output_index] = {"id": item.call_id, "name": item.name, "arguments": ""}
        elif event.type == "response.function_call_arguments.delta":
            called[event.output_index]["arguments"] += event.delta
        elif event.type in ("response.completed", "response.incomplete"):
            last = event.response
        elif event.type == "response.failed":
            raise Failed(event.response.error.message)
        elif event.type == "error":
            raise Failed(event.message)
    streamed = {"text": "".join(texts), "reasoning": "".join(thoughts), "calls": [*called.values()]}
    return {
        **(response(last) if last else {**streamed, "finish": None}),
        "streamed": streamed,
        "deltas": len(texts),
        "events": kinds,
        "ordered": numbers == list(range(len(numbers))),
    }


def helper(scenario, **members):
    """The stream of the library that collects the response."""
    return client.responses.stream(**{"model": model(scenario), "input": HELLO, **members})


def final(scenario, **members):
    with helper(scenario, **members) as stream:
        return stream.get_final_response()


def converse(scenario, respond=create, **members):
    """Runs tools until the model calls none, with the whole conversation in each request."""
    history, called = [*HELLO], []
    while True:
        it = respond(scenario, input=history, tools=TOOLS, **members)
        called += calls(it)
        if not calls(it):
            return {**response(it), "calls": called}
        history += [*it.output, *results(it)]


def converse_stored(scenario, respond=create):
    """Runs tools until the model calls none, with only the results in each later request."""
    it, called = respond(scenario, tools=TOOLS), []
    while calls(it):
        called += calls(it)
        it = respond(scenario, tools=TOOLS, input=results(it), previous_response_id=it.id)
    return {**response(it), "calls": called}


def turns(scenario, respond=create):
    first = respond(scenario, input="Hello")
    second = respond(scenario, input="And then?", previous_response_id=first.id)
    third = respond(scenario, input="Why?", previous_response_id=second.id)
    return {**response(third), "previous": second.id}


def chat():
    return response(create("chat", input="Hello"))


def stream():
    return read(create("stream", stream=True))


def stream_helper():
    with helper("stream-helper") as events:
        observed = read(events)
        return {**observed, **response(events.get_final_response())}


def idle():
    return read(create("idle", stream=True))


def refusal_stream():
    return response(final("refusal-stream"))


def instructions():
    return response(create("instructions", instructions="Answer in German."))


def image():
    parts = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": IMAGE, "detail": "auto"},
    ]
    return response(create("image", input=[{"role": "user", "content": parts}]))


def document():
    data = "data:application/pdf;base64," + DOCUMENT
    parts = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_file", "filename": "note.pdf", "file_data": data},
    ]
    return response(create("document", input=[{"role": "user", "content": parts}]))


def structured():
    parsed = client.responses.parse(
        model=model("structured"), input=HELLO, text_format=Person
    )
    return {"parsed": parsed.output_parsed.model_dump()}


def tools():
    return converse("tools")


def tools_stored():
    return converse_stored("tools-stored")


def custom_tool(scenario, respond=create):
    """Runs a tool whose input is a text."""
    tools = [{"type": "custom", "name": "apply_patch", "description": "Applies a patch."}]
    first = respond(scenario, tools=tools)
    call = first.output[-1]
    result = {
        "type": "custom_tool_call_output",
        "call_id": call.call_id,
        "output": "The patch does not apply.",
    }
    second = respond(scenario, tools=tools, input=[*HELLO, *first.output, result])
    return {"name": call.name, "input": call.input, "text": second.output_text}


def custom():
    return custom_tool("custom")


def custom_stream():
    return custom_tool("custom-stream", final)


def parallel():
    return response(create("parallel", tools=TOOLS))


def parallel_stream():
    return read(create("parallel-stream", tools=TOOLS, stream=True))


def parallel_results():
    return converse("parallel-results")


def reasoning():
    return response(create("reasoning", reasoning={"effort": "low", "summary": "auto"}))


def reasoning_stream():
    return read(
        create("reasoning-stream", reasoning={"effort": "low", "summary": "auto"}, stream=True)
    )


def rounds():
    return converse("rounds", **STATELESS)


def rounds_stream():
    return converse("rounds-stream", final, **STATELESS)


def rounds_stored():
    return converse_stored("rounds-stored")


def rounds_stored_stream():
    return converse_stored("rounds-stored-stream", final)


def conversation():
    return turns("conversation")


def conversation_stream():
    return turns("conversation-stream", final)


def stored():
    created = create("stored", input="Hello")
    retrieved = client.responses.retrieve(created.id)
    items = client.responses.input_items.list(created.id).data
    client.responses.delete(created.id)
    return {
        "text": retrieved.output_text,
        "created": response(created),
        "retrieved": response(retrieved),
        "input": [part.text for item in items for part in item.content],
        "after": error(lambda: response(client.responses.retrieve(created.id))),
    }


def foreign():
    created = create("foreign")
    return error(lambda: response(narrow.responses.retrieve(created.id)))


def cancel():
    queued = create("cancel", background=True)
    return {
        "created": queued.status,
        "cancelled": client.responses.cancel(queued.id).status,
    }


def not_cancellable():
    created = create("not-cancellable")
    return error(lambda: response(client.responses.cancel(created.id)))


def background():
    return error(lambda: response(create("background", background=True)))


def compact():
    it = client.responses.compact(model=model("compact"), input="Hello")
    return {"encrypted": it.output[-1].encrypted_content}


def count_tokens():
    it = client.responses.input_tokens.count(model=model("count-tokens"), input="Hello")
    return {"count": it.input_tokens}


def agent():
    return response(create("agent", model=AGENT))


def unknown_members():
    it = create("unknown-members", extra_body={"x_serial": 9007199254740993, "x_note": [None]})
    return {
        "serial": it.x_serial,
        "nested": it.x_nested,
        "notes": [item.x_note for item in it.output],
    }


def unknown_members_stream():
    events = list(create("unknown-members-stream", stream=True))
    return {
        "serial": events[0].response.x_serial,
        "text": events[-1].response.output_text,
        "events": [event.type for event in events],
    }


def unauthenticated():
    return error(lambda: response(create("unauthenticated", connect("agl_wrong"))))


def forbidden():
    return error(lambda: response(create("forbidden", narrow)))


def model_not_found():
    return error(lambda: response(create("", model="no-such-model")))


def retry_advice():
    return response(create("retry-advice", client.with_options(max_retries=2)))


def no_retry():
    return error(lambda: response(create("no-retry", client.with_options(max_retries=2))))


def abort_response():
    return asyncio.run(cancelled("abort-response", lambda own: create("abort-response", own)))


def abort_stream():
    return asyncio.run(
        cancelled("abort-stream", lambda own: create("abort-stream", own, stream=True))
    )


def abort_streaming():
    events = create("abort-streaming", stream=True)
    first = next(event for event in events if event.type == "response.output_text.delta")
    events.close()
    return {"text": first.delta, "closed": control("closed", "abort-streaming")}


def run(scenario):
    if scenario in ("length", "filtered", "refusal"):
        return response(create(scenario))
    if scenario.startswith("error-"):
        return error(lambda: response(create(scenario)))
    if scenario.startswith("cut-") or scenario in ("stream-error", "stream-failed"):
        return error(lambda: read(create(scenario, stream=True)))
    return globals()[scenario.replace("-", "_")]()


main(run)
