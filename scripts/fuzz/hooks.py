"""What schemathesis does not know of filmgate: who calls, what exists, and that nobody but this machine is called."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import schemathesis

GATEWAY = os.environ["FUZZ_URL"]
SINK = os.environ["FUZZ_SINK"]
ADMIN_KEY = os.environ["FUZZ_ADMIN_KEY"]
KIND = os.environ["FUZZ_KIND"]
ACCOUNT = "fuzz"
SITE = "https://example.com"
ANYTHING_GOES = {
    "closed": False,
    "caps": {"usd_per_day": None, "usd_per_month": None},
    "retention_days": None,
    "webhook_url": None,
    "deploy_hook_url": None,
}


def ask(method: str, path: str, key: str, body: Any = None) -> tuple[int, Any]:
    """One request of the script's own, past the recorder."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(GATEWAY + path, data, headers, method=method)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, None


def make_key(**fields: Any) -> str:
    status, made = ask("POST", "/v1/admin/keys", ADMIN_KEY, {"name": "fuzz", "account": ACCOUNT, **fields})
    if status != 201:
        raise RuntimeError(f"making a key answered {status}")
    return str(made["key"])


class World:
    """The account that is fuzzed, looked after: the fuzz revokes keys, closes accounts and deletes videos."""

    def __init__(self) -> None:
        self.at = 0.0
        self.secret = ""
        self.page = ""
        self.tasks: list[str] = []

    def refresh(self) -> World:
        if time.monotonic() - self.at < 2:
            return self
        status, listed = ask("GET", "/v1/videos?limit=50&status=completed", self.secret)
        if status != 200:
            ask("PATCH", f"/v1/admin/accounts/{ACCOUNT}", ADMIN_KEY, ANYTHING_GOES)
            self.secret = make_key()
            _, listed = ask("GET", "/v1/videos?limit=50&status=completed", self.secret)
        if KIND == "publishable":
            # A fresh one each time: a visitor's rate is limited by key, and the fuzz is to be heard.
            self.page = make_key(kind="publishable", origins=[SITE], tickets=True)
        self.tasks = [video["id"] for video in listed["data"]]
        self.at = time.monotonic()
        return self


world = World()


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/v[12]/(?!admin/)")
class AccountKey:
    """For what an account does; with a publishable key as a page would, with a ticket where it creates."""

    def get(self, case: schemathesis.Case, context: Any) -> dict[str, str]:
        world.refresh()
        if KIND == "secret":
            return {"Authorization": f"Bearer {world.secret}"}
        headers = {"Authorization": f"Bearer {world.page}", "Origin": SITE}
        model = case.body.get("model") if isinstance(case.body, dict) else None
        if case.method.upper() == "POST" and isinstance(model, str):
            wanted = {"model": model, "max_cost_usd": 10, "origin": SITE}
            _, made = ask("POST", "/v1/tickets", world.secret, wanted)
            if made is not None:
                headers["Filmgate-Ticket"] = made["ticket"]
        return headers

    def set(self, case: schemathesis.Case, data: dict[str, str], context: Any) -> None:
        case.headers.update(data)


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/v1/admin/")
class AdminKey:
    """For what the deployment's owner does."""

    def get(self, case: schemathesis.Case, context: Any) -> str:
        return ADMIN_KEY

    def set(self, case: schemathesis.Case, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Every second id that has the form of one becomes that of a video that there is."""
    tasks = world.refresh().tasks
    return {name: existing(value, tasks) for name, value in (path_parameters or {}).items()}


def existing(value: Any, tasks: list[str]) -> Any:
    form = re.fullmatch(r"(task|file)_([0-9a-z]{26})(\.mp4)?", value) if isinstance(value, str) else None
    place = sum(map(ord, form[2])) if form else 0
    if form is None or not tasks or place % 2 == 0:
        return value
    return f"{form[1]}_{tasks[place // 2 % len(tasks)][5:]}{form[3] or ''}"


def at_home(value: Any, name: str = "") -> Any:
    """The same, with every address that filmgate would call led to a receiver on this machine."""
    if isinstance(value, dict):
        return {key: at_home(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [at_home(inner, name) for inner in value]
    if name in ("webhook_url", "callback_url", "deploy_hook_url") and isinstance(value, str):
        try:
            _, host, path, query, _ = urlsplit(value)
        except ValueError:
            return value
        return urlunsplit(("http", SINK, path, query, "")) if host else value
    return value


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """The last moment: whatever made the request, it names no address of others."""
    case.body = at_home(case.body)


GO_TOGETHER = ("model", "prompt", "take", "metadata", "max_cost_usd", "retention_days", "publish", "dry_run")
"""Fields of an order that any model takes with each other."""


@schemathesis.hook
def map_case(context: Any, case: schemathesis.Case) -> schemathesis.Case:
    """
    Most orders that are made of all fields are of some that no model takes together. So every second right one is left
    with those that go together, and is paid.
    """
    body, meta = case.body, case.meta
    if not isinstance(body, dict) or "model" not in body or "origin" in body or meta is None:
        return case
    if meta.generation.mode.is_positive and len(json.dumps(body, default=str)) % 2 == 0:
        case.body = {name: value for name, value in body.items() if name in GO_TOGETHER}
        if "content" in body:
            case.body |= {"model": "MiniMax-H3", "content": [{"type": "text", "text": "Waves"}]}
            case.body |= {"resolution": "768P", "duration": 5}
        else:
            case.body |= {"model": "MiniMax-Hailuo-2.3", "prompt": (body.get("prompt") or "Waves")[:2000]}
    return case


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: schemathesis.Case, response: Any) -> bool:
    """What is right, and looks wrong to who does not know why."""
    path = urlsplit(response.request.url).path
    # An empty id makes another address of it.
    is_elsewhere = "" in (case.path_parameters or {}).values()
    # These stand where a task's id may, and as an id they are unknown.
    is_named_like_a_task = re.fullmatch("/v1/videos/(?:models|generations)", path) and failure.code == "ST204"
    # The first DELETE of a video that is being made cancels it, and it is there to be told of until the second.
    is_cancelled = failure.code == "ST301" and re.search(b'cancelled|"Fail"', response.content)
    return not (is_elsewhere or is_named_like_a_task or is_cancelled)


@schemathesis.check
def refused_in_minimax_words(ctx: Any, response: Any, case: schemathesis.Case) -> None:
    """MiniMax V1 refuses under 200: there, who has no key must be told so by `base_resp`."""
    if "MiniMax V1" not in (case.operation.tags or []) or "Authorization" in response.request.headers:
        return
    assert response.json()["base_resp"]["status_code"] in (1004, 2049), "answered without a key"
