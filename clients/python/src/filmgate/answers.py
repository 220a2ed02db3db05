"""Reading answers: JSON where all is well, and otherwise an error from whichever form the route speaks.

MiniMax-like routes say `{error: "sentence", code, details, base_resp}`, all others `{error: {message, code, param}}`;
a proxy in between says what it likes.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, cast

import httpx

from .contract import QueryVideoResponse, Video
from .errors import FilmgateConnectionError, FilmgateError, MiniMaxAnswer, VideoFailedError
from .retries import Repeating, is_passing_status, read_retry_after

PASSING_OUTCOMES = ("provider_busy", "not_sent")
"""Outcomes that another try may change, as docs/errors.md has them; the video object does not tell."""


@dataclass(frozen=True)
class Asked:
    """What was asked, for sentences."""

    method: str
    url: str
    idempotency_key: str | None = None
    repeating: Repeating = "asks"


def read_answer(response: httpx.Response, body: bytes, asked: Asked) -> Any:
    """The JSON of a success; raises FilmgateError for everything else."""
    if 300 <= response.status_code < 400:
        raise _redirected(response, asked)
    text = body.decode(errors="replace")
    try:
        answer = json.loads(text)
    except ValueError:
        raise unreadable(response, text, asked) from None
    if not response.is_success:
        raise _refused(response, answer, text, asked)
    return answer


def unanswered(asked: Asked, cause: Exception, timeout: float) -> FilmgateConnectionError:
    """The error of a request without an answer; `timeout` is how many seconds an attempt may take."""
    is_timeout = isinstance(cause, httpx.TimeoutException)
    what = f"was not answered within {timeout:g} s" if is_timeout else "got no answer"
    why = "" if is_timeout else f" ({str(cause) or type(cause).__name__})"
    what_next = {
        "asks": "Look at base_url and the network, and ask again.",
        "order": "It may have arrived: to repeat it without ordering twice, give this error's idempotency_key.",
        "harmless": "It may have been done. To repeat it is safe, and costs nothing more.",
        "look": "It may have been done: look with get() before repeating it.",
    }[asked.repeating]
    return FilmgateConnectionError(
        f"{asked.method} {asked.url} {what}{why}. {what_next}",
        code="timeout" if is_timeout else "connection_failed",
        retryable=asked.repeating != "look",
        idempotency_key=asked.idempotency_key,
    )


def unreadable(response: httpx.Response, text: str, asked: Asked) -> FilmgateError:
    """The error of an answer that is not filmgate's."""
    start = text.strip()[:120]
    words = f"with '{start}{'…' if len(text) > 120 else ''}'" if start else "without a body"
    return FilmgateError(
        f"{asked.method} {asked.url} was answered {response.status_code} {words}, which is not filmgate's. "
        "Look at what base_url points to, and at what stands in between.",
        **_facts(response, asked),
        code="unreadable_answer",
    )


def video_failure(task_id: str, status: QueryVideoResponse, video: Video | None) -> VideoFailedError:
    """The error of a task that failed: a query tells the sentence, the video object its code and the money."""
    known = video["error"] if video else None
    code = known["code"] if known else "video_failed"
    sentence = status.get("error")
    return VideoFailedError(
        sentence or "The video could not be made.",
        code=code,
        retryable=code in PASSING_OUTCOMES,
        minimax=_minimax_answer(status.get("base_resp"), sentence),
        task_id=task_id,
        # A publishable key is told no cost.
        cost_state=video["cost"]["state"] if video and "cost" in video else None,
    )


def _refused(response: httpx.Response, answer: Any, text: str, asked: Asked) -> FilmgateError:
    facts = _facts(response, asked)
    body = _mapping(answer)
    error = body.get("error")
    if isinstance(error, str) and isinstance(body.get("code"), str):
        details = _mapping(body.get("details"))
        facts |= {"code": body["code"], "details": details, "param": _text(details.get("param"))}
        facts["minimax"] = _minimax_answer(body.get("base_resp"), error)
        task_id = _text(details.get("task_id"))
        if task_id is None:
            return FilmgateError(error, **facts)
        # A create that names a task tells how that task ended; it does so only if nothing was charged.
        return VideoFailedError(error, **facts, task_id=task_id, cost_state="released")
    told = _mapping(error)
    message, code = _text(told.get("message")), _text(told.get("code"))
    if message is not None and code is not None:
        return FilmgateError(message, **facts, code=code, param=_text(told.get("param")))
    return unreadable(response, text, asked)


def _minimax_answer(base: object, sentence: str | None) -> MiniMaxAnswer | None:
    """What MiniMax said, if it said anything: filmgate repeats its own sentence there where MiniMax did not."""
    envelope = _mapping(base)
    code, words = envelope.get("status_code"), _text(envelope.get("status_msg"))
    if not isinstance(code, int) or words is None or words == sentence:
        return None
    return MiniMaxAnswer(code, words)


def _facts(response: httpx.Response, asked: Asked) -> dict[str, Any]:
    advice = response.headers.get("x-should-retry")
    return {
        "status": response.status_code,
        "request_id": response.headers.get("x-request-id"),
        "retryable": is_passing_status(response.status_code) if advice is None else advice == "true",
        "retry_after": read_retry_after(response.headers.get("retry-after"), time.time()),
        "idempotency_key": asked.idempotency_key,
    }


def _redirected(response: httpx.Response, asked: Asked) -> FilmgateError:
    """Not followed: a POST would arrive as a GET, and the key would travel to another place."""
    location = response.headers.get("location")
    where = "elsewhere" if location is None else f"to {location}"
    return FilmgateError(
        f"{asked.method} {asked.url} is redirected {where}, which is not followed. "
        "Set base_url to the address that answers itself.",
        **_facts(response, asked),
        code="redirected",
        param="base_url",
    )


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
