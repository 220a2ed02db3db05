"""How a video is doing, in the words that all of filmgate's faces use: pages, the embedded player, the terminal."""

from __future__ import annotations

from .contract import Video

STORING_PROGRESS = 95
"""The server keeps what lies above for the time after MiniMax has made it."""


def describe_progress(video: Video, expected_seconds: int | None = None) -> str:
    """One honest sentence without a full stop: `in the queue, 3rd`, `MiniMax is making it, usually 95 s`, `storing it`.

    `expected_seconds` is how long such a video usually takes, from the models' list; None where it is not known.
    """
    if video["status"] == "queued":
        place = video["queue_position"]
        return "on its way to MiniMax" if place is None else f"in the queue, {_ordinal(place)}"
    if video["status"] == "in_progress":
        if video["progress"] >= STORING_PROGRESS:
            return "storing it"
        return "MiniMax is making it" + (
            "" if expected_seconds is None else f", usually {expected_seconds} s"
        )
    return "ready" if video["status"] == "completed" else "not made"


def _ordinal(place: int) -> str:
    is_teen = 11 <= place % 100 <= 13
    return f"{place}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"
