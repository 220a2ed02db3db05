"""Server-sent events as the WHATWG's HTML standard has them (9.2.6), from bytes as they arrive.

Only what filmgate sends is kept: the event's name, its id and its data.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple


class StreamEvent(NamedTuple):
    event: str
    id: str
    data: str


class EventReader:
    """Takes the pieces of one body; an event that is cut off in its middle is not told."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._id = ""
        self._event = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[StreamEvent]:
        """The events that end in this piece."""
        # Lines end with LF, CR LF or CR; a CR at the end of a piece may be half of a CR LF.
        *lines, self._rest = re.split(r"\r\n|\n|\r(?!\Z)", self._rest + self._decoder.decode(piece))
        for line in lines:
            if line == "":
                if self._data:
                    yield StreamEvent(self._event or "message", self._id, "\n".join(self._data))
                self._event, self._data = "", []
            else:
                self._read_field(*line.partition(":")[::2])

    def _read_field(self, field: str, value: str) -> None:
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value
        elif field == "id" and "\0" not in value:
            self._id = value
