"""The application of the API, and how it is put into the portal's."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from ganzhi.api.document import PREFIX
from ganzhi.api.door import UnknownCallerError, caller_of
from ganzhi.api.house import House, house_of
from ganzhi.api.limits import TooManyError
from ganzhi.api.measured import Burning, Measured
from ganzhi.api.metrics import Metrics
from ganzhi.api.problem import problem_of
from ganzhi.api.routes import arrival, catalogue, documents, numbers, records
from ganzhi.measure.answers import Answers
from ganzhi.wiring import Workspace

ROUTERS = (catalogue.router, numbers.router, records.router, arrival.router, documents.router)
"""Every operation, in the order of the document."""


def create_api(house: House | None = None) -> FastAPI:
    """The operations over a house; without one, only their document can be made."""
    app = FastAPI(title="ganzhi", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.house = house
    for router in ROUTERS:
        app.include_router(router)

    async def refused(request: Request, error: Exception) -> Response:
        return await run_in_threadpool(_refused, request, error)

    app.add_exception_handler(HTTPException, refused)
    return app


def _refused(request: Request, error: Exception) -> Response:
    """The answer where there is no operation: whoever may ask nothing learns nothing of what there is."""
    house: House = request.app.state.house
    try:
        caller_of(house, request)
    except (UnknownCallerError, TooManyError) as unknown:
        return problem_of(request, unknown)
    return problem_of(request, error)


def add_api(app: FastAPI, workspace: Workspace, answers: Answers, guarded: Callable[[], bool]) -> House:
    """Put the API and the metrics of an open workspace into an application, in front of its other routes.

    answers: shared with the pages, so that both give the same numbers from the same state. guarded: whether visits
    begin with signing in; as long as they do not, whoever asks from this machine is its user.
    """
    house = house_of(workspace, answers, guarded)
    metrics = Metrics(workspace.workplace)

    def shown(request: Request) -> Response:
        try:
            return metrics.answer(house, request)
        except Exception as error:  # noqa: BLE001 - the last line before the caller
            return problem_of(request, error)

    app.router.routes[:0] = [
        Mount(PREFIX, create_api(house), name="api"),
        Route("/metrics", shown, methods=["GET"], name="metrics"),
    ]
    # Innermost, so that its refusal too leaves with the security headers.
    app.user_middleware.append(Middleware(Burning, house=house))
    app.add_middleware(Measured, metrics=metrics)
    return house
