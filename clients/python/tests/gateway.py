"""The running gateway that the tests meet, and the two clients behind one face."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
import uuid
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from filmgate import AsyncFilmgate, Filmgate

MODEL = "MiniMax-Hailuo-2.3"
URL = os.environ.get("FILMGATE_URL", "")
KEY = os.environ.get("FILMGATE_API_KEY", "")
SIMULATOR = os.environ.get("FILMGATE_SIMULATOR_URL", "")

if not (URL and KEY and SIMULATOR):
    pytest.exit("These tests need a gateway and its simulator: npm run check:python starts them.", 1)


def new_prompt(scenario: str = "") -> str:
    """A prompt that no other test has, with a scenario for the simulator in it."""
    return f"A test {uuid.uuid4()}" + (f" [sim: {scenario}]" if scenario else "")


def ledger(prompt: str) -> dict[str, Any]:
    """What the simulator saw and would bill for orders with this prompt."""
    answer = httpx.get(f"{SIMULATOR}/simulator/ledger", params={"prompt": prompt})
    return cast("dict[str, Any]", answer.raise_for_status().json())


class Blocking:
    """An asynchronous client, called as the other one is: its coroutines are waited for, on a loop of their own."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._target = target
        if loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, daemon=True).start()
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return Blocking(found, self._loop)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            if inspect.isawaitable(result):
                return self._wait(result)
            return self._iterate(result) if inspect.isasyncgen(result) else result

        return call

    def __repr__(self) -> str:
        return repr(self._target)

    def close(self) -> None:
        self._wait(self._target.aclose())

    def _iterate(self, generator: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._wait(anext(generator))
                except StopAsyncIteration:
                    return
        finally:
            self._wait(generator.aclose())

    def _wait(self, awaitable: Any) -> Any:
        async def waited() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(waited(), self._loop).result(60)


def make_client(kind: str, **settings: Any) -> Filmgate:
    """`kind` is "sync" or "async"; the settings are by default the gateway's."""
    settings = {"api_key": KEY, "base_url": URL, **settings}
    if kind == "sync":
        return Filmgate(**settings)
    return cast("Filmgate", Blocking(AsyncFilmgate(**settings)))
