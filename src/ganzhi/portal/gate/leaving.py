"""Requests that may take long: what they have running is stopped when whoever asked has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ganzhi.measure.build.ask.running import LEAVING, Leaving


def until_gone(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """The same answer, made while the connection is watched; nothing more is read from it than its end."""

    async def watched(request: Request) -> Response:
        leaving = Leaving()
        token = LEAVING.set(leaving)
        watcher = asyncio.create_task(_watch(request, leaving))
        try:
            return await run_in_threadpool(answer, request)
        finally:
            watcher.cancel()
            LEAVING.reset(token)

    return watched


async def _watch(request: Request, leaving: Leaving) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    leaving.leave()
