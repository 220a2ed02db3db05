# Made from _async/video.py by build_sync.py: change that, and run it.
"""`filmgate.video`: ordering videos, following them, and getting their links. Answers are the server's, untouched."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Literal, overload

from .. import calls
from .._typing import Unpack
from ..answers import video_failure
from ..contract import (
    CreateVideoRequest,
    CreateVideoResponse,
    DeleteVideoResponse,
    DownloadVideoResponse,
    DryRunResponse,
    ListModelsResponse,
    ListVideosResponse,
    Publication,
    PublishRequest,
    QueryVideoResponse,
    UnpublishResponse,
    UploadedImage,
    Video,
)
from ..errors import FilmgateError
from ..images import Image, read_image
from ..links import check_link_options
from ..orders import GeneratedVideo, ImageVideoOrder, LinkOptions, ListOptions, VideoOrder, VideoQuoteRequest
from ..waiting import has_failed
from .following import save_video, wait_until_over, watch_until_over
from .runtime import in_thread, told
from .sender import Sender


class VideoClient:
    def __init__(self, sender: Sender) -> None:
        """Made by `Filmgate()`."""
        self._sender = sender

    @overload
    def create(
        self, *, idempotency_key: str | None = None, **order: Unpack[VideoQuoteRequest]
    ) -> DryRunResponse: ...
    @overload
    def create(
        self, *, idempotency_key: str | None = None, **order: Unpack[VideoOrder]
    ) -> CreateVideoResponse: ...
    @overload
    def create(
        self, *, idempotency_key: str | None = None, **order: Unpack[CreateVideoRequest]
    ) -> CreateVideoResponse | DryRunResponse: ...
    def create(
        self, *, idempotency_key: str | None = None, **order: Any
    ) -> CreateVideoResponse | DryRunResponse:
        """Orders a video; answers within seconds with its `task_id`. `dry_run=True` only checks and prices the order.

        Calls with the same `idempotency_key` (1 to 255 visible ASCII characters) and order are one order, paid once.
        By default each call has a key of its own, so its retries are one order and a second call is another.

        Raises VideoFailedError if MiniMax refused it at once (`content_refused`, `provider_balance` …): nothing was
        charged. Raises FilmgateError if the order cannot be made (`unsupported_combination`, `cost_exceeds_limit` …);
        its sentence says what to change. Raises FilmgateConnectionError if no answer came after all retries: repeat
        with its `idempotency_key`.
        """
        if order.get("dry_run"):
            return self._sender.send(calls.quote_order(order))
        return self._sender.send(calls.create(order, idempotency_key))

    def create_from_image(
        self, *, idempotency_key: str | None = None, **order: Unpack[ImageVideoOrder]
    ) -> CreateVideoResponse:
        """Orders a video that begins with an image; the model defaults to MiniMax-Hailuo-2.3.

        `first_frame_image` is a public URL, a data URL, bare base64, or the id that `upload_image` gave.

        Raises what `create` does, and `invalid_image` if the image is not one that MiniMax takes.
        """
        return self._sender.send(calls.create_from_image(order, idempotency_key))

    def query_video_status(
        self, task_id: str, include_download_url: bool = False, wait_seconds: int | None = None
    ) -> QueryVideoResponse:
        """How a task is doing, in MiniMax's words: `Preparing`, `Queueing`, `Processing`, `Success`, `Fail`.

        `include_download_url` adds a link that works for 24 hours, once there is a video. `wait_seconds` holds the
        answer until the task is over, for so many whole seconds, 60 at most.

        Raises FilmgateError `not_found` (404). That the video failed is an answer here, not an error.
        """
        call = calls.query_video_status(
            task_id, include_download_url=include_download_url, wait_seconds=wait_seconds
        )
        return self._sender.send(call)

    def download_video(self, file_id: str, **options: Unpack[LinkOptions]) -> DownloadVideoResponse:
        """A signed link to a finished video, with the file's length and SHA-256; ask again for a fresh one.

        Raises FilmgateError `video_not_ready` (409), `video_failed` or `cancelled` (410), `not_found` (404).
        """
        return self._sender.send(calls.download_video(file_id, options))

    def query_and_wait(
        self,
        task_id: str,
        poll_interval: float | None = None,
        max_wait: float = 1800.0,
        on_progress: Callable[[QueryVideoResponse], object] | None = None,
    ) -> QueryVideoResponse:
        """Waits until the video is there; the answer has its `file_id` and a `download_url`.

        `poll_interval` is how many seconds pass between two reports to `on_progress`, 0.25 to 60: by default 5, and
        25 if nobody listens. It does not delay the end, which is told as soon as it comes. `max_wait` is how many
        seconds to wait; one question under way may take `timeout` more.

        Raises VideoFailedError if it ended without a video; `code` and the sentence say why, `cost_state` what it
        cost. Raises WaitTimeoutError after `max_wait`; the video goes on by itself.
        """
        status = wait_until_over(self._sender, task_id, poll_interval, max_wait, on_progress)
        if not has_failed(status):
            return status
        try:
            video = self.get(task_id)
        except FilmgateError:
            raise video_failure(task_id, status, None) from None
        raise video_failure(task_id, status, video)

    def query_and_download(
        self,
        task_id: str,
        poll_interval: float | None = None,
        max_wait: float = 1800.0,
        on_progress: Callable[[QueryVideoResponse], object] | None = None,
        **options: Unpack[LinkOptions],
    ) -> DownloadVideoResponse:
        """`query_and_wait`, then `download_video`; raises what they raise."""
        status = self.query_and_wait(task_id, poll_interval, max_wait, on_progress)
        return self.download_video(status["file_id"], **options)

    def generate(
        self,
        *,
        idempotency_key: str | None = None,
        poll_interval: float | None = None,
        max_wait: float = 1800.0,
        on_progress: Callable[[QueryVideoResponse], object] | None = None,
        on_created: Callable[[CreateVideoResponse], object] | None = None,
        expires_in: int | None = None,
        disposition: Literal["inline", "attachment"] | None = None,
        filename: str | None = None,
        via: Literal["worker", "r2"] | None = None,
        **order: Unpack[VideoOrder],
    ) -> GeneratedVideo:
        """Orders a video, waits for it, and gets its link: `create`, `query_and_wait`, `get`, `download_video` in one.

        `on_created` is called once the order is taken, with its task: what to write down in case this process ends.

        Raises what they raise, with the order's `idempotency_key`, and its `task_id` once it was taken. The same call
        with that key goes on where this one stopped: only what failed with nothing charged is ordered anew. Raises
        FilmgateError `invalid_argument` for what a link cannot be, and for a dry run, before anything is ordered.
        """
        link_options: LinkOptions = {
            "expires_in": expires_in,
            "disposition": disposition,
            "filename": filename,
            "via": via,
        }
        check_link_options(link_options)
        calls.require_meant(order)
        # Known here, so that whatever breaks later can name it.
        key = calls.new_key() if idempotency_key is None else idempotency_key
        created = self.create(idempotency_key=key, **order)
        if on_created is not None:
            told(on_created, created)
        task_id = created["task_id"]
        try:
            status = self.query_and_wait(task_id, poll_interval, max_wait, on_progress)
            video = self.get(task_id)
            link = self.download_video(status["file_id"], **link_options)
        except FilmgateError as error:
            error.task_id, error.idempotency_key = task_id, key
            raise
        return {
            "video": video,
            "task_id": task_id,
            "file_id": link["file_id"],
            "download_url": link["download_url"],
            "expires_at": link["expires_at"],
            "bytes": link["bytes"],
            "sha256": link["sha256"],
        }

    def save(self, file_id: str, path: str | os.PathLike[str], **options: Unpack[LinkOptions]) -> Path:
        """Saves a finished video as `path`, or under its own name if that is a folder; answers where it is.

        What breaks off is carried on where it stopped, in this call and by the next one. `path` appears, or is
        replaced, in one step, and only once length and SHA-256 are right. One call at a time for one path.

        Raises FilmgateError as `download_video`, and `corrupt_download` if other bytes came; OSError if it cannot be
        written.
        """
        return save_video(self._sender, file_id, path, options)

    def watch(self, task_id: str) -> Generator[Video, None, None]:
        """The video each time something about it changes, until it is over; that it failed is told like the rest.

        A connection that breaks is made again where it stopped. A loop that is left early lets go of its connection
        when the generator is closed.

        Raises FilmgateError `not_found` (404), and what went wrong if nothing was heard for a minute.
        """
        return watch_until_over(self._sender, task_id)

    def get(self, task_id: str, include_events: bool = False) -> Video:
        """A task as a video object: state, size, cost, hash and, once finished, a link that works for 24 hours.

        `include_events` adds what MiniMax was asked and answered, as `events`; that takes a secret key.

        With a publishable key it is a `VisitorVideo`: prompt, cost, metadata and the task it retries are left out.

        Raises FilmgateError `not_found` (404).
        """
        return self._sender.send(calls.get(task_id, include_events=include_events))

    def list(self, **options: Unpack[ListOptions]) -> ListVideosResponse:
        """The account's videos, newest first, a page at a time: the next begins behind `last_id` (`after`).

        Videos ordered meanwhile move nothing. One under way stands there as it was last heard of.

        Raises FilmgateError `invalid_field` (400), `publishable_key` (403).
        """
        return self._sender.send(calls.list_videos(options))

    def iterate(self, **options: Unpack[ListOptions]) -> Generator[Video, None, None]:
        """The videos of all pages, as `list` has them; `limit` is how many are asked for at once.

        Raises what `list` raises.
        """
        while True:
            page = self.list(**options)
            for video in page["data"]:
                yield video
            if not page["has_more"] or page["last_id"] is None:
                return
            options = {**options, "after": page["last_id"]}

    def retry(self, task_id: str) -> CreateVideoResponse:
        """Orders a video that failed or was cancelled once more: the next take, a new task that is paid for.

        A task has one retry: calling this again answers with it, unless it was deleted, or ended without a video and
        without a charge. To try a third time, retry the retry.

        Raises FilmgateError `not_retryable` (409) unless the task ended without a video; else what `create` raises.
        """
        return self._sender.send(calls.retry(task_id))

    def publish(self, task_id: str, **settings: Unpack[PublishRequest]) -> Publication:
        """Gives a video an address that stays until `unpublish`, also before it is made: `url` of the answer.

        Calling it again takes all settings anew and keeps the address. With `publish` on an order it is published
        from the start.

        Raises FilmgateError `invalid_field` (400), `not_found` (404), `cancelled` (410).
        """
        return self._sender.send(calls.publish(task_id, settings))

    def unpublish(self, task_id: str) -> UnpublishResponse:
        """Takes a published video down; it stays, and published again it has the same address. May be repeated.

        Raises FilmgateError `not_found` (404).
        """
        return self._sender.send(calls.unpublish(task_id))

    def delete(self, task_id: str) -> DeleteVideoResponse:
        """Cancels a task that is under way, or deletes a finished one with its file; the answer says which.

        Never repeated by itself: a second delete of a cancelled video would remove it.

        Raises FilmgateError `not_found` (404), FilmgateConnectionError if the answer was lost: look with `get`.
        """
        return self._sender.send(calls.delete(task_id))

    def models(self) -> ListModelsResponse:
        """What can be made: the models with their modes, sizes, seconds, usual times and prices in US dollars."""
        return self._sender.send(calls.models())

    def upload_image(self, image: Image) -> UploadedImage:
        """Uploads an image; its `id` stands wherever an order takes one. The same bytes get the same id.

        JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2; a path, bytes, or an open file.

        For the H3 models it uploads HEIC, videos (MP4 or MOV, 50 MB at most) and sounds (WAV or MP3, 15 MB at most) as
        well: what a file is, is read from its bytes. Their `id` stands in `reference_videos` and `reference_audio`.

        Raises FilmgateError `invalid_image`, `invalid_media`, `empty_body` (400), `body_too_large` (413); OSError if
        it cannot be read.
        """
        content = in_thread(read_image, image)
        return self._sender.send(calls.upload_image(content))
