"""Which failures are worth another attempt, and how long to wait before it. Pure: chance and time are arguments."""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

from .errors import FilmgateConnectionError, FilmgateError

Repeating: TypeAlias = Literal["asks", "order", "harmless", "look"]
"""What repeating a request does whose answer was lost.

`asks`: it asks again, nothing is made or kept by it. `order`: it is the same order, by its key, and paid once.
`harmless`: it leaves things as once did, or makes another of what costs nothing. `look`: it may do more than once did,
so that somebody has to look first.
"""

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 8.0
LONGEST_ASKED_SECONDS = 60.0
"""A server that asks for more than this is not waited for: the caller is told instead."""


def is_passing(error: FilmgateError) -> bool:
    """Whether it was the moment that was wrong rather than the request: no answer, 429 or 5xx."""
    if isinstance(error, FilmgateConnectionError):
        return error.retryable
    return error.retryable and error.status is not None and is_passing_status(error.status)


def is_passing_status(status: int) -> bool:
    return status == 429 or status >= 500


def retry_wait(error: FilmgateError, attempt: int, chance: float) -> float | None:
    """Seconds to wait before another attempt, or None if there should be none.

    `attempt` is how many were made before the one that failed; `chance`, from 0 to 1, keeps clients that failed
    together from coming back together.
    """
    if not is_passing(error):
        return None
    own: float = min(FIRST_WAIT_SECONDS * 2**attempt, LONGEST_WAIT_SECONDS) * (0.5 + chance / 2)
    if error.retry_after is None:
        return own
    return None if error.retry_after > LONGEST_ASKED_SECONDS else max(error.retry_after, own)


def read_retry_after(header: str | None, now: float) -> float | None:
    """`Retry-After` as seconds from `now` (epoch seconds), from either of its forms."""
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
        # A date whose zone is told as -0000 comes without one: it is UTC.
        seconds = (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, seconds - now)
