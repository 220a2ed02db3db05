"""The client with await."""

from __future__ import annotations

from types import TracebackType

import httpx

from .. import calls
from .._typing import Self, Unpack
from ..contract import CreatedTicket, CreateTicketRequest, UsageResponse
from ..settings import read_settings
from .sender import AsyncSender
from .video import AsyncVideoClient


class AsyncFilmgate:
    """A filmgate deployment, with one API key. Used in `async with`, it lets go of its connections at the end.

    `api_key` is by default `FILMGATE_API_KEY` of the environment; keep it on servers. `base_url` is by default
    `FILMGATE_URL`; a path prefix is kept. `max_retries` is how often a request is repeated after a lost connection,
    429 or 5xx: 0 to 10. `timeout` is how many seconds one attempt may take; large images on slow lines take more.
    `http_client` is one of your own, for proxies, certificates and tests; closing it stays with you.

    Raises FilmgateError `invalid_setting` if one is missing or wrong. Nothing is sent yet.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        max_retries: int = 3,
        timeout: float = 30.0,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        settings = read_settings(api_key=api_key, base_url=base_url, max_retries=max_retries, timeout=timeout)
        self._sender = AsyncSender(settings, http_client)
        self.video = AsyncVideoClient(self._sender)

    async def usage(self) -> UsageResponse:
        """What the account and this key ordered today, this month and in all, and what caps leave.

        Raises FilmgateError `publishable_key` (403).
        """
        return await self._sender.send(calls.usage())

    async def create_ticket(self, **request: Unpack[CreateTicketRequest]) -> CreatedTicket:
        """A permission to create one video from a page of `origin`, of this model and at most at this price.

        Good for ten minutes if nothing else is said. It takes a secret key, on a server; nothing is reserved by it.

        Raises FilmgateError `unknown_model`, `price_unknown`, `invalid_field` (400), `cost_exceeds_limit` (402),
        `publishable_key` (403).
        """
        return await self._sender.send(calls.create_ticket(request))

    async def aclose(self) -> None:
        """Lets go of its connections."""
        await self._sender.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"AsyncFilmgate(base_url={self._sender.settings.base_url!r})"
