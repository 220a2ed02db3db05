"""What the client raises.

One class tells everything; it has subclasses only where a caller would catch one apart. The message is the server's
own sentence, which says what to change. Codes are the rows of filmgate's table, docs/errors.md; the client's own are
`invalid_setting`, `invalid_argument`, `connection_failed`, `timeout`, `redirected`, `unreadable_answer`,
`wait_timeout`, `corrupt_download`, `webhook_unsigned`, `webhook_expired` and `webhook_invalid`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .contract import CostState, QueryVideoResponse


class MiniMaxAnswer(NamedTuple):
    """What MiniMax said, word for word."""

    status_code: int
    status_message: str


class FilmgateError(Exception):
    """Why a call could not be answered as asked; `str()` of it is the sentence."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        request_id: str | None = None,
        param: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        minimax: MiniMaxAnswer | None = None,
        details: Mapping[str, Any] | None = None,
        task_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        """Which way of saying no; see docs/errors.md."""
        self.status = status
        """HTTP status of the answer; None if there was none."""
        self.request_id = request_id
        """`x-request-id` of the answer: what the operator finds it by."""
        self.param = param
        """The field, header or parameter at fault."""
        self.retryable = retryable
        """Whether the same request may succeed later without a change."""
        self.retry_after = retry_after
        """How many seconds the server asks to wait."""
        self.minimax = minimax
        """MiniMax's own code and sentence, where it was MiniMax that said no."""
        self.details: Mapping[str, Any] = details or {}
        """What else the answer told."""
        self.task_id = task_id
        """The task that this is about, where one is known."""
        self.idempotency_key = idempotency_key
        """The key of the order that this is about. Give it again to ask for the same order, not for a second one."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are pickled by their positional arguments, and these have more: process pools hand them on.
        return (_rebuild, (type(self), str(self), self.__dict__))


class VideoFailedError(FilmgateError, RuntimeError):
    """The task ended without a video: refused by MiniMax, moderated, failed, cancelled. `code` says which."""

    task_id: str

    def __init__(self, message: str, *, cost_state: CostState | None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.cost_state = cost_state
        """What it means for the money: `released` was not charged, `settled` was, `held` may have been; None if
        that was not told."""


class WaitTimeoutError(FilmgateError, TimeoutError):
    """The video was not finished in `max_wait` seconds. It goes on by itself: wait again with the same `task_id`."""

    task_id: str

    def __init__(self, message: str, *, task_id: str, last_status: QueryVideoResponse | None) -> None:
        super().__init__(message, code="wait_timeout", retryable=True, task_id=task_id)
        self.last_status = last_status
        """The last that was heard of it; None if nothing was."""


class FilmgateConnectionError(FilmgateError, ConnectionError):
    """No answer came: `connection_failed`, or `timeout`. The request may have arrived nevertheless."""


class WebhookError(FilmgateError):
    """The request is not a webhook of filmgate's, or not a fresh one. Answer it with 400 and do nothing."""


def _rebuild(kind: type[FilmgateError], message: str, facts: dict[str, Any]) -> FilmgateError:
    error = kind.__new__(kind, message)
    Exception.__init__(error, message)
    error.__dict__.update(facts)
    return error
