"""Every request that the client makes, as a value: what is asked, and what kind of answer comes. Nothing is sent here.

An order carries one Idempotency-Key for all its attempts, so that however often it arrives it is one order.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

from . import contract
from .errors import FilmgateError
from .orders import LinkOptions, ListOptions
from .retries import Repeating

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """A request whose answer is an `Answer`."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    """With its query; ids in it are encoded."""
    body: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    repeating: Repeating = "asks"
    idempotency_key: str | None = None
    """Of an order."""
    hold_seconds: int = 0
    """How long the server is asked to hold its answer: time that no timeout counts."""
    deadline: float | None = None
    """Monotonic second after which nobody wants the answer any more."""


def create(order: Mapping[str, Any], key: str | None) -> Call[contract.CreateVideoResponse]:
    return _order("/v1/videos/generations", order, key)


def quote_order(order: Mapping[str, Any]) -> Call[contract.DryRunResponse]:
    return _order("/v1/videos/generations", order, None)


def create_from_image(order: Mapping[str, Any], key: str | None) -> Call[contract.CreateVideoResponse]:
    return _order("/v1/videos/minimax/generations", {"model": "MiniMax-Hailuo-2.3", **order}, key)


def require_meant(order: Mapping[str, Any]) -> None:
    """Raises FilmgateError `invalid_argument` for a dry run, which makes nothing to wait for."""
    if order.get("dry_run"):
        raise FilmgateError(
            "generate makes a video: to check and price the order only, call create with dry_run.",
            code="invalid_argument",
            param="dry_run",
        )


def new_key() -> str:
    """An Idempotency-Key that no other order has."""
    return str(uuid.uuid4())


def query_video_status(
    task_id: str,
    *,
    include_download_url: bool = False,
    wait_seconds: int | None = None,
    deadline: float | None = None,
) -> Call[contract.QueryVideoResponse]:
    query = {"wait": wait_seconds, "include_download_url": include_download_url or None}
    path = f"/v1/videos/query/{segment('task_id', task_id)}{_search(query)}"
    return Call("GET", path, hold_seconds=wait_seconds or 0, deadline=deadline)


def download_video(file_id: str, options: LinkOptions) -> Call[contract.DownloadVideoResponse]:
    query = {name: options.get(name) for name in ("expires_in", "disposition", "filename", "via")}
    return Call("GET", f"/v1/videos/download/{segment('file_id', file_id)}{_search(query)}")


def get(task_id: str, *, include_events: bool = False) -> Call[contract.Video]:
    query = {"include": "events" if include_events else None}
    return Call("GET", f"/v1/videos/{segment('task_id', task_id)}{_search(query)}")


def list_videos(options: ListOptions) -> Call[contract.ListVideosResponse]:
    query = {
        **{name: options.get(name) for name in ("limit", "after", "order", "status", "model")},
        "created_after": _seconds(options.get("created_after")),
        "created_before": _seconds(options.get("created_before")),
    }
    return Call("GET", f"/v1/videos{_search(query)}")


def watch(task_id: str) -> Call[bytes]:
    return Call("GET", f"/v1/videos/{segment('task_id', task_id)}/events")


def retry(task_id: str) -> Call[contract.CreateVideoResponse]:
    return _post(f"/v1/videos/{segment('task_id', task_id)}/retry")


def publish(task_id: str, settings: Mapping[str, Any]) -> Call[contract.Publication]:
    return _post(f"/v1/videos/{segment('task_id', task_id)}/publish", _json(settings))


def unpublish(task_id: str) -> Call[contract.UnpublishResponse]:
    return Call("DELETE", f"/v1/videos/{segment('task_id', task_id)}/publish", repeating="harmless")


def delete(task_id: str) -> Call[contract.DeleteVideoResponse]:
    return Call("DELETE", f"/v1/videos/{segment('task_id', task_id)}", repeating="look")


def models() -> Call[contract.ListModelsResponse]:
    return Call("GET", "/v1/videos/models")


def upload_image(image: bytes) -> Call[contract.UploadedImage]:
    return _post("/v1/files", image, "application/octet-stream")


def usage() -> Call[contract.UsageResponse]:
    return Call("GET", "/v1/usage")


def create_ticket(request: contract.CreateTicketRequest) -> Call[contract.CreatedTicket]:
    return _post("/v1/tickets", _json(request))


def segment(name: str, value: str) -> str:
    """An id as one segment of a path, whatever is in it.

    Raises FilmgateError `invalid_argument` for what would lead to another route: nothing, or dots.
    """
    if isinstance(value, str) and value not in ("", ".", ".."):
        return quote(value, safe="")
    raise FilmgateError(
        f"{name} must be an id, as an answer gave it, not {value!r}.", code="invalid_argument", param=name
    )


def _order(path: str, order: Mapping[str, Any], key: str | None) -> Call[Any]:
    """A dry run makes nothing that a key would have to keep from being made twice."""
    call: Call[Any] = Call("POST", path, body=_json(order), content_type="application/json")
    return call if order.get("dry_run") else replace(call, repeating="order", idempotency_key=_read_key(key))


def _post(path: str, body: bytes | None = None, content_type: str = "application/json") -> Call[Any]:
    """What may be repeated without a key."""
    return Call(
        "POST",
        path,
        body=body,
        content_type=None if body is None else content_type,
        repeating="harmless",
    )


def _read_key(given: str | None) -> str:
    key = new_key() if given is None else given
    if isinstance(key, str) and re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        return key
    raise FilmgateError(
        "idempotency_key takes 1 to 255 visible ASCII characters.",
        code="invalid_idempotency_key",
        param="idempotency_key",
    )


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def _search(query: Mapping[str, Any]) -> str:
    given = {name: _written(value) for name, value in query.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seconds(at: datetime | int | None) -> int | None:
    return int(at.timestamp()) if isinstance(at, datetime) else at
