"""Webhooks: one that filmgate really sent, and all that is not one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from gateway import KEY, MODEL, URL, new_prompt
from servers import Handler, ToldServer

from filmgate import Filmgate, WebhookError, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()


def signed(body: bytes, *, secret: str = SECRET, late: int = 0, **changes: str | None) -> dict[str, Any]:
    timestamp = str(int(time.time()) - late)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": timestamp,
        "Webhook-Signature": f"v1,{base64.b64encode(mac).decode()}",
    }
    for name, value in changes.items():
        headers[f"Webhook-{name.capitalize()}"] = value or ""
    return {
        "body": body,
        "headers": {name: value for name, value in headers.items() if value},
        "secret": SECRET,
    }


def test_one_that_filmgate_sent_is_believed(server: ToldServer) -> None:
    bodies: list[tuple[bytes, dict[str, str]]] = []

    def receive(request: Handler) -> None:
        bodies.append((request.body, dict(request.headers.items())))
        request.give(204)

    server.tell(receive)
    secret = httpx.get(f"{URL}/v1/webhooks/secret", headers={"authorization": f"Bearer {KEY}"}).json()[
        "secret"
    ]
    with Filmgate() as filmgate:
        made = filmgate.video.generate(
            model=MODEL, prompt=new_prompt("instant"), webhook_url=f"{server.url}/hook"
        )
    end = time.monotonic() + 20
    while not bodies and time.monotonic() < end:
        time.sleep(0.05)
    body, headers = bodies[0]
    message = verify_webhook(body=body, headers=headers, secret=secret)
    assert message.payload["type"] == "video.succeeded"
    assert message.payload["data"]["id"] == made["task_id"]
    assert message.id.startswith("msg_")
    assert abs(message.sent_at.timestamp() - time.time()) < 60
    with pytest.raises(WebhookError):
        verify_webhook(body=body + b" ", headers=headers, secret=secret)


def test_any_signature_that_fits_will_do() -> None:
    request = signed(b"{}")
    both = f"v1,AAAA v2,x {request['headers']['Webhook-Signature']}"
    request["headers"]["Webhook-Signature"] = both
    assert dict(verify_webhook(**request).payload) == {}
    assert verify_webhook(**request | {"body": "{}"}).id == "msg_1"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: signed(b"{}", id=None), "webhook_unsigned"),
        (lambda: signed(b"{}", signature=None), "webhook_unsigned"),
        (lambda: signed(b"{}", late=302), "webhook_expired"),
        (lambda: signed(b"{}", late=-302), "webhook_expired"),
        (lambda: signed(b"{}", timestamp="soon"), "webhook_expired"),
        (lambda: signed(b"{}", signature="v1,AAAA"), "webhook_invalid"),
        (lambda: signed(b"{}", signature="v1,%%%"), "webhook_invalid"),
        (lambda: signed(b"{}", id="msg_2"), "webhook_invalid"),
        (lambda: signed(b"{}") | {"body": b"{ }"}, "webhook_invalid"),
        (lambda: signed(b"{}", secret="whsec_AAAA"), "webhook_invalid"),
        (lambda: signed(b"not json"), "webhook_invalid"),
    ],
)
def test_what_is_not_one_is_refused(make: Callable[[], dict[str, Any]], code: str) -> None:
    with pytest.raises(WebhookError) as caught:
        verify_webhook(**make())
    assert caught.value.code == code


def test_mistakes_of_the_program_are_told_as_such() -> None:
    with pytest.raises(TypeError, match="before it is parsed"):
        verify_webhook(**signed(b"{}") | {"body": json.loads("{}")})
    for wrong in ("", "whsec_", "whsec_%%%", "AAAA"):
        with pytest.raises(ValueError, match="whsec_"):
            verify_webhook(**signed(b"{}") | {"secret": wrong})
