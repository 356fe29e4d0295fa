"""How every operation is served: who asks, how much, whether the answer is still the one that is known.

An answer depends on the question, the caller's reach, the catalogue, the state of the data and the hour, so its tag is
made from these before any work is done: same tag, no work. What holds records is never kept anywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ganzhi.access.rights import Viewer
from ganzhi.api.asking import LIST_PARAMETERS
from ganzhi.api.door import address_of, caller_of
from ganzhi.api.house import Caller, House
from ganzhi.api.problem import lang_of, problem_of
from ganzhi.base.errors import InputError, Issue

VARY = "Accept-Language, Authorization"
UNKEPT = "records"
"""The tag of operations whose answers nobody may keep."""


class Guarded(APIRoute):
    """A route that admits callers, answers 304 where nothing has changed, and turns every error into a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the framework within ours."""
        inner = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await self._served(request, inner)
            except Exception as error:  # noqa: BLE001 - the last line before the caller
                return await run_in_threadpool(problem_of, request, error)

        return guarded

    async def _served(self, request: Request, inner: Callable[[Request], Awaitable[Response]]) -> Response:
        house: House = request.app.state.house
        with contextlib.ExitStack() as stack:
            counted = _counted_as(request)
            stack.enter_context(house.limiter.running(counted))
            caller = await run_in_threadpool(_admitted, house, request, counted)
            request.state.caller = caller
            _refuse_repeated(request)
            if UNKEPT in self.tags:
                response = await inner(request)
                response.headers.update({"Cache-Control": "no-store", "Vary": VARY})
                return response
            tag = await run_in_threadpool(_tag, house, caller, request)
            headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": VARY}
            if tag in {each.strip() for each in request.headers.get("if-none-match", "").split(",")}:
                return Response(status_code=304, headers=headers)
            response = await inner(request)
            response.headers.update(headers)
            return response


def _admitted(house: House, request: Request, counted: str) -> Caller:
    """Whom a request comes from, once it is counted; raises what `Limiter.take` and `caller_of` do."""
    house.limiter.take(counted)
    return caller_of(house, request)


def _counted_as(request: Request) -> str:
    given = request.headers.get("authorization")
    if given is None:
        return f"address {address_of(request)}"
    return f"token {hashlib.sha256(given.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _refuse_repeated(request: Request) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    declared = LIST_PARAMETERS if request.url.path.rsplit("/", 1)[-1] != "records" else frozenset({"where"})
    twice = sorted({name for name in names if names.count(name) > 1 and name not in declared})
    if twice:
        raise InputError([Issue("API002", name[:64]) for name in twice])


def _tag(house: House, caller: Caller, request: Request) -> str:
    viewer = caller.viewer
    units, rights = viewer.reach
    parts = (
        version("ganzhi"),
        house.workplace.catalogue.version,
        *map(str, house.answers.state()),
        *units,
        viewer.role,
        *sorted(rights),
        lang_of(request),
        question_of(request, viewer, paged=True),
    )
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def question_of(request: Request, viewer: Viewer, *, paged: bool = False) -> str:
    """What is asked by whom, as text; paged: with the page that is asked for."""
    left_out = () if paged else ("cursor", "limit", "lang")
    asked = sorted((n, v) for n, v in request.query_params.multi_items() if n not in left_out)
    units, rights = viewer.reach
    return repr((request.url.path, asked, units, sorted(rights)))


class Asked:
    """A request as an operation sees it."""

    def __init__(self, request: Request) -> None:
        self.house: House = request.app.state.house
        self.caller: Caller = request.state.caller
        self.viewer = self.caller.viewer
        self.lang = lang_of(request)
        self.question = question_of(request, self.viewer)
        self.query = request.url.query


def _asked(request: Request) -> Asked:
    return Asked(request)


Asking = Annotated[Asked, Depends(_asked)]
