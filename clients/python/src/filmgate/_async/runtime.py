"""The few things that are done in another way with await than without it; `_sync/runtime.py` is its counterpart."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import aclosing as closing
from typing import Any, ParamSpec, TypeVar

__all__ = ["closing", "in_thread", "pause", "told"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def in_thread(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Calls what reads a disk, without keeping others waiting."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def told(listener: Callable[[Any], object], about: object) -> None:
    """Tells a listener, which may itself be a coroutine function."""
    result = listener(about)
    if inspect.isawaitable(result):
        await result
