"""Every line of Python in the READMEs is run against the gateway."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from gateway import URL, ledger, new_prompt
from servers import Proxy

FOLDER = Path(__file__).parents[1]
PAGES = {"clients/python": FOLDER / "README.md", "the root": FOLDER.parents[1] / "README.md"}
SNIPPETS = [
    pytest.param(snippet, id=f"{page} {number}")
    for page, path in PAGES.items()
    for number, snippet in enumerate(re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.DOTALL))
]


def run(program: str, folder: Path, url: str = URL) -> str:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=folder,
        env={**os.environ, "WEBHOOK_SECRET": "whsec_AAAA", "FILMGATE_URL": url},
    ).stdout


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_runs_as_it_stands(snippet: str, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes((FOLDER.parents[1] / "scripts" / "first-frame.jpg").read_bytes())
    run(snippet, tmp_path)


def test_the_handler_pays_once_when_the_network_fails_after_the_order(proxy: Proxy, tmp_path: Path) -> None:
    page = PAGES["clients/python"].read_text("utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", page.partition("## When it says no")[2], re.DOTALL)
    prompt = new_prompt("instant")
    program = snippet.replace('"Waves"', repr(prompt)).replace('"720P"', '"768P"')
    # The order and one question pass; then nothing does, for all attempts of the next.
    proxy.faults = ["", "", *["drop before"] * 4]
    run(program, tmp_path, proxy.url)
    orders = [seen.headers["idempotency-key"] for seen in proxy.seen if seen.method == "POST"]
    assert len(orders) == 2
    assert len(set(orders)) == 1
    books = ledger(prompt)
    assert (books["creates"], books["billed"]) == (1, 1)


def test_the_first_command_prints_a_link_that_works(tmp_path: Path) -> None:
    page = PAGES["clients/python"].read_text("utf-8")
    command = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)[0]
    (program,) = re.findall(r"python3? -c '(.*?)'", command, re.DOTALL)
    assert httpx.get(run(program, tmp_path).strip()).status_code == 200


def test_every_method_is_told_of() -> None:
    from filmgate import VideoClient

    page = PAGES["clients/python"].read_text("utf-8")
    methods = [name for name in vars(VideoClient) if not name.startswith("_")]
    assert [name for name in methods if f"`{name}" not in page] == []
