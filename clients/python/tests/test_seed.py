"""The snippets that existing users of the API have, as they stand."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from filmgate import Filmgate


def hash_at(url: str) -> str:
    answer = httpx.get(url).raise_for_status()
    assert answer.headers["content-type"] == "video/mp4"
    return hashlib.sha256(answer.content).hexdigest()


def test_text_to_video_then_status_then_download(capsys: pytest.CaptureFixture[str]) -> None:
    mql = Filmgate()
    # fmt: off
    video = mql.video.create(
        model="MiniMax-Hailuo-2.3",
        prompt="Ocean waves crashing on a sandy beach at sunset",
        duration=6,
        resolution="1080P",
    )
    print(video["task_id"])

    # Or wait for completion automatically
    result = mql.video.query_and_wait(video["task_id"])
    download = mql.video.download_video(result["file_id"])
    # fmt: on
    assert capsys.readouterr().out == f"{video['id']}\n"
    assert video["base_resp"] == {"status_code": 0, "status_msg": "success"}
    assert hash_at(download["download_url"]) == download["sha256"]
    # fmt: off
    # Poll until complete
    status = mql.video.query_video_status(video["task_id"])
    if status["status"] == "Success":
        result = mql.video.download_video(status["file_id"])  # type: ignore[assignment]

    # Or poll + wait in one call
    result = mql.video.query_and_wait(video["task_id"])
    download = mql.video.query_and_download(video["task_id"])
    # fmt: on
    assert status["status"] == "Success"
    assert download["file_id"] == result["file_id"]
    mql.close()


def test_image_to_video() -> None:
    mql = Filmgate()
    # fmt: off
    video = mql.video.create(
        model="I2V-01",
        prompt="The camera slowly pans right",
        first_frame_image="https://example.com/photo.jpg",
    )
    # fmt: on
    download = mql.video.query_and_download(video["task_id"])
    assert hash_at(download["download_url"]) == download["sha256"]
    mql.close()


def test_the_clients_that_exist_have_these_parameters_by_place() -> None:
    with Filmgate() as mql:
        task_id = mql.video.create_from_image(
            prompt="The camera slowly pans right", first_frame_image="https://example.com/photo.jpg"
        )["task_id"]
        mql.video.query_and_wait(task_id, 5.0, 600.0)
        assert "download_url" in mql.video.query_video_status(task_id, True)
