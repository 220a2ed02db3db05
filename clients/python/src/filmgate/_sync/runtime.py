"""The few things that are done in another way without await than with it; `_async/runtime.py` is its counterpart."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, ParamSpec, TypeVar

__all__ = ["closing", "in_thread", "pause", "told"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def pause(seconds: float) -> None:
    time.sleep(seconds)


def in_thread(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Calls what reads a disk: here, nobody is kept waiting but the caller."""
    return function(*args, **kwargs)


def told(listener: Callable[[Any], object], about: object) -> None:
    """Tells a listener."""
    listener(about)
