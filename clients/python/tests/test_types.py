"""What a type checker lets pass and what it does not: nothing here is called, and an unneeded `ignore` is an error."""

from __future__ import annotations

from filmgate import (
    AsyncFilmgate,
    CreateVideoRequest,
    CreateVideoResponse,
    DryRunResponse,
    Filmgate,
    Video,
    VideoFailedError,
)


def takes_what_an_order_may_say(filmgate: Filmgate, request: CreateVideoRequest, is_quote: bool) -> None:
    created: CreateVideoResponse = filmgate.video.create(model="T2V-01", prompt="Waves")
    quote: DryRunResponse = filmgate.video.create(model="T2V-01", prompt="Waves", dry_run=True)
    filmgate.video.create(prompt="Waves")  # type: ignore[call-overload]
    filmgate.video.create(model="T2V-01", promt="Waves")  # type: ignore[call-overload]
    filmgate.video.create(model="T2V-01", duration="6")  # type: ignore[call-overload]
    either: CreateVideoResponse | DryRunResponse = filmgate.video.create(**request)
    either["model"]
    either["task_id"]  # type: ignore[typeddict-item]
    filmgate.video.create(model="T2V-01", prompt="Waves", dry_run=is_quote)
    filmgate.video.generate(model="T2V-01", prompt="Waves", dry_run=is_quote)  # type: ignore[arg-type]
    filmgate.video.create_from_image(prompt="Waves")  # type: ignore[call-arg]
    filmgate.video.create_from_image(first_frame_image="https://example.com/photo.jpg")
    filmgate.video.publish(created["task_id"], origins=["https://example.com"], expires_at=None)
    filmgate.video.download_video("file_1", via="s3")  # type: ignore[arg-type]
    created["nothing"]  # type: ignore[typeddict-item]
    quote["task_id"]  # type: ignore[typeddict-item]


async def has_the_same_types_with_await(filmgate: AsyncFilmgate) -> None:
    created: CreateVideoResponse = await filmgate.video.create(model="T2V-01", prompt="Waves")
    async for video in filmgate.video.watch(created["task_id"]):
        whole: Video = video
        whole["cost"]["state"] == "free"  # type: ignore[comparison-overlap]


def knows_that_a_failed_video_has_a_task(error: VideoFailedError) -> str:
    return error.task_id
