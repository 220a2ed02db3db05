"""Real sockets that misbehave as told: a proxy that loses things, and a server that says what it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, TypeAlias

import httpx

from filmgate._typing import Self


class Seen(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    at: float


class Handler(BaseHTTPRequestHandler):
    """One request; what is done with it stands in `Server.answer`."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def respond(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = int(headers.get("content-length", 0))
        self.body = self.rfile.read(min(length, 1 << 20))
        if length > 1 << 20:
            time.sleep(self.server.slow_upload)
            self.body += self.rfile.read(length - len(self.body))
        self.server.seen.append(Seen(self.command, self.path, headers, time.monotonic()))
        self.server.answer(self)

    do_GET = do_POST = do_DELETE = respond

    def give(
        self,
        status: int,
        body: bytes = b"",
        *,
        send: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answers; with `send`, only so many bytes of the body arrive before the connection breaks."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:send])
        if send is not None:
            self.drop()

    def stream(self, *pieces: bytes | float) -> None:
        """Server-sent events until the connection breaks; a number is a pause in seconds."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for piece in pieces:
            if isinstance(piece, bytes):
                self.wfile.write(piece)
            else:
                time.sleep(piece)
        self.drop()

    def drop(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.seen: list[Seen] = []
        self.slow_upload = 0.0
        """Seconds that a body of more than 1 MiB is kept waiting in its middle."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def answer(self, request: Handler) -> None:
        raise NotImplementedError

    def handle_error(self, *_: Any) -> None:
        """A client that went away."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self.server_close()


Answer: TypeAlias = "Callable[[Handler], None]"


class ToldServer(Server):
    """Gives the answers that it is told, one after the other, and `{}` after them."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Answer] = []

    def tell(self, *answers: Answer) -> None:
        self.seen.clear()
        self.answers[:] = answers

    def answer(self, request: Handler) -> None:
        if self.answers:
            self.answers.pop(0)(request)
        else:
            request.give(200, b"{}")


def told(status: int, body: str | bytes = b"", **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else body
    return lambda request: request.give(status, content, headers=headers)


def silence(request: Handler) -> None:
    time.sleep(1)
    request.drop()


class Proxy(Server):
    """Passes requests on to the gateway, and commits the faults that are in its list, one a request."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target
        self.faults: list[str] = []

    def answer(self, request: Handler) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "drop before":
            return request.drop()
        if fault == "502 before":
            return request.give(502, b"<html>Bad Gateway</html>")
        names = ("authorization", "content-type", "idempotency-key", "range", "user-agent")
        headers = {name: value for name, value in self.seen[-1].headers.items() if name in names}
        path = request.path.removeprefix("/behind")
        answer = httpx.request(
            request.command, self.target + path, headers=headers, content=request.body, timeout=70
        )
        if fault == "drop after":
            return request.drop()
        if fault == "502 after":
            return request.give(502, b"<html>Bad Gateway</html>")
        kept = {
            name.replace("-", "_"): value
            for name, value in answer.headers.items()
            if name.startswith("x-") or name in ("content-range", "etag", "retry-after")
        }
        return request.give(
            answer.status_code,
            answer.content,
            send=len(answer.content) // 2 if fault == "cut after" else None,
            headers=kept,
        )
