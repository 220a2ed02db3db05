# Made from _async/sender.py by build_sync.py: change that, and run it.
"""Sending: a request, repeated where that is safe, until it is answered; and bodies that are read as they come.

What would be done again is never repeated: the first delete may cancel a video, and the second would remove it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator

import httpx

from ..answers import Asked, read_answer, unanswered, unreadable
from ..calls import Answer, Call
from ..errors import FilmgateError
from ..events import EventReader, StreamEvent
from ..logs import without_signature
from ..retries import retry_wait
from ..saving import PartFile
from ..settings import Settings
from ..version import __version__
from .runtime import pause

USER_AGENT = f"filmgate-python/{__version__}"
SILENCE_SECONDS = 40.0
"""The server gives a sign of life every 15 s; a stream without any is dead, though nobody has said so."""


class Sender:
    def __init__(self, settings: Settings, http_client: httpx.Client | None) -> None:
        self.settings = settings
        # Every wait holds a connection of its own: a limit would let some of many time out before they are sent.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._http = httpx.Client(limits=limits) if http_client is None else http_client
        self._is_own = http_client is None

    def close(self) -> None:
        if self._is_own:
            self._http.close()

    def send(self, call: Call[Answer]) -> Answer:
        """Raises FilmgateError unless the answer is a success."""
        retries = 0 if call.repeating == "look" else self.settings.max_retries
        attempt = 0
        while True:
            try:
                return self._exchange(call)
            except FilmgateError as error:
                wait = None if attempt >= retries else retry_wait(error, attempt, random.random())
                is_late = call.deadline is not None and time.monotonic() + (wait or 0) > call.deadline
                if wait is None or is_late:
                    raise
            pause(wait)
            attempt += 1

    def _exchange(self, call: Call[Answer]) -> Answer:
        url = self.settings.base_url + call.path
        asked = Asked(call.method, url, call.idempotency_key, call.repeating)
        limit = self.settings.timeout + call.hold_seconds
        if call.deadline is not None:
            limit = max(min(limit, call.deadline - time.monotonic()), 0.001)
        body = bytearray()
        try:
            with self._http.stream(
                call.method,
                url,
                headers=self._headers(call),
                content=call.body,
                timeout=limit,
                follow_redirects=False,
            ) as response:
                # From here on, since what came before may have been a long upload: its answer is not thrown away.
                end = time.monotonic() + limit
                if call.deadline is not None:
                    end = min(end, call.deadline)
                for piece in response.iter_bytes():
                    body += piece
                    if time.monotonic() > end:
                        raise httpx.ReadTimeout("the body took too long")
        except httpx.RequestError as error:
            raise unanswered(asked, error, self.settings.timeout) from error
        answer: Answer = read_answer(response, bytes(body), asked)
        return answer

    def events(self, call: Call[bytes], last_event_id: str) -> Generator[StreamEvent | None, None, None]:
        """The events of one connection, and None for each sign of life. One attempt.

        Raises FilmgateError, `unreadable_answer` if it is no stream.
        """
        url = self.settings.base_url + call.path
        asked = Asked(call.method, url)
        headers = {**self._headers(call), "accept": "text/event-stream"}
        if last_event_id:
            headers["last-event-id"] = last_event_id
        timeout = httpx.Timeout(self.settings.timeout, read=SILENCE_SECONDS)
        try:
            with self._http.stream(
                call.method, url, headers=headers, timeout=timeout, follow_redirects=False
            ) as response:
                is_stream = response.headers.get("content-type", "").lower().startswith("text/event-stream")
                if response.is_success and is_stream:
                    reader = EventReader()
                    for piece in response.iter_bytes():
                        for event in reader.feed(piece):
                            yield event
                        yield None
                    return
                body = response.read()
        except httpx.RequestError as error:
            raise unanswered(asked, error, SILENCE_SECONDS) from error
        read_answer(response, body, asked)
        # A success that is no stream is none: a page of something in between, for example.
        raise unreadable(response, body.decode(errors="replace"), asked)

    def fetch(self, link: str, part: PartFile) -> None:
        """Writes what a signed link gives behind what is there. One attempt; the link is sent no key."""
        # What signs a link is neither for errors nor for logs.
        asked = Asked("GET", link.partition("?")[0])
        headers = {**part.headers(), "user-agent": USER_AGENT}
        with without_signature():
            try:
                with self._http.stream(
                    "GET", link, headers=headers, timeout=self.settings.timeout, follow_redirects=False
                ) as response:
                    if response.is_success:
                        part.begin(response)
                        for piece in response.iter_raw():
                            part.write(piece)
                        if not part.is_whole:
                            raise httpx.RemoteProtocolError("the video ended early")
                        return
                    body = response.read()
            except httpx.RequestError as error:
                raise unanswered(asked, error, self.settings.timeout) from error
        read_answer(response, body, asked)

    def _headers(self, call: Call[Answer]) -> dict[str, str]:
        headers = {
            "accept": "application/json",
            "authorization": f"Bearer {self.settings.api_key}",
            "user-agent": USER_AGENT,
        }
        if call.content_type is not None:
            headers["content-type"] = call.content_type
        if call.idempotency_key is not None:
            headers["idempotency-key"] = call.idempotency_key
        return headers
