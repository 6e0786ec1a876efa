"""Performs operations of a published Python client, as sdk_call does of the SDK.

The client is the one that PYTHONPATH leads to. `describe` in place of an operation lists what it has.
"""

import asyncio
import datetime
import inspect
import json
import sys

import drukbox_sdk


def described():
    """operation -> its parameters."""
    members = inspect.getmembers(drukbox_sdk.SandboxAPI, inspect.iscoroutinefunction)
    return {
        name: [parameter for parameter in inspect.signature(function).parameters if parameter != "self"]
        for name, function in members
        if not name.startswith("_")
    }


async def outcome_of(api, call):
    operation = call.pop("operation")
    if operation == "describe":
        return {"result": described()}
    if "expires_at" in call:
        call["expires_at"] = datetime.datetime.fromisoformat(call["expires_at"])
    try:
        await getattr(api, operation)(**call)
        return {"result": None}
    except drukbox_sdk.SandboxUnavailableError as error:
        return {"error": type(error).__name__, "detail": str(error)}


async def main():
    config = json.loads(sys.argv[1])
    api = drukbox_sdk.SandboxAPI(base_url=config["base_url"], token=config["token"])
    for line in sys.stdin:
        print(json.dumps(await outcome_of(api, json.loads(line))), flush=True)
    await api.aclose()


asyncio.run(main())
