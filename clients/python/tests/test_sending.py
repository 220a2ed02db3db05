"""How one call is sent: what is repeated and what is not, how long is waited, and what odd answers are made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from conftest import Connect
from servers import Answer, Handler, ToldServer, silence, told

from filmgate import AsyncFilmgate, Filmgate, FilmgateConnectionError, FilmgateError, VideoFailedError
from filmgate.retries import read_retry_after, retry_wait

REFUSAL = '{"error": "No.", "code": "x", "details": {}}'


@pytest.fixture
def here(connect: Connect, server: ToldServer) -> Filmgate:
    return connect(api_key="mql_default_key", base_url=server.url, max_retries=1, timeout=0.4)


@pytest.mark.parametrize(
    ("answer", "times"),
    [
        pytest.param(told(429, REFUSAL), 2, id="429"),
        pytest.param(told(500, REFUSAL), 2, id="500"),
        pytest.param(told(503, "<html>"), 2, id="503 from a proxy"),
        pytest.param(silence, 2, id="no answer in time"),
        pytest.param(lambda request: request.drop(), 2, id="a lost connection"),
        pytest.param(told(503, "{}", x_should_retry="false"), 1, id="503 that says not to"),
        pytest.param(told(429, "{}", x_should_retry="false"), 1, id="429 that says not to"),
        pytest.param(told(400, REFUSAL), 1, id="400"),
        pytest.param(told(408, REFUSAL), 1, id="408"),
        pytest.param(told(409, REFUSAL, x_should_retry="true"), 1, id="409, whatever it says"),
        pytest.param(told(200, "<html>"), 1, id="200 that is not JSON"),
        pytest.param(told(307, location="/elsewhere"), 1, id="a redirect"),
        pytest.param(told(429, "{}", retry_after="61"), 1, id="a wait longer than a minute"),
    ],
)
def test_a_post_is_sent_so_often_always_with_the_same_key(
    here: Filmgate, server: ToldServer, answer: Answer, times: int
) -> None:
    server.tell(answer)
    try:
        here.video.create(model="T2V-01", prompt="Waves")
    except FilmgateError as error:
        assert error.idempotency_key == server.seen[0].headers["idempotency-key"]
    assert len(server.seen) == times
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1


def test_a_post_has_a_new_key_for_every_call_or_the_one_that_was_given(
    here: Filmgate, server: ToldServer
) -> None:
    for key in (None, None, "mine"):
        here.video.create(model="T2V-01", prompt="Waves", idempotency_key=key)
    one, other, given = (seen.headers["idempotency-key"] for seen in server.seen)
    assert one != other
    assert given == "mine"
    for wrong in ("übel", "", "x" * 256):
        with pytest.raises(FilmgateError) as caught:
            here.video.create(model="T2V-01", prompt="Waves", idempotency_key=wrong)
        assert caught.value.code == "invalid_idempotency_key"
    assert len(server.seen) == 3


def test_a_delete_is_sent_once_and_a_lost_answer_is_told_to_be_looked_into(
    here: Filmgate, server: ToldServer
) -> None:
    for answer in (told(503), silence):
        server.tell(answer)
        with pytest.raises(FilmgateError):
            here.video.delete("task_1")
        assert len(server.seen) == 1
    server.tell(silence)
    with pytest.raises(FilmgateConnectionError, match=r"get\(\)") as caught:
        here.video.delete("task_1")
    assert (caught.value.code, caught.value.retryable) == ("timeout", False)


KEY = "to repeat it without ordering twice, give this error's idempotency_key."
SAFE = "To repeat it is safe, and costs nothing more."
ORDER: Any = {"model": "T2V-01", "prompt": "Waves"}
IMAGE: Any = {"first_frame_image": "https://example.com/photo.jpg"}
WANTED: Any = {"model": "T2V-01", "max_cost_usd": 1, "origin": "https://example.com"}


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        pytest.param(lambda one: one.video.create(**ORDER), KEY, id="create"),
        pytest.param(lambda one: one.video.create_from_image(**IMAGE), KEY, id="create_from_image"),
        pytest.param(lambda one: one.video.generate(**ORDER), KEY, id="generate"),
        pytest.param(lambda one: one.video.create(**ORDER, dry_run=True), "ask again.", id="a dry run"),
        pytest.param(lambda one: one.video.retry("task_1"), SAFE, id="retry"),
        pytest.param(lambda one: one.video.publish("task_1"), SAFE, id="publish"),
        pytest.param(lambda one: one.video.unpublish("task_1"), SAFE, id="unpublish"),
        pytest.param(lambda one: one.video.upload_image(b"1"), SAFE, id="upload_image"),
        pytest.param(lambda one: one.create_ticket(**WANTED), SAFE, id="create_ticket"),
    ],
)
def test_only_what_takes_an_idempotency_key_is_told_to_give_one(
    connect: Connect, server: ToldServer, call: Callable[[Filmgate], Any], advice: str
) -> None:
    server.tell(lambda request: request.drop())
    with pytest.raises(FilmgateConnectionError) as caught:
        call(connect(base_url=server.url, max_retries=0))
    assert str(caught.value).endswith(advice)
    key = server.seen[0].headers.get("idempotency-key")
    assert caught.value.idempotency_key == key
    assert (key is not None) == (advice == KEY)


def test_silence_tells_how_long_it_was_waited_for(here: Filmgate, server: ToldServer) -> None:
    server.tell(silence, silence)
    with pytest.raises(FilmgateConnectionError, match=r"within 0\.4 s"):
        here.video.get("task_1")


def test_a_body_that_drips_does_not_last_for_ever(here: Filmgate, server: ToldServer) -> None:
    drip: Answer = lambda request: request.stream(*(b" ", 0.1) * 20)  # noqa: E731
    server.tell(drip, drip)
    with pytest.raises(FilmgateConnectionError) as caught:
        here.video.get("task_1")
    assert caught.value.code == "timeout"


def test_an_answer_that_came_is_taken_however_long_the_upload_before_it(
    connect: Connect, server: ToldServer
) -> None:
    def accept(request: Handler) -> None:
        time.sleep(0.7)
        request.give(200, b'{"task_id": "task_1"}')

    server.slow_upload = 0.7
    server.tell(accept)
    patient = connect(base_url=server.url, max_retries=0, timeout=1)
    image = f"data:image/png;base64,{'A' * (12 << 20)}"
    created = patient.video.create(model="I2V-01", prompt="Waves", first_frame_image=image)
    assert created["task_id"] == "task_1"


def test_a_server_that_is_not_there_is_named_and_why(connect: Connect) -> None:
    nowhere = connect(base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(
        FilmgateConnectionError, match=r"^GET http://127\.0\.0\.1:9/v1/videos/models got no answer \(.+\)\. "
    ) as caught:
        nowhere.video.models()
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


def test_a_proxy_in_between_is_quoted(here: Filmgate, server: ToldServer) -> None:
    server.tell(told(404, "<h1>nginx</h1>"))
    with pytest.raises(FilmgateError, match="<h1>nginx</h1>") as caught:
        here.video.get("task_1")
    assert (caught.value.code, caught.value.status) == ("unreadable_answer", 404)


def test_a_redirect_is_named_and_not_followed(here: Filmgate, server: ToldServer) -> None:
    server.tell(told(301, location="https://video.example.com/"))
    with pytest.raises(FilmgateError, match=r"https://video\.example\.com/") as caught:
        here.video.get("task_1")
    assert (caught.value.code, caught.value.param) == ("redirected", "base_url")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body",
    ["null", "[]", '"no"', '{"error":null}', '{"error":"no code"}', '{"error":{"message":1}}', "\xff"],
)
def test_an_error_is_made_of_anything(here: Filmgate, server: ToldServer, body: str) -> None:
    server.tell(told(400, body.encode("latin-1")))
    with pytest.raises(FilmgateError):
        here.video.get("task_1")


@pytest.mark.parametrize(("code", "retryable"), [("provider_busy", True), ("outcome_unknown", False)])
def test_a_task_that_failed_says_whether_to_order_again(
    here: Filmgate, server: ToldServer, code: str, retryable: bool
) -> None:
    failed = '{"status": "Fail", "error": "No.", "base_resp": {"status_code": 1000, "status_msg": "No."}}'
    video = f'{{"error": {{"code": "{code}", "message": "No."}}, "cost": {{"state": "held"}}}}'
    server.tell(told(200, failed), told(200, video))
    with pytest.raises(VideoFailedError) as caught:
        here.video.query_and_wait("task_1")
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert (caught.value.cost_state, caught.value.minimax) == ("held", None)
    # A publishable key is told no cost.
    server.tell(told(200, failed), told(200, f'{{"error": {{"code": "{code}", "message": "No."}}}}'))
    with pytest.raises(VideoFailedError) as visitor:
        here.video.query_and_wait("task_1")
    assert (visitor.value.code, visitor.value.cost_state) == (code, None)


def test_the_pause_doubles_has_chance_in_it_and_is_as_long_as_asked(
    here: Filmgate, server: ToldServer
) -> None:
    busy = FilmgateError("", code="x", status=503, retryable=True)
    assert [retry_wait(busy, attempt, 1) for attempt in (0, 1, 2, 9)] == [0.5, 1, 2, 8]
    assert retry_wait(busy, 2, 0) == 1
    busy.retry_after = 7
    assert retry_wait(busy, 0, 0) == 7
    server.tell(told(429, "{}", retry_after="1"))
    here.video.models()
    assert server.seen[1].at - server.seen[0].at >= 0.99


def test_retry_after_is_read_in_both_forms() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=timezone.utc).timestamp()
    assert read_retry_after("12", now) == 12
    assert read_retry_after("Mon, 23 Nov 2026 12:00:30 GMT", now) == 30
    assert read_retry_after("Mon, 23 Nov 2026 11:00:00 GMT", now) == 0
    endless = f"Mon, 23 Nov {'9' * 20} 12:00:00 GMT"
    assert [read_retry_after(text, now) for text in (None, "", "soon", "-1", endless)] == [None] * 5


def test_an_id_is_one_segment_whatever_is_in_it(here: Filmgate, server: ToldServer) -> None:
    here.video.get("../admin/keys?x=1#y")
    assert server.seen[0].path == "/v1/videos/..%2Fadmin%2Fkeys%3Fx%3D1%23y"
    server.tell()
    for wrong in ("", ".", "..", None, 7):
        for call in (here.video.get, here.video.delete, here.video.query_video_status, here.video.publish):
            with pytest.raises(FilmgateError) as caught:
                call(wrong)  # type: ignore[arg-type]
            assert caught.value.code == "invalid_argument"
    assert server.seen == []


def test_a_client_of_the_callers_own_is_used_and_stays_open() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url} {request.headers['authorization']}")
        return httpx.Response(200, json={"object": "list", "data": []})

    http_client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True)
    with Filmgate(api_key="mql_a_b", base_url="https://video.example.com/p", http_client=http_client) as one:
        assert one.video.models()["data"] == []
    assert asked == ["GET https://video.example.com/p/v1/videos/models Bearer mql_a_b"]
    assert not http_client.is_closed
    http_client.close()


@pytest.mark.anyio
async def test_an_asynchronous_client_of_the_callers_own_too() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": []}))
    async with httpx.AsyncClient(transport=transport) as http_client:
        async with AsyncFilmgate(http_client=http_client) as one:
            assert (await one.video.models())["data"] == []
        assert not http_client.is_closed
