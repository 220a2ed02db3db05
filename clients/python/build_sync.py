"""Makes `src/filmgate/_sync` from `src/filmgate/_async`: the same code without its waiting words.

    python build_sync.py          writes the files
    python build_sync.py --check  fails if they are not what would be written

It needs ruff, which puts the lines together anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "src" / "filmgate"
BY_HAND = {"__init__.py", "runtime.py"}
WORDS = [
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsync(Filmgate|VideoClient|Sender)\b", r"\1"),
    (r"\bAsyncGenerator\b", "Generator"),
    (r"\bGenerator\[([\w| ]+), None\]", r"Generator[\1, None, None]"),
    (r"\bhttpx\.AsyncClient\b", "httpx.Client"),
    (r"\ba(close|iter_bytes|iter_raw|read)\b", r"\1"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"Used in `async with`", "Used in `with`"),
    (r"The client with await\.", "The client without await."),
]


def without_await(source: str, name: str) -> str:
    for pattern, replacement in WORDS:
        source = re.sub(pattern, replacement, source)
    header = f"# Made from _async/{name} by build_sync.py: change that, and run it.\n"
    return formatted(header + source, name)


def formatted(source: str, name: str) -> str:
    for words in (["check", "--fix", "--select", "I", "--quiet"], ["format"]):
        command = [
            sys.executable,
            "-m",
            "ruff",
            *words,
            "--no-cache",
            "--stdin-filename",
            str(PACKAGE / "_sync" / name),
            "-",
        ]
        run = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
        source = run.stdout
    return source


def main(words: list[str]) -> int:
    names = sorted(path.name for path in (PACKAGE / "_async").glob("*.py") if path.name not in BY_HAND)
    made = {name: without_await((PACKAGE / "_async" / name).read_text("utf-8"), name) for name in names}
    strangers = {path.name for path in (PACKAGE / "_sync").glob("*.py")} - made.keys() - BY_HAND
    if words == ["--check"]:
        stale = [name for name in names if _read(PACKAGE / "_sync" / name) != made[name]]
        for name in sorted({*stale, *strangers}):
            print(f"src/filmgate/_sync/{name} is not what build_sync.py makes: run it.")
        return 1 if stale or strangers else 0
    for name, source in made.items():
        (PACKAGE / "_sync" / name).write_text(source, "utf-8")
    for name in strangers:
        (PACKAGE / "_sync" / name).unlink()
    return 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
