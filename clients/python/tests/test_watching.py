"""Following a video by its events, whatever becomes of the connection."""

from __future__ import annotations

import json
import re
import time
from typing import Any, cast

import pytest
from conftest import Connect
from gateway import MODEL, new_prompt
from servers import ToldServer, told

from filmgate import Filmgate, FilmgateError, Video, describe_progress
from filmgate.events import EventReader


def event(name: str, event_id: str, progress: int) -> bytes:
    return f"event: {name}\nid: {event_id}\ndata: {json.dumps({'progress': progress})}\n\n".encode()


def test_shows_a_video_grow_and_ends_with_a_link(filmgate: Filmgate) -> None:
    task_id = filmgate.video.create(model=MODEL, prompt=new_prompt("late=2"))["task_id"]
    videos = list(filmgate.video.watch(task_id))
    assert len(videos) > 1
    assert [video["progress"] for video in videos] == sorted(video["progress"] for video in videos)
    assert videos[-1]["status"] == "completed"
    assert videos[-1]["download_url"]


def test_goes_on_where_it_was_cut_and_does_not_tell_half_an_event(
    connect: Connect, server: ToldServer
) -> None:
    filmgate = connect(base_url=server.url)
    server.tell(
        lambda request: request.stream(
            b"retry: 1000\n\n", event("progress", "1-5", 5), b'event: end\ndata: {"p'
        ),
        told(503, "<html>"),
        lambda request: request.stream(b": still here\n\n", event("end", "2", 100)),
    )
    assert [video["progress"] for video in filmgate.video.watch("task_x")] == [5, 100]
    assert [seen.headers.get("last-event-id") for seen in server.seen] == [None, "1-5", "1-5"]
    assert server.seen[0].headers["accept"] == "text/event-stream"
    assert server.seen[0].path == "/v1/videos/task_x/events"


@pytest.mark.parametrize("page", ["<title>A site</title>", '{"status": "completed"}', ""])
def test_a_page_that_is_no_stream_is_told_and_not_asked_again(
    connect: Connect, server: ToldServer, page: str
) -> None:
    filmgate = connect(base_url=server.url)
    server.tell(told(200, page, content_type="text/html"))
    with pytest.raises(FilmgateError, match=re.escape(page or "without a body")) as caught:
        list(filmgate.video.watch("task_x"))
    assert (caught.value.code, caught.value.status) == ("unreadable_answer", 200)
    assert len(server.seen) == 1


def test_a_caller_that_takes_longer_than_silence_is_borne_goes_on(
    connect: Connect, server: ToldServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [0.0]
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + late[0])
    first = event("progress", "1", 5)
    kind = {"content-type": "text/event-stream"}
    server.tell(
        lambda request: request.give(200, first + b":\n", send=len(first), headers=kind),
        lambda request: request.stream(event("end", "2", 100)),
    )
    heard: list[int] = []
    for video in connect(base_url=server.url).video.watch("task_x"):
        heard.append(video["progress"])
        # Meanwhile the connection broke, too.
        late[0] += 90
    assert heard == [5, 100]


def test_does_not_ask_again_where_there_is_no_such_task(filmgate: Filmgate) -> None:
    with pytest.raises(FilmgateError) as caught:
        list(filmgate.video.watch("task_nothing"))
    assert (caught.value.code, caught.value.status) == ("not_found", 404)


def test_lets_go_of_its_connection_when_the_loop_is_left(connect: Connect, server: ToldServer) -> None:
    filmgate = connect(base_url=server.url)
    left: list[bool] = []

    def endless(request: Any) -> None:
        try:
            request.stream(*(event("progress", "1", 5), 0.05) * 100)
        except OSError:
            left.append(True)

    server.tell(endless)
    videos = filmgate.video.watch("task_x")
    assert next(videos)["progress"] == 5
    videos.close()
    end = time.monotonic() + 5
    while not left and time.monotonic() < end:
        time.sleep(0.05)
    assert left


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reads_events_however_they_are_cut(end: str) -> None:
    text = f": hello{end}{end}event: progress{end}id: 1{end}data: ü1{end}data:  two{end}{end}data{end}{end}x"
    body = text.encode()
    for size in (1, 2, 3, 7, len(body)):
        reader = EventReader()
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        events = [tuple(one) for piece in pieces for one in reader.feed(piece)]
        assert events == [("progress", "1", "ü1\n two"), ("message", "1", "")]


@pytest.mark.parametrize(
    ("status", "progress", "place", "seconds", "words"),
    [
        ("queued", 0, None, None, "on its way to MiniMax"),
        ("queued", 0, 1, 95, "in the queue, 1st"),
        ("queued", 0, 2, 95, "in the queue, 2nd"),
        ("queued", 0, 3, 95, "in the queue, 3rd"),
        ("queued", 0, 11, 95, "in the queue, 11th"),
        ("queued", 0, 112, 95, "in the queue, 112th"),
        ("queued", 0, 121, 95, "in the queue, 121st"),
        ("in_progress", 40, None, 95, "MiniMax is making it, usually 95 s"),
        ("in_progress", 40, None, None, "MiniMax is making it"),
        ("in_progress", 95, None, 95, "storing it"),
        ("completed", 100, None, 95, "ready"),
        ("failed", 0, None, 95, "not made"),
    ],
)
def test_says_how_a_video_is_doing(
    status: str, progress: int, place: int | None, seconds: int | None, words: str
) -> None:
    video = cast("Video", {"status": status, "progress": progress, "queue_position": place})
    assert describe_progress(video, seconds) == words
