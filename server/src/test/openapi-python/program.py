"""Uses the service through the client that openapi-python-client makes of its description."""

import base64
import io
import json
import os

from agent_lab_client import AuthenticatedClient
from agent_lab_client.api.agent_runs import (
    create_chat_completion,
    create_vision_completion,
    stream_chat_completion,
)
from agent_lab_client.api.agents import create_agent
from agent_lab_client.api.keys import create_key
from agent_lab_client.api.providers import create_provider
from agent_lab_client.models import (
    Agent,
    AgentConfigInput,
    AgentInput,
    ApiKey,
    ApiKeyInput,
    ChatCompletion,
    ChatCompletionChunk,
    ChatRequest,
    ModelSettings,
    OpenaiConfig,
    OpenaiConfigOptions,
    Provider,
    ProviderInput,
    SimulatedConfig,
    UserMessage,
    VisionRequest,
)
from agent_lab_client.types import File

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)

client = AuthenticatedClient(
    base_url=os.environ["AGENT_LAB_URL"],
    token=os.environ["AGENT_LAB_KEY"],
    raise_on_unexpected_status=True,
)

openai = create_provider.sync(
    client=client,
    body=ProviderInput(
        name="python-openai",
        config=OpenaiConfig(
            name="openai", options=OpenaiConfigOptions(api_key="sk-canary-python")
        ),
    ),
)
assert isinstance(openai, Provider), openai
assert "sk-canary" not in json.dumps(openai.to_dict())

provider = create_provider.sync(
    client=client,
    body=ProviderInput(name="python", config=SimulatedConfig(name="simulated")),
)
assert isinstance(provider, Provider), provider

agent = create_agent.sync(
    client=client,
    body=AgentInput(
        name="python",
        config=AgentConfigInput(provider=provider.name, model=ModelSettings(name="any")),
    ),
)
assert isinstance(agent, Agent), agent

completion = create_chat_completion.sync(
    agent.id,
    client=client,
    body=ChatRequest(messages=[UserMessage(role="user", content="Hello")]),
)
assert isinstance(completion, ChatCompletion), completion
assert "Hello" in completion.choices[0].message.content, completion

stream = stream_chat_completion.sync(
    agent.id, client=client, body=ChatRequest(prompt="Hello")
)
assert isinstance(stream, str), stream
chunks = [
    ChatCompletionChunk.from_dict(json.loads(line.removeprefix("data: ")))
    for line in stream.splitlines()
    if line.startswith("data: {")
]
said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
assert "Hello" in said, stream
assert "data: [DONE]" in stream, stream

image = File(payload=io.BytesIO(PNG), file_name="pixel.png", mime_type="image/png")
seen = create_vision_completion.sync(
    agent.id, client=client, body=VisionRequest(prompt="What is it?", images=[image])
)
assert isinstance(seen, ChatCompletion), seen

key = create_key.sync(
    client=client, body=ApiKeyInput(name="python", scopes=[f"invoke:{agent.id}"])
)
assert isinstance(key, ApiKey), key
assert key.key.startswith("agl_"), "no key in the answer"
