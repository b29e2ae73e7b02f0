"""What the programs share: the settings, the client, and the loop over the scenarios."""

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
DOCUMENT = os.environ["CONFORMANCE_DOCUMENT"]
AGENT = os.environ["CONFORMANCE_AGENT"]


class Person(BaseModel):
    name: str
    born: int


def connect(key):
    return openai.OpenAI(base_url=BASE_URL, api_key=key, max_retries=0)


client = connect(os.environ["CONFORMANCE_KEY"])
narrow = connect(os.environ["CONFORMANCE_NARROW_KEY"])


def model(scenario):
    return os.environ["CONFORMANCE_MODEL"].replace("{scenario}", scenario)


def models():
    return {
        "listed": [it.id for it in client.models.list()],
        "retrieved": client.models.retrieve(os.environ["CONFORMANCE_LISTED_MODEL"]).id,
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


async def cancelled(scenario, create):
    """Cancels a call that has arrived, and reports what the upstream sees."""
    own = openai.AsyncOpenAI(base_url=BASE_URL, api_key=client.api_key, max_retries=0)
    calling = asyncio.create_task(create(own))
    received = await asyncio.to_thread(control, "received", scenario)
    calling.cancel()
    return {"received": received, "closed": await asyncio.to_thread(control, "closed", scenario)}


def main(run):
    """Runs the scenarios of the command line and prints what they returned, one JSON line each."""
    print(json.dumps({"client": "openai", "version": openai.__version__}))
    for name in sys.argv[1:]:
        try:
            line = {"scenario": name, "observed": run(name)}
        except Exception:
            line = {"scenario": name, "crash": traceback.format_exc()}
        print(json.dumps(line), flush=True)
