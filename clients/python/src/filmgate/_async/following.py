"""What takes longer than one answer: waiting for a video, watching it by its events, saving it to a file."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from .. import calls
from ..contract import QueryVideoResponse, Video
from ..errors import FilmgateError
from ..orders import LinkOptions
from ..retries import is_passing, retry_wait
from ..saving import PartFile
from ..waiting import PATIENCE_SECONDS, Wait
from .runtime import closing, in_thread, pause, told
from .sender import AsyncSender

BETWEEN_CONNECTIONS_SECONDS = 1.0


async def wait_until_over(
    sender: AsyncSender,
    task_id: str,
    poll_interval: float | None,
    max_wait: float,
    on_progress: Callable[[QueryVideoResponse], object] | None,
) -> QueryVideoResponse:
    """Asks until the task is over, and answers with its last status: `Success`, `Fail` or `failed`.

    Raises WaitTimeoutError, and what a question raises that does not pass.
    """
    interval = poll_interval if poll_interval is not None else 25.0 if on_progress is None else 5.0
    grace = sender.settings.timeout
    wait = Wait(task_id, interval=interval, max_wait=max_wait, grace=grace, now=time.monotonic())
    while True:
        hold_seconds = wait.ask(time.monotonic())
        call = calls.query_video_status(
            task_id, include_download_url=True, wait_seconds=hold_seconds, deadline=wait.deadline
        )
        try:
            status = await sender.send(call)
        except FilmgateError as error:
            wait.bear(error, time.monotonic())
        else:
            is_last = wait.hear(status, time.monotonic())
            if on_progress is not None:
                await told(on_progress, status)
            if is_last:
                return status
        await pause(wait.pause(time.monotonic()))


async def watch_until_over(sender: AsyncSender, task_id: str) -> AsyncGenerator[Video, None]:
    """The video each time something about it changes, over as many connections as it takes.

    Raises what a connection raises when it is no passing failure or lasts.
    """
    call = calls.watch(task_id)
    last_event_id = ""
    heard_at = time.monotonic()
    while True:
        try:
            async with closing(sender.events(call, last_event_id)) as events:
                async for event in events:
                    heard_at = time.monotonic()
                    if event is None or event.event not in ("progress", "end"):
                        continue
                    last_event_id = event.id
                    video: Video = json.loads(event.data)
                    yield video
                    if event.event == "end":
                        return
        except FilmgateError as error:
            # A body that breaks off, or falls silent, says nothing about the video.
            if not is_passing(error) or time.monotonic() - heard_at > PATIENCE_SECONDS:
                raise
        await pause(BETWEEN_CONNECTIONS_SECONDS)


async def save_video(
    sender: AsyncSender, file_id: str, target: str | os.PathLike[str], options: LinkOptions
) -> Path:
    """Fetches a video into a file, carrying on where a connection broke, or an earlier call ended.

    Raises FilmgateError when it cannot be had, or when nothing more comes after all retries.
    """
    promised = await sender.send(calls.download_video(file_id, options))
    with await in_thread(PartFile, target, promised) as part:
        attempt = furthest = 0
        while not part.is_whole:
            # Where ranges are not heeded a part begins anew: it has brought something once it is longer than ever.
            furthest = max(furthest, part.size)
            try:
                await sender.fetch(promised["download_url"], part)
            except FilmgateError as error:
                attempt = attempt + 1 if part.size <= furthest else 0
                wait = retry_wait(error, attempt, random.random())
                if wait is None or attempt > sender.settings.max_retries:
                    raise
                await pause(wait)
        return await in_thread(part.finish)
