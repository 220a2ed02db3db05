"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gateway import URL, make_client
from servers import Proxy, ToldServer

from filmgate import Filmgate

Connect = Callable[..., Filmgate]


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes clients of one kind, for the gateway if nothing else is said; each test is run with both kinds."""
    made: list[Filmgate] = []

    def connected(**settings: Any) -> Filmgate:
        made.append(make_client(request.param, **settings))
        return made[-1]

    yield connected
    for client in made:
        client.close()


@pytest.fixture
def filmgate(connect: Connect) -> Filmgate:
    return connect()


@pytest.fixture
def server() -> Iterator[ToldServer]:
    with ToldServer() as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(URL) as running:
        yield running


@pytest.fixture
def far(connect: Connect, proxy: Proxy) -> Filmgate:
    """A client whose way leads through the proxy."""
    return connect(base_url=f"{proxy.url}/behind/")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
