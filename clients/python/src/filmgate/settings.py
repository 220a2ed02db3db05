"""What a client is made with, checked once.

A wrong setting is told where it was given, and not by a request that fails minutes later. Key and address come from
the environment where there is one.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field

import httpx

from .errors import FilmgateError


@dataclass(frozen=True)
class Settings:
    api_key: str = field(repr=False)
    base_url: str
    """Without a slash at its end."""
    max_retries: int
    timeout: float
    """Seconds that one attempt may take."""


def read_settings(*, api_key: str | None, base_url: str | None, max_retries: int, timeout: float) -> Settings:
    """Raises FilmgateError `invalid_setting`, naming the setting in `param`."""
    return Settings(
        api_key=_read_api_key(_or_environment(api_key, "FILMGATE_API_KEY")),
        base_url=_read_base_url(_or_environment(base_url, "FILMGATE_URL")),
        max_retries=_read_max_retries(max_retries),
        timeout=_read_timeout(timeout),
    )


def _or_environment(value: str | None, name: str) -> str | None:
    # Empty counts as absent in the environment, as it does in shells and build systems.
    return value if value is not None else os.environ.get(name) or None


def _read_api_key(value: str | None) -> str:
    if value is None:
        raise _invalid(
            "api_key",
            "filmgate needs an API key: Filmgate(api_key='mql_…'), or FILMGATE_API_KEY in the environment.",
        )
    key = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"[\x21-\x7e]+", key):
        return key
    raise _invalid("api_key", "The API key has characters in it that no key has; it looks like 'mql_…'.")


def _read_base_url(value: str | None) -> str:
    if value is None:
        raise _invalid(
            "base_url",
            "filmgate needs its address: Filmgate(base_url='https://…'), or FILMGATE_URL in the environment.",
        )
    try:
        url = httpx.URL(str(value).strip())
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise _invalid(
            "base_url",
            f"base_url must be an http(s) address such as https://video.example.com, not {value!r}.",
        )
    if url.userinfo or url.query or url.fragment:
        raise _invalid(
            "base_url", "base_url takes an origin and perhaps a path: no user, no query, no fragment."
        )
    return str(url).rstrip("/?#")


def _read_max_retries(value: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10:
        return value
    raise _invalid("max_retries", f"max_retries must be a whole number from 0 to 10, not {value!r}.")


def _read_timeout(value: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and value > 0:
        return float(value)
    raise _invalid("timeout", f"timeout must be a number of seconds above 0, not {value!r}.")


def _invalid(param: str, message: str) -> FilmgateError:
    return FilmgateError(message, code="invalid_setting", param=param)
