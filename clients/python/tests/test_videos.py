"""What the client does when all is well: one order is one paid video, and each method answers as the server does."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest
from gateway import MODEL, ledger, new_prompt

from filmgate import CreateVideoResponse, Filmgate, FilmgateError, QueryVideoResponse, VideoEvent

FIRST_FRAME = Path(__file__).parents[3] / "scripts" / "first-frame.jpg"


def test_generate_orders_waits_and_links_in_one_call(filmgate: Filmgate) -> None:
    prompt = new_prompt()
    heard: list[QueryVideoResponse] = []
    created: list[CreateVideoResponse] = []
    made = filmgate.video.generate(
        model=MODEL,
        prompt=prompt,
        metadata={"page": "/home"},
        on_created=created.append,
        on_progress=heard.append,
        poll_interval=0.25,
        expires_in=3600,
        disposition="attachment",
    )
    assert [order["task_id"] for order in created] == [made["task_id"]]
    assert len(heard) > 1
    assert heard[-1]["status"] == "Success"
    assert [status["progress"] for status in heard] == sorted(status["progress"] for status in heard)
    assert made["video"]["metadata"] == {"page": "/home"}
    assert made["expires_at"] > datetime.now(timezone.utc).timestamp() + 3500
    answer = httpx.get(made["download_url"])
    assert "attachment" in answer.headers["content-disposition"]
    assert len(answer.content) == made["bytes"]
    books = ledger(prompt)
    assert (books["creates"], books["billed"]) == (1, 1)
    assert books["tasks"][0]["sha256"] == made["sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_generate_called_again_with_its_key_is_the_same_order(filmgate: Filmgate) -> None:
    prompt = new_prompt("instant")
    key = prompt.split()[2]
    first = filmgate.video.generate(model=MODEL, prompt=prompt, idempotency_key=key)
    second = filmgate.video.generate(model=MODEL, prompt=prompt, idempotency_key=key)
    assert first["task_id"] == second["task_id"]
    assert ledger(prompt)["creates"] == 1


def test_two_calls_with_the_same_words_are_two_orders(filmgate: Filmgate) -> None:
    prompt = new_prompt("instant")
    one, other = (filmgate.video.create(model=MODEL, prompt=prompt) for _ in range(2))
    assert one["task_id"] != other["task_id"]
    assert ledger(prompt)["creates"] == 2


def test_get_tells_if_asked_what_minimax_answered(filmgate: Filmgate) -> None:
    task_id = filmgate.video.generate(model=MODEL, prompt=new_prompt("instant"))["task_id"]
    assert "events" not in filmgate.video.get(task_id)
    events: list[VideoEvent] = filmgate.video.get(task_id, include_events=True)["events"]
    (submit,) = [one for one in events if one["event"] == "submit"]
    assert submit["answer"] == "accepted"
    assert submit["trace_id"]


def test_an_image_is_uploaded_from_a_path_bytes_or_a_file(filmgate: Filmgate) -> None:
    content = FIRST_FRAME.read_bytes()
    image = filmgate.video.upload_image(FIRST_FRAME)
    assert (image["content_type"], image["bytes"]) == ("image/jpeg", len(content))
    with FIRST_FRAME.open("rb") as file:
        again = [filmgate.video.upload_image(one) for one in (str(FIRST_FRAME), content, file)]
    assert {one["id"] for one in again} == {image["id"]}
    prompt = new_prompt("instant")
    created = filmgate.video.create_from_image(prompt=prompt, first_frame_image=image["id"])
    assert created["model"] == MODEL
    filmgate.video.query_and_wait(created["task_id"])
    assert ledger(prompt)["tasks"][0]["first_frame_sha256"] == hashlib.sha256(content).hexdigest()
    with pytest.raises(TypeError, match="reading bytes"):
        filmgate.video.upload_image(io.StringIO("text"))  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        filmgate.video.upload_image("nothing.jpg")


def test_a_dry_run_prices_an_order_and_makes_nothing(filmgate: Filmgate) -> None:
    prompt = new_prompt()
    quote = filmgate.video.create(model=MODEL, prompt=prompt, duration=10, dry_run=True)
    assert (quote["object"], quote["estimated_cost_usd"]) == ("video.quote", 0.56)
    assert ledger(prompt)["creates"] == 0


def test_models_tell_what_can_be_made_at_what_price(filmgate: Filmgate) -> None:
    (model,) = [one for one in filmgate.video.models()["data"] if one["id"] == MODEL]
    (row,) = [one for one in model["makes"] if one["mode"] == "text" and one["resolution"] == "1080P"]
    assert row["price_usd"] == 0.49


def test_the_list_is_read_page_by_page_and_filtered(filmgate: Filmgate) -> None:
    prompt = new_prompt("instant")
    ids = [filmgate.video.generate(model=MODEL, prompt=prompt, take=take)["task_id"] for take in range(1, 4)]
    page = filmgate.video.list(limit=1, status="completed", model=MODEL)
    assert (page["first_id"], page["has_more"]) == (ids[2], True)
    assert filmgate.video.list(limit=1, after=page["last_id"])["data"][0]["id"] == ids[1]
    walked = [video["id"] for video in filmgate.video.iterate(limit=2, status="completed")]
    assert walked[:3] == ids[::-1]
    assert len(walked) == len(set(walked))
    now = datetime.now(timezone.utc)
    assert ids[0] not in [video["id"] for video in filmgate.video.iterate(created_after=now)]
    assert filmgate.video.list(created_before=1)["data"] == []
    with pytest.raises(FilmgateError) as caught:
        filmgate.video.list(limit=101)
    assert (caught.value.code, caught.value.param) == ("invalid_field", "limit")


def test_a_retry_is_one_new_task_however_often_it_is_called(filmgate: Filmgate) -> None:
    created = filmgate.video.create(model=MODEL, prompt=new_prompt("late=20"))
    assert filmgate.video.delete(created["task_id"])["object"] == "video.cancelled"
    retried = filmgate.video.retry(created["task_id"])
    assert filmgate.video.get(retried["task_id"])["retry_of"] == created["task_id"]
    assert filmgate.video.retry(created["task_id"])["task_id"] == retried["task_id"]
    filmgate.video.delete(retried["task_id"])


def test_publishing_gives_an_address_that_stays_and_takes_it_down(filmgate: Filmgate) -> None:
    created = filmgate.video.create(model=MODEL, prompt=new_prompt("instant"), publish={"title": "Waves"})
    assert created["publication"]["state"] == "making"
    filmgate.video.query_and_wait(created["task_id"])
    published = filmgate.video.publish(created["task_id"], origins=["https://site.example"])
    assert published["url"] == created["publication"]["url"]
    assert (published["state"], published["title"]) == ("ready", None)
    assert filmgate.video.unpublish(created["task_id"])["deleted"] is True
    assert httpx.get(published["url"]).status_code == 404
    assert filmgate.video.publish(created["task_id"])["url"] == published["url"]
    assert filmgate.video.delete(created["task_id"])["object"] == "video.deleted"


def test_a_ticket_is_made_for_a_page(filmgate: Filmgate) -> None:
    ticket = filmgate.create_ticket(model=MODEL, max_cost_usd=0.3, origin="https://site.example")
    assert (ticket["object"], ticket["model"], ticket["max_cost_usd"]) == ("ticket", MODEL, 0.3)
    with pytest.raises(FilmgateError) as caught:
        filmgate.create_ticket(model=MODEL, max_cost_usd=0.01, origin="https://site.example")
    assert caught.value.code == "cost_exceeds_limit"


def test_usage_tells_what_was_spent(filmgate: Filmgate) -> None:
    before = filmgate.usage()
    filmgate.video.generate(model=MODEL, prompt=new_prompt("instant"))
    after = filmgate.usage()
    grown = after["account"]["total"]["settled_usd"] - before["account"]["total"]["settled_usd"]
    assert round(grown, 6) == 0.28
    assert after["account"]["day"]["remaining_usd"] is None
