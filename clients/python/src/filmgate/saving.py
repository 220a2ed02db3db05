"""What is written to disk while a video is saved, and what is asked next for it. Nothing here asks.

Bytes are collected in a file beside the target whose name holds the video's hash, so that what an earlier call left
is carried on only for the very same video. The target appears in one step, and only once length and SHA-256 are right.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import httpx

from ._typing import Self
from .contract import DownloadVideoResponse
from .errors import FilmgateError

PIECE_BYTES = 1 << 20


class PartFile:
    """The bytes that are there so far. A context manager: closed, it stays on disk for the next call."""

    def __init__(self, target: str | os.PathLike[str], promised: DownloadVideoResponse) -> None:
        path = Path(target)
        self.target = path / Path(promised["filename"]).name if path.is_dir() else path
        self._promised = promised
        self._path = self.target.with_name(f"{self.target.name}.{promised['sha256'][:16]}.part")
        self._hash = hashlib.sha256()
        self._file: BinaryIO = self._path.open("a+b")
        self.size = 0
        self._file.seek(0)
        while piece := self._file.read(PIECE_BYTES):
            self._hash.update(piece)
            self.size += len(piece)
        if self.size > promised["bytes"]:
            self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def is_whole(self) -> bool:
        return self.size >= self._promised["bytes"]

    def headers(self) -> dict[str, str]:
        """How to ask for what is missing; bytes as they are, since a compressed body has other positions."""
        return {
            "accept": "video/mp4",
            "accept-encoding": "identity",
            **({"range": f"bytes={self.size}-"} if self.size > 0 else {}),
        }

    def begin(self, response: httpx.Response) -> None:
        """A body follows: the missing rest, or all of it where ranges are not heeded."""
        start = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
        if response.status_code != 206 or start is None or int(start[1]) != self.size:
            self.restart()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)
        if self.size > self._promised["bytes"]:
            raise self._corrupt(f"more than its {self._promised['bytes']} bytes came")

    def restart(self) -> None:
        self._file.truncate(0)
        self._hash = hashlib.sha256()
        self.size = 0

    def finish(self) -> Path:
        """Puts the file in its place; raises FilmgateError `corrupt_download` if it is not the video."""
        if self._hash.hexdigest() != self._promised["sha256"]:
            raise self._corrupt("its SHA-256 is another")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.replace(self.target)
        return self.target

    def _corrupt(self, why: str) -> FilmgateError:
        # What is wrong is not carried on: the next call begins anew.
        self._file.close()
        self._path.unlink(missing_ok=True)
        return FilmgateError(
            f"What was saved of {self._promised['file_id']} is not the video: {why}. Nothing was kept; save it again.",
            code="corrupt_download",
            retryable=True,
        )
