"""What stands around the whole application: every request is counted, and a token in an address is revoked."""

from __future__ import annotations

import logging
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganzhi.api.door import UnknownCallerError, tokens_in
from ganzhi.api.house import House
from ganzhi.api.metrics import Metrics, route_label
from ganzhi.api.problem import problem_of
from ganzhi.base.errors import Issue

LOG = logging.getLogger("ganzhi.api")
MOST_BURNED = 5


class Burning:
    """ASGI wrapper that revokes tokens found in the address of a request, and refuses it; nothing of it is logged."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            raw = scope.get("raw_path") or scope["path"].encode()
            found = tokens_in(b"?".join((raw, scope["query_string"])).decode("latin-1"))
            if found:
                request = Request(scope, receive)
                await run_in_threadpool(self._burn, found)
                response = await run_in_threadpool(problem_of, request, UnknownCallerError(Issue("API011")))
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _burn(self, found: tuple[str, ...]) -> None:
        for text in found[:MOST_BURNED]:
            if self.house.tokens.burn(text, reason="address"):
                LOG.warning("a token that stood in an address is revoked")


class Measured:
    """ASGI wrapper that counts requests and how long they take, by route and never by address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self.metrics.note(route_label(scope), scope["method"], status, time.perf_counter() - began)
