"""What is raised when a video cannot be had, or a request is refused: classes, codes, and sentences that help."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from conftest import Connect
from gateway import KEY, MODEL, ledger, new_prompt

from filmgate import Filmgate, FilmgateError, MiniMaxAnswer, VideoFailedError, WaitTimeoutError


@pytest.mark.parametrize(
    ("scenario", "code", "said"),
    [
        ("refuse=1026", "content_refused", 1026),
        ("instant fail=1027", "content_moderated", 1027),
        ("instant fail=none", "generation_failed", None),
    ],
)
def test_a_video_that_cannot_be_had_is_a_video_failed_error(
    filmgate: Filmgate, scenario: str, code: str, said: int | None
) -> None:
    with pytest.raises(VideoFailedError, match="othing was charged") as caught:
        filmgate.video.generate(model=MODEL, prompt=new_prompt(scenario))
    error = caught.value
    assert (error.code, error.cost_state, error.retryable) == (code, "released", False)
    assert (error.minimax and error.minimax.status_code) == said
    # Asked for later, it is told in the same words.
    with pytest.raises(VideoFailedError) as later:
        filmgate.video.query_and_download(error.task_id)
    assert (str(later.value), later.value.minimax) == (str(error), error.minimax)
    assert filmgate.video.query_video_status(error.task_id, wait_seconds=1)["status"] == "Fail"


def test_a_retry_that_minimax_refuses_is_a_video_failed_error_as_a_create_is(filmgate: Filmgate) -> None:
    with pytest.raises(VideoFailedError) as caught:
        filmgate.video.create(model=MODEL, prompt=new_prompt("refuse=1026"))
    with pytest.raises(VideoFailedError) as again:
        filmgate.video.retry(caught.value.task_id)
    error = again.value
    assert (error.code, error.status, error.cost_state) == ("content_refused", 422, "released")
    assert error.minimax == caught.value.minimax
    assert filmgate.video.get(error.task_id)["retry_of"] == caught.value.task_id


def test_those_who_caught_what_other_clients_raise_still_do(filmgate: Filmgate) -> None:
    task_id = filmgate.video.create(model=MODEL, prompt=new_prompt("instant fail=1027"))["task_id"]
    with pytest.raises(RuntimeError):
        filmgate.video.query_and_wait(task_id)
    assert issubclass(WaitTimeoutError, TimeoutError)


def test_a_cancelled_video_is_told_as_such(filmgate: Filmgate) -> None:
    task_id = filmgate.video.create(model=MODEL, prompt=new_prompt("late=20"))["task_id"]
    assert filmgate.video.delete(task_id)["cancelled"] is True
    with pytest.raises(VideoFailedError) as caught:
        filmgate.video.query_and_wait(task_id)
    assert (caught.value.code, caught.value.task_id) == ("cancelled", task_id)


def test_a_refusal_in_minimax_form_says_what_to_change(filmgate: Filmgate) -> None:
    with pytest.raises(FilmgateError, match="For 720P, take 768P") as caught:
        filmgate.video.create(model=MODEL, prompt="x", resolution="720P")
    error = caught.value
    assert not isinstance(error, VideoFailedError)
    assert (error.code, error.status, error.param) == ("unsupported_combination", 400, "resolution")
    assert (error.retryable, error.minimax) == (False, None)
    assert error.request_id
    assert error.idempotency_key


def test_a_refusal_in_openai_form_too(filmgate: Filmgate) -> None:
    with pytest.raises(FilmgateError) as caught:
        filmgate.video.upload_image(b"\1\2\3")
    assert (caught.value.code, caught.value.status, caught.value.param) == ("invalid_image", 400, "body")
    with pytest.raises(FilmgateError) as missing:
        filmgate.video.get("task_nothing")
    assert (missing.value.code, missing.value.param) == ("not_found", "task_id")


def test_a_key_is_refused_without_being_shown(connect: Connect) -> None:
    stranger = connect(api_key="mql_default_wrong")
    with pytest.raises(FilmgateError) as caught:
        stranger.video.models()
    assert (caught.value.code, caught.value.status) == ("invalid_key", 401)
    shown = repr(caught.value) + repr(vars(caught.value)) + repr(stranger)
    assert "mql_default_wrong" not in shown
    assert KEY not in shown


def test_a_link_option_that_is_refused_does_not_hide_the_video_that_was_paid_for(filmgate: Filmgate) -> None:
    prompt = new_prompt("instant")
    with pytest.raises(FilmgateError) as caught:
        filmgate.video.generate(model=MODEL, prompt=prompt, filename="waves\u202e4pm")
    error = caught.value
    assert (error.code, error.status, error.param) == ("invalid_field", 400, "filename")
    made = filmgate.video.generate(model=MODEL, prompt=prompt, idempotency_key=error.idempotency_key)
    assert made["task_id"] == error.task_id
    assert ledger(prompt)["creates"] == 1


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"expires_in": 59}, "expires_in"),
        ({"expires_in": 604_801}, "expires_in"),
        ({"expires_in": 90.5}, "expires_in"),
        ({"filename": ""}, "filename"),
        ({"filename": "waves/dusk"}, "filename"),
        ({"filename": "waves\\dusk"}, "filename"),
        ({"filename": "waves", "disposition": "inline"}, "filename"),
    ],
)
def test_nothing_is_ordered_for_a_link_that_the_server_would_refuse(
    filmgate: Filmgate, options: Any, param: str
) -> None:
    prompt = new_prompt("instant")
    with pytest.raises(FilmgateError) as caught:
        filmgate.video.generate(model=MODEL, prompt=prompt, **options)
    assert (caught.value.code, caught.value.param) == ("invalid_argument", param)
    assert ledger(prompt)["creates"] == 0
    made = filmgate.video.generate(model=MODEL, prompt=prompt)
    with pytest.raises(FilmgateError) as refused:
        filmgate.video.download_video(made["file_id"], **options)
    assert (refused.value.code, refused.value.param) == ("invalid_field", param)


@pytest.mark.parametrize(
    "options",
    [
        {"expires_in": 60},
        {"expires_in": 604_800, "filename": "waves", "disposition": "attachment"},
        {"disposition": "inline"},
    ],
)
def test_a_link_that_can_be_had_is_ordered_for(filmgate: Filmgate, options: Any) -> None:
    filmgate.video.generate(model=MODEL, prompt=new_prompt("instant"), **options)


def test_generate_orders_nothing_for_a_dry_run(filmgate: Filmgate) -> None:
    is_quote: Any = True
    with pytest.raises(FilmgateError) as caught:
        filmgate.video.generate(model=MODEL, prompt=new_prompt(), dry_run=is_quote)
    assert (caught.value.code, caught.value.param) == ("invalid_argument", "dry_run")


def test_a_link_that_is_asked_for_too_early(filmgate: Filmgate) -> None:
    task_id = filmgate.video.create(model=MODEL, prompt=new_prompt("late=20"))["task_id"]
    with pytest.raises(FilmgateError) as caught:
        filmgate.video.download_video(task_id.replace("task", "file"))
    assert (caught.value.code, caught.value.status, caught.value.retryable) == ("video_not_ready", 409, True)
    assert caught.value.retry_after == 5
    filmgate.video.delete(task_id)


def test_errors_survive_pickling() -> None:
    error = VideoFailedError(
        "No.",
        code="content_refused",
        task_id="task_1",
        minimax=MiniMaxAnswer(1026, "input new_sensitive"),
        cost_state="released",
    )
    timeout = WaitTimeoutError("Late.", task_id="task_1", last_status=None)
    for one in (error, timeout):
        copy = pickle.loads(pickle.dumps(one))
        assert (type(copy), str(copy), vars(copy)) == (type(one), str(one), vars(one))
