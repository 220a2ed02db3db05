"""An image of the caller's, as bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, TypeAlias

Image: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO"
"""A path, the bytes themselves, or a file that was opened for reading bytes."""


def read_image(image: Image) -> bytes:
    """Raises OSError if it cannot be read, TypeError if it is no image at all."""
    if isinstance(image, str | os.PathLike):
        return Path(image).read_bytes()
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    content = image.read() if hasattr(image, "read") else None
    if isinstance(content, bytes):
        return content
    raise TypeError("upload_image takes a path, bytes, or a file that was opened for reading bytes.")
