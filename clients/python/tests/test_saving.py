"""Saving a video to a file: what breaks off is carried on, and what is not the video is refused."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Connect
from gateway import MODEL, new_prompt
from servers import Answer, Handler, ToldServer, told

from filmgate import Filmgate, FilmgateConnectionError, FilmgateError

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def here(connect: Connect, server: ToldServer) -> Filmgate:
    return connect(base_url=server.url, max_retries=1)


def link(server: ToldServer) -> Answer:
    promised = {
        "download_url": f"{server.url}/files/file_1.mp4?exp=1&sig=secret",
        "file_id": "file_1",
        "filename": "file_1.mp4",
        "bytes": len(CONTENT),
        "sha256": SHA256,
    }
    return told(200, json.dumps(promised))


def cut(at: int) -> Answer:
    return lambda request: request.give(200, CONTENT, send=at)


def rest(request: Handler, content: bytes = CONTENT) -> None:
    """As an honest server answers a range."""
    start = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
    request.give(
        206, content[start:], headers={"content-range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
    )


def test_saves_what_was_made_with_a_link_that_needs_no_key(filmgate: Filmgate, tmp_path: Path) -> None:
    made = filmgate.video.generate(model=MODEL, prompt=new_prompt("instant"))
    path = filmgate.video.save(made["file_id"], tmp_path / "waves.mp4")
    assert path == tmp_path / "waves.mp4"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made["sha256"]
    in_folder = filmgate.video.save(made["file_id"], str(tmp_path), via="r2", expires_in=60)
    named = filmgate.video.save(
        made["file_id"], tmp_path, disposition="attachment", filename="Wellen übers Meer"
    )
    assert named == tmp_path / "Wellen übers Meer.mp4"
    assert in_folder.read_bytes() == path.read_bytes()
    assert sorted(tmp_path.iterdir()) == sorted([path, in_folder, named])
    assert in_folder.name.endswith(".mp4")


def test_a_link_that_was_fetched_stands_in_no_log(
    filmgate: Filmgate, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = filmgate.video.generate(model=MODEL, prompt=new_prompt("instant"))
    with caplog.at_level(logging.DEBUG):
        filmgate.video.save(made["file_id"], tmp_path / "waves.mp4", via="r2")
        filmgate.video.save(made["file_id"], tmp_path / "waves.mp4", expires_in=3600)
    lines = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert len(lines) == 4
    assert all("/files/" not in line or "?" not in line for line in lines)
    assert not re.search(r"sig=|signature=", caplog.text, re.IGNORECASE)
    # What signs nothing is logged as ever.
    assert "?expires_in=3600" in lines[2]


def test_really_resumes_at_the_gateway(filmgate: Filmgate, tmp_path: Path) -> None:
    made = filmgate.video.generate(model=MODEL, prompt=new_prompt("instant"))
    whole = filmgate.video.save(made["file_id"], tmp_path / "whole.mp4").read_bytes()
    part = tmp_path / f"again.mp4.{made['sha256'][:16]}.part"
    part.write_bytes(whole[:1000])
    assert filmgate.video.save(made["file_id"], tmp_path / "again.mp4").read_bytes() == whole
    assert not part.exists()


def test_carries_on_where_the_connection_broke(here: Filmgate, server: ToldServer, tmp_path: Path) -> None:
    server.tell(link(server), cut(40_000), told(503, "<html>"), rest)
    assert here.video.save("file_1", tmp_path / "a.mp4").read_bytes() == CONTENT
    fetches = server.seen[1:]
    assert [seen.headers.get("range") for seen in fetches] == [None, "bytes=40000-", "bytes=40000-"]
    assert all("authorization" not in seen.headers for seen in fetches)


def test_the_next_call_carries_on_what_one_left(here: Filmgate, server: ToldServer, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    server.tell(link(server), cut(40_000), told(503), told(503))
    with pytest.raises(FilmgateError) as caught:
        here.video.save("file_1", path)
    assert caught.value.status == 503
    assert "secret" not in str(caught.value)
    assert not path.exists()
    server.tell(link(server), rest)
    assert here.video.save("file_1", path).read_bytes() == CONTENT
    assert server.seen[1].headers["range"] == "bytes=40000-"
    assert list(tmp_path.iterdir()) == [path]


def test_begins_anew_where_ranges_are_not_heeded(here: Filmgate, server: ToldServer, tmp_path: Path) -> None:
    server.tell(link(server), cut(40_000), told(200, CONTENT))
    assert here.video.save("file_1", tmp_path / "a.mp4").read_bytes() == CONTENT


def test_a_download_that_never_gets_further_is_given_up_after_all_retries(
    here: Filmgate, server: ToldServer, tmp_path: Path
) -> None:
    # No range is heeded, and every connection breaks, sooner or later.
    server.tell(link(server), *(cut(at) for at in (40_000, 30_000, 40_000, 20_000, 40_000, 40_000)))
    with pytest.raises(FilmgateConnectionError):
        here.video.save("file_1", tmp_path / "a.mp4")
    assert len(server.seen) == 1 + 3


def test_a_resumed_download_with_a_wrong_byte_is_refused(
    here: Filmgate, server: ToldServer, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"what was there before")
    wrong = bytearray(CONTENT)
    wrong[50_000] ^= 1
    server.tell(link(server), cut(40_000), lambda request: rest(request, bytes(wrong)))
    with pytest.raises(FilmgateError, match="SHA-256") as caught:
        here.video.save("file_1", path)
    assert (caught.value.code, caught.value.retryable) == ("corrupt_download", True)
    assert path.read_bytes() == b"what was there before"
    assert list(tmp_path.iterdir()) == [path]
    server.tell(link(server), told(200, CONTENT))
    assert here.video.save("file_1", path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (CONTENT + b"x", FilmgateError, "corrupt_download"),
        (CONTENT[:-1], FilmgateConnectionError, "connection_failed"),
    ],
    ids=["too long", "too short"],
)
def test_a_body_of_another_length_is_refused(
    here: Filmgate, server: ToldServer, tmp_path: Path, body: bytes, kind: type[FilmgateError], code: str
) -> None:
    short: Any = told(206, b"", content_range=f"bytes {len(body)}-/{len(body)}")
    server.tell(link(server), told(200, body), short, short, short)
    with pytest.raises(kind) as caught:
        here.video.save("file_1", tmp_path / "a.mp4")
    assert caught.value.code == code
    assert not (tmp_path / "a.mp4").exists()
