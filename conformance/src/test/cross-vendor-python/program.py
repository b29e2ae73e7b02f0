"""Lets the three vendors' libraries for Python call a tool with models of other vendors.

The arguments are pairs of a vendor, whose library calls, and a model. For each pair a JSON line
says what the library returned, with the sum of the tokens that it reported.
"""

import json
import os
import sys
import traceback

import anthropic
import openai
from google import genai
from google.genai import types

URL = os.environ["CONFORMANCE_URL"]
KEY = os.environ["CONFORMANCE_KEY"]
RESULT = "17 degrees"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


class OpenAi:
    def __init__(self, model):
        self.client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
        self.model = model
        self.messages = [{"role": "user", "content": "Hello"}]

    def ask(self):
        function = {"name": "get_weather", "description": "Weather.", "parameters": SCHEMA}
        response = self.client.chat.completions.create(
            model=self.model,
            messages=self.messages,
            tools=[{"type": "function", "function": function}],
        )
        message = response.choices[0].message
        self.messages.append(message)
        calls = message.tool_calls or []
        for call in calls:
            self.messages.append({"role": "tool", "tool_call_id": call.id, "content": RESULT})
        it = response.usage
        usage = {
            "input": it.prompt_tokens,
            "cached": it.prompt_tokens_details.cached_tokens if it.prompt_tokens_details else 0,
            "output": it.completion_tokens,
            "reasoning": it.completion_tokens_details.reasoning_tokens
            if it.completion_tokens_details
            else 0,
        }
        return [json.loads(call.function.arguments) for call in calls], message.content, usage


class Anthropic:
    def __init__(self, model):
        self.client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
        self.model = model
        self.messages = [{"role": "user", "content": "Hello"}]

    def ask(self):
        response = self.client.messages.create(
            model=self.model,
            max_tokens=2048,
            messages=self.messages,
            tools=[{"name": "get_weather", "description": "Weather.", "input_schema": SCHEMA}],
        )
        calls = [block for block in response.content if block.type == "tool_use"]
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": RESULT} for call in calls
        ]
        self.messages += [
            {"role": "assistant", "content": response.content},
            {"role": "user", "content": results},
        ]
        it = response.usage
        cached = it.cache_read_input_tokens or 0
        usage = {
            "input": it.input_tokens + cached + (it.cache_creation_input_tokens or 0),
            "cached": cached,
            "output": it.output_tokens,
            "reasoning": it.output_tokens_details.thinking_tokens
            if it.output_tokens_details
            else 0,
        }
        text = "".join(block.text for block in response.content if block.type == "text")
        return [call.input for call in calls], text, usage


class Google:
    def __init__(self, model):
        # The library closes its connections with the client.
        self.client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL))
        function = types.FunctionDeclaration(
            name="get_weather", description="Weather.", parameters_json_schema=SCHEMA
        )
        tools = [types.Tool(function_declarations=[function])]
        config = types.GenerateContentConfig(tools=tools)
        self.chat = self.client.chats.create(model=model, config=config)
        self.message = "Hello"

    def ask(self):
        response = self.chat.send_message(self.message)
        calls = response.function_calls or []
        self.message = [
            types.Part.from_function_response(name=call.name, response={"result": RESULT})
            for call in calls
        ]
        it = response.usage_metadata
        reasoning = it.thoughts_token_count or 0
        usage = {
            "input": it.prompt_token_count,
            "cached": it.cached_content_token_count or 0,
            "output": it.candidates_token_count + reasoning,
            "reasoning": reasoning,
        }
        parts = response.candidates[0].content.parts
        text = "".join(part.text for part in parts if part.text and not part.thought)
        return [call.args for call in calls], text, usage


def converse(conversation):
    """Asks until the model calls no tool."""
    arguments, totals = [], {}
    while True:
        calls, text, usage = conversation.ask()
        arguments += calls
        totals = {name: totals.get(name, 0) + (count or 0) for name, count in usage.items()}
        if not calls:
            return {"text": text, "arguments": arguments, "usage": totals}


LIBRARIES = {"openai": OpenAi, "anthropic": Anthropic, "gemini": Google}

for vendor, model in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        line = {"scenario": model, "observed": converse(LIBRARIES[vendor](model))}
    except Exception:
        line = {"scenario": model, "crash": traceback.format_exc()}
    print(json.dumps(line), flush=True)
