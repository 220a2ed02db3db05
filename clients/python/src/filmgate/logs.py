"""Keeps what signs a link out of httpx's log, where every request stands with its whole address, at INFO.

Nothing but the links that this client fetches is touched: whoever fetches one says so for the while.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

_is_signed: ContextVar[bool] = ContextVar("filmgate_is_signed", default=False)


@contextmanager
def without_signature() -> Iterator[None]:
    """What is requested inside is logged without its query."""
    token = _is_signed.set(True)
    try:
        yield
    finally:
        _is_signed.reset(token)


class _QueryFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _is_signed.get() and isinstance(record.args, tuple):
            record.args = tuple(
                one.copy_with(query=None) if isinstance(one, httpx.URL) else one for one in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_QueryFilter())
