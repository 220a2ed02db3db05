"""What a client is made with: given, found in the environment, or refused in plain words."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest

from filmgate import Filmgate, FilmgateError

GIVEN: dict[str, Any] = {"api_key": "mql_default_key", "base_url": "https://video.example.com"}


def first_request(**settings: Any) -> httpx.Request:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http_client:
        Filmgate(**settings, http_client=http_client).video.models()
    return seen[0]


def test_takes_key_and_address_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILMGATE_API_KEY", "mql_default_env\n")
    monkeypatch.setenv("FILMGATE_URL", "https://env.example.com/")
    request = first_request()
    assert str(request.url) == "https://env.example.com/v1/videos/models"
    assert request.headers["authorization"] == "Bearer mql_default_env"
    assert first_request(**GIVEN).url.host == "video.example.com"


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://example.com/", "https://example.com/v1/videos/models"),
        ("https://example.com/a/b", "https://example.com/a/b/v1/videos/models"),
        ("https://example.com/a/b//", "https://example.com/a/b/v1/videos/models"),
        ("http://localhost:8787", "http://localhost:8787/v1/videos/models"),
    ],
)
def test_keeps_what_stands_in_the_path(base_url: str, url: str) -> None:
    assert str(first_request(**GIVEN | {"base_url": base_url}).url) == url


@pytest.mark.parametrize(
    ("param", "value", "words"),
    [
        ("api_key", None, "FILMGATE_API_KEY"),
        ("api_key", "", "characters"),
        ("api_key", "mql_a b", "characters"),
        ("base_url", None, "FILMGATE_URL"),
        ("base_url", "video.example.com", "https://video.example.com"),
        ("base_url", "ftp://example.com", "http"),
        ("base_url", "https://user:secret@example.com", "no user"),
        ("base_url", "https://example.com/?key=x", "no query"),
        ("max_retries", -1, "0 to 10"),
        ("max_retries", 1.5, "0 to 10"),
        ("max_retries", True, "0 to 10"),
        ("timeout", 0, "above 0"),
        ("timeout", float("inf"), "above 0"),
        ("timeout", None, "above 0"),
    ],
)
def test_refuses_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, param: str, value: object, words: str
) -> None:
    monkeypatch.setenv("FILMGATE_API_KEY", "")
    monkeypatch.setenv("FILMGATE_URL", "")
    with pytest.raises(FilmgateError, match=words) as caught:
        Filmgate(**GIVEN | {param: value})
    assert (caught.value.code, caught.value.param) == ("invalid_setting", param)
    assert pickle.loads(pickle.dumps(caught.value)).param == param


def test_does_not_show_its_key_to_whoever_prints_it() -> None:
    with Filmgate(**GIVEN) as filmgate:
        shown = repr(filmgate) + repr(vars(filmgate)) + repr(filmgate._sender.settings)
    assert "video.example.com" in shown
    assert "mql_default_key" not in shown
