"""Telling a webhook of filmgate's from anybody else's: Standard Webhooks, https://www.standardwebhooks.com.

The signature covers id, time and the raw body, and is compared in the same time for any guess.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from .contract import WebhookEvent
from .errors import WebhookError


@dataclass(frozen=True)
class WebhookMessage:
    id: str
    """The same for every delivery of one event: remember it, and act once."""
    sent_at: datetime
    payload: WebhookEvent
    """The body, parsed: its signature says that it is what filmgate sent."""


def verify_webhook(
    *,
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    tolerance_seconds: float = 300,
) -> WebhookMessage:
    """Verifies a webhook and parses it.

    `body` is as it came, before any parser; `headers` are the request's; `secret` is `whsec_…` as filmgate showed it;
    the two clocks may be `tolerance_seconds` apart.

    Raises WebhookError `webhook_unsigned` without its headers, `webhook_expired` if it is older or newer than the
    tolerance, `webhook_invalid` if no signature fits or the body is not JSON: answer 400 to each. Raises TypeError or
    ValueError if the body was parsed already or the secret is not one: mistakes of the program.
    """
    if not isinstance(body, bytes | bytearray | memoryview | str):
        raise TypeError("verify_webhook needs the raw body, as bytes or text, before it is parsed.")
    raw = body.encode() if isinstance(body, str) else bytes(body)
    key = _read_secret(secret)
    lower = {name.lower(): value for name, value in headers.items()}
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message_id, timestamp, signatures = (lower.get(name) for name in names)
    if message_id is None or timestamp is None or signatures is None:
        raise WebhookError(
            "The request lacks webhook-id, webhook-timestamp or webhook-signature.", code="webhook_unsigned"
        )
    sent_at = _read_timestamp(timestamp, tolerance_seconds)
    signed = f"{message_id}.{timestamp}.".encode() + raw
    right = hmac.new(key, signed, hashlib.sha256).digest()
    # While a secret is being replaced there is one signature for each; any that fits will do.
    for signature in signatures.split(" "):
        mac = _from_base64(signature[3:]) if signature.startswith("v1,") else None
        if mac is not None and hmac.compare_digest(mac, right):
            return WebhookMessage(message_id, sent_at, _parse(raw))
    raise WebhookError(
        "No signature of this webhook fits. Is it the right secret, and the body as it came, byte for byte?",
        code="webhook_invalid",
    )


def _read_secret(secret: str) -> bytes:
    key = _from_base64(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else None
    if not key:
        raise ValueError("A webhook secret is 'whsec_' and base64, exactly as filmgate showed it.")
    return key


def _read_timestamp(text: str, tolerance_seconds: float) -> datetime:
    seconds = int(text) if re.fullmatch(r"[0-9]{1,11}", text) else None
    if seconds is None or abs(time.time() - seconds) > tolerance_seconds:
        raise WebhookError(
            f"The webhook's time is not within {tolerance_seconds:g} s of this machine's: it is a replay, "
            "or a clock is wrong.",
            code="webhook_expired",
        )
    return datetime.fromtimestamp(seconds, timezone.utc)


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _parse(body: bytes) -> WebhookEvent:
    try:
        event: WebhookEvent = json.loads(body)
    except ValueError as cause:
        raise WebhookError("The webhook's body is not JSON.", code="webhook_invalid") from cause
    return event
