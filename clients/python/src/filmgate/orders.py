"""What a caller gives and gets beyond the contract: kinds of orders, options of links and lists, what `generate` makes."""

from datetime import datetime
from typing import Literal

from ._typing import Required, TypedDict
from .contract import OrderFields, Video, VideoStatus


class VideoOrder(OrderFields, total=False):
    """An order that is meant."""

    model: Required[str]
    first_frame_image: str
    dry_run: Literal[False]


class VideoQuoteRequest(OrderFields, total=False):
    """An order that is only checked and priced."""

    model: Required[str]
    first_frame_image: str
    dry_run: Required[Literal[True]]


class ImageVideoOrder(OrderFields, total=False):
    """An order that begins with an image; the model defaults to MiniMax-Hailuo-2.3."""

    model: str
    first_frame_image: Required[str]
    dry_run: Literal[False]


class LinkOptions(TypedDict, total=False):
    """How a signed link is wanted."""

    expires_in: int | None
    """How long the link must work, in seconds: 60 to 604,800 (7 days), by default 86,400."""
    disposition: Literal["inline", "attachment"] | None
    """`inline` (default) to be played, `attachment` to be saved."""
    filename: str | None
    """What it is saved as, if it is to be saved; `.mp4` is put at its end."""
    via: Literal["worker", "r2"] | None
    """`worker` (default): served by filmgate. `r2`: by R2 itself, where the deployment has S3 credentials; the
    answer's `notice` says what such a link cannot do."""


class ListOptions(TypedDict, total=False):
    """Which videos, and how many on a page."""

    limit: int | None
    """How many videos a page has: 1 to 100, by default 20."""
    after: str | None
    """The id behind which the page begins: `last_id` of the page before."""
    order: Literal["asc", "desc"] | None
    """`desc` (default) is newest first."""
    status: VideoStatus | None
    model: str | None
    created_after: datetime | int | None
    """From this second on; a datetime without a zone is local time."""
    created_before: datetime | int | None


class GeneratedVideo(TypedDict):
    """What `generate` made."""

    video: Video
    """The whole record: size, cost, hash, metadata."""
    task_id: str
    file_id: str
    download_url: str
    """Plays anywhere until it expires, without a key."""
    expires_at: int
    """Unix second at which the link ends."""
    bytes: int
    sha256: str
    """Of the file, in hex."""
