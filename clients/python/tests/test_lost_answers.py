"""Answers that are lost between the gateway and the client: nothing is paid twice, and nothing is given up too early."""

from __future__ import annotations

import pytest
from conftest import Connect
from gateway import MODEL, ledger, new_prompt
from servers import Proxy

from filmgate import Filmgate, FilmgateConnectionError, FilmgateError


@pytest.mark.parametrize(
    "faults",
    [
        ["drop before", "drop before"],
        ["drop after", "drop after"],
        ["502 before", "502 before"],
        ["502 after", "502 after"],
        ["cut after", "drop after", "502 after"],
    ],
    ids=" and ".join,
)
def test_a_create_is_repeated_as_one_order(far: Filmgate, proxy: Proxy, faults: list[str]) -> None:
    prompt = new_prompt("instant")
    proxy.faults = list(faults)
    task_id = far.video.create(model=MODEL, prompt=prompt)["task_id"]
    assert far.video.query_and_wait(task_id)["status"] == "Success"
    creates = [seen for seen in proxy.seen if seen.method == "POST"]
    assert len(creates) == len(faults) + 1
    assert creates[0].path == "/behind/v1/videos/generations"
    assert len({seen.headers["idempotency-key"] for seen in creates}) == 1
    books = ledger(prompt)
    assert (books["creates"], books["billed"]) == (1, 1)


def test_a_call_that_gave_up_is_taken_up_again_with_its_key(connect: Connect, proxy: Proxy) -> None:
    prompt = new_prompt("instant")
    hasty = connect(base_url=proxy.url, max_retries=0)
    proxy.faults = ["drop after"]
    with pytest.raises(FilmgateConnectionError, match="idempotency_key") as caught:
        hasty.video.create(model=MODEL, prompt=prompt)
    assert (caught.value.code, caught.value.status, caught.value.retryable) == (
        "connection_failed",
        None,
        True,
    )
    assert isinstance(caught.value, ConnectionError)
    hasty.video.create(model=MODEL, prompt=prompt, idempotency_key=caught.value.idempotency_key)
    assert ledger(prompt)["creates"] == 1


def test_what_breaks_after_an_order_was_taken_names_its_task_and_its_key(
    connect: Connect, proxy: Proxy
) -> None:
    prompt = new_prompt("instant")
    hasty = connect(base_url=proxy.url, max_retries=0)
    proxy.faults = ["", "", "drop before"]
    with pytest.raises(FilmgateConnectionError) as caught:
        hasty.video.generate(model=MODEL, prompt=prompt)
    error = caught.value
    assert error.idempotency_key == proxy.seen[0].headers["idempotency-key"]
    made = hasty.video.generate(model=MODEL, prompt=prompt, idempotency_key=error.idempotency_key)
    assert made["task_id"] == error.task_id
    assert ledger(prompt)["creates"] == 1


def test_a_delete_is_not_repeated_since_the_second_would_do_more(far: Filmgate, proxy: Proxy) -> None:
    task_id = far.video.create(model=MODEL, prompt=new_prompt("late=20"))["task_id"]
    proxy.faults = ["502 after"]
    with pytest.raises(FilmgateError) as caught:
        far.video.delete(task_id)
    assert (caught.value.code, caught.value.status) == ("unreadable_answer", 502)
    assert len([seen for seen in proxy.seen if seen.method == "DELETE"]) == 1
    error = far.video.get(task_id)["error"]
    assert error is not None
    assert error["code"] == "cancelled"


def test_a_wait_outlives_more_lost_connections_than_one_question_may_have(
    connect: Connect, proxy: Proxy
) -> None:
    patient = connect(base_url=proxy.url, max_retries=0)
    task_id = patient.video.create(model=MODEL, prompt=new_prompt("instant"))["task_id"]
    proxy.faults = ["drop before", "502 before", "drop after", "cut after"]
    assert patient.video.query_and_wait(task_id, poll_interval=0.25)["status"] == "Success"


def test_a_retry_whose_answer_is_lost_is_one_task(far: Filmgate, proxy: Proxy) -> None:
    task_id = far.video.create(model=MODEL, prompt=new_prompt("late=20"))["task_id"]
    far.video.delete(task_id)
    proxy.faults = ["drop after", "502 after"]
    retried = far.video.retry(task_id)
    assert retried["joined"] is True
    far.video.delete(retried["task_id"])


def test_every_request_says_who_asks(far: Filmgate, proxy: Proxy) -> None:
    far.video.models()
    assert proxy.seen[0].headers["user-agent"].startswith("filmgate-python/")
