"""When to ask again for a video, and when to stop asking. Pure: the drivers pass what happened, and the time.

The server holds each question until the video is over, so the answer comes at once when there is one; in between,
answers come often enough to show progress. A wait outlives a network that is away for a while.
"""

from __future__ import annotations

import math

from .contract import QueryVideoResponse
from .errors import FilmgateError, WaitTimeoutError
from .retries import is_passing

SHORTEST_INTERVAL_SECONDS = 0.25
LONGEST_INTERVAL_SECONDS = 60.0
"""The server holds a question no longer: with more time between two, the end would be heard of late."""
PATIENCE_SECONDS = 60.0
"""How long nothing but passing failures is borne, beyond the retries of each question."""


def has_failed(status: QueryVideoResponse) -> bool:
    # filmgate says `failed` to those who do not know MiniMax's word.
    return status["status"] in ("Fail", "failed")


class Wait:
    """One wait for one task. Instants are monotonic seconds."""

    def __init__(self, task_id: str, *, interval: float, max_wait: float, grace: float, now: float) -> None:
        self._task_id = task_id
        self._interval = min(max(interval, SHORTEST_INTERVAL_SECONDS), LONGEST_INTERVAL_SECONDS)
        self._max_wait = max_wait
        self._end = now + max_wait
        self.deadline = self._end + grace
        """When a question under way is given up, too."""
        self._asked_at = self._answered_at = now
        self._last: QueryVideoResponse | None = None
        self._failure: FilmgateError | None = None

    def ask(self, now: float) -> int:
        """Begins a question; for how many seconds the server may hold its answer."""
        self._asked_at = now
        return math.floor(min(self._interval, max(self._end - now, 0.0)))

    def hear(self, status: QueryVideoResponse, now: float) -> bool:
        """An answer came; whether it is the last."""
        self._last, self._failure, self._answered_at = status, None, now
        return status["status"] == "Success" or has_failed(status)

    def bear(self, error: FilmgateError, now: float) -> None:
        """A question failed; raises its error unless it passes."""
        self._failure = error
        if now >= self.deadline:
            raise self._too_late()
        if not is_passing(error) or now - self._answered_at > PATIENCE_SECONDS:
            raise error

    def pause(self, now: float) -> float:
        """Seconds until the next question; raises WaitTimeoutError if there is none."""
        if now >= self._end:
            raise self._too_late()
        return max(0.0, min(self._asked_at + self._interval, self._end) - now)

    def _too_late(self) -> WaitTimeoutError:
        last = self._last
        state = "Nothing was heard of" if last is None else f"{last['status']} ({last['progress']} %) is"
        error = WaitTimeoutError(
            f"{state} {self._task_id} after {self._max_wait:g} s. It goes on by itself: wait for it again, "
            "or raise max_wait.",
            task_id=self._task_id,
            last_status=last,
        )
        error.__cause__ = self._failure
        return error
