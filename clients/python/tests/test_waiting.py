"""How long is waited, and how a wait ends: by the video, by its time, by the caller."""

from __future__ import annotations

import asyncio
import inspect
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gateway import MODEL, ledger, new_prompt
from servers import Proxy, ToldServer, silence, told

from filmgate import (
    AsyncFilmgate,
    AsyncVideoClient,
    Filmgate,
    FilmgateConnectionError,
    FilmgateError,
    QueryVideoResponse,
    VideoClient,
    VideoFailedError,
    WaitTimeoutError,
)
from filmgate.waiting import Wait


def test_a_wait_ends_when_it_was_told_to_and_the_video_goes_on(filmgate: Filmgate) -> None:
    task_id = filmgate.video.create(model=MODEL, prompt=new_prompt("late=3"))["task_id"]
    start = time.monotonic()
    with pytest.raises(WaitTimeoutError, match=r"after 0\.7 s\. It goes on by itself") as caught:
        filmgate.video.query_and_wait(task_id, max_wait=0.7, poll_interval=0.25)
    assert time.monotonic() - start < 2.5
    assert (caught.value.code, caught.value.task_id) == ("wait_timeout", task_id)
    assert caught.value.last_status is not None
    assert caught.value.last_status["task_id"] == task_id
    assert filmgate.video.query_and_wait(task_id)["status"] == "Success"


def test_a_wait_asks_as_often_as_there_is_something_to_tell_and_otherwise_rarely(
    far: Filmgate, proxy: Proxy
) -> None:
    task_id = far.video.create(model=MODEL, prompt=new_prompt())["task_id"]
    proxy.seen.clear()
    far.video.query_and_wait(task_id)
    assert len(proxy.seen) <= 2
    assert proxy.seen[0].path == f"/behind/v1/videos/query/{task_id}?wait=25&include_download_url=true"


def test_a_wait_passes_on_what_its_listener_raises(filmgate: Filmgate) -> None:
    task_id = filmgate.video.create(model=MODEL, prompt=new_prompt("instant"))["task_id"]

    def listen(_status: QueryVideoResponse) -> None:
        raise LookupError("no such element")

    with pytest.raises(LookupError, match="no such element"):
        filmgate.video.query_and_wait(task_id, on_progress=listen)


def test_a_wait_is_not_fooled_by_either_word_for_a_failure(filmgate: Filmgate, server: ToldServer) -> None:
    for word in ("Fail", "failed"):
        server.tell(told(200, f'{{"status": "{word}", "error": "No."}}'), told(404, "{}"))
        with Filmgate(base_url=server.url) as other, pytest.raises(VideoFailedError) as caught:
            other.video.query_and_wait("task_1")
        assert (caught.value.code, str(caught.value)) == ("video_failed", "No.")
        assert (caught.value.task_id, caught.value.cost_state) == ("task_1", None)


def test_a_wait_is_not_longer_than_told_though_the_server_is_silent(server: ToldServer) -> None:
    server.tell(silence, silence, silence)
    start = time.monotonic()
    with Filmgate(base_url=server.url, timeout=0.3) as filmgate, pytest.raises(WaitTimeoutError) as caught:
        filmgate.video.query_and_wait("task_1", max_wait=0.4)
    assert time.monotonic() - start < 2
    assert caught.value.last_status is None
    assert isinstance(caught.value.__cause__, FilmgateConnectionError)


def test_a_failure_that_lasts_is_told_after_a_minute() -> None:
    wait = Wait("task_1", interval=5, max_wait=600, grace=30, now=0)
    passing = FilmgateError("Busy.", code="internal_error", status=500, retryable=True)
    assert [wait.ask(now) for now in (0, 598.5, 599.5, 601)] == [5, 1, 0, 0]
    wait.bear(passing, 59)
    with pytest.raises(FilmgateError, match="Busy"):
        wait.bear(passing, 61)
    with pytest.raises(FilmgateError, match="No"):
        wait.bear(FilmgateError("No.", code="not_found", status=404), 1)


def test_an_interval_longer_than_the_server_holds_does_not_delay_the_end() -> None:
    wait = Wait("task_1", interval=300, max_wait=1800, grace=30, now=0)
    processing: Any = {"status": "Processing", "progress": 5}
    assert wait.ask(0) == 60
    assert not wait.hear(processing, 60)
    assert wait.pause(60) == 0


@pytest.mark.parametrize("name", ["query_and_wait", "query_and_download", "generate"])
def test_the_default_wait_is_longer_than_any_models_usual_time(filmgate: Filmgate, name: str) -> None:
    usual = [one["expected_seconds"] for model in filmgate.video.models()["data"] for one in model["makes"]]
    for client in (VideoClient, AsyncVideoClient):
        assert inspect.signature(getattr(client, name)).parameters["max_wait"].default > max(usual)


@pytest.mark.anyio
async def test_cancelling_ends_a_wait_at_once_and_orders_nothing_twice() -> None:
    prompt = new_prompt("late=3")
    tasks: list[str] = []

    async def remember(created: object) -> None:
        assert isinstance(created, dict)
        tasks.append(created["task_id"])

    async with AsyncFilmgate() as filmgate:
        waiting = asyncio.create_task(
            filmgate.video.generate(model=MODEL, prompt=prompt, on_created=remember)
        )
        while not tasks:
            await asyncio.sleep(0.02)
        start = time.monotonic()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert time.monotonic() - start < 1
        assert (await filmgate.video.query_and_wait(tasks[0]))["status"] == "Success"
    assert ledger(prompt)["creates"] == 1


@pytest.mark.anyio
async def test_a_limit_of_asyncio_ends_a_request_under_way(server: ToldServer) -> None:
    server.tell(silence)
    async with AsyncFilmgate(base_url=server.url) as filmgate:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(filmgate.video.models(), 0.2)
    assert len(server.seen) == 1


@pytest.mark.anyio
async def test_many_videos_are_made_at_once() -> None:
    prompts = [new_prompt() for _ in range(5)]
    async with AsyncFilmgate() as filmgate:
        made = await asyncio.gather(
            *(filmgate.video.generate(model=MODEL, prompt=prompt) for prompt in prompts)
        )
    assert len({one["sha256"] for one in made}) == 5
    assert [ledger(prompt)["creates"] for prompt in prompts] == [1] * 5


def test_one_client_serves_several_threads() -> None:
    prompts = [new_prompt("instant") for _ in range(4)]
    with Filmgate() as filmgate, ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda prompt: filmgate.video.generate(model=MODEL, prompt=prompt), prompts))
    assert len({one["task_id"] for one in made}) == 4
