"""The API about itself: its OpenAPI document, and a short page of text. Not public."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ganzhi.api.asking import Plain
from ganzhi.api.document import document_json, short_text
from ganzhi.api.serving import Asking, Guarded

router = APIRouter(route_class=Guarded, tags=["documents"])


@router.get(
    "/openapi.json", name="openapi", response_class=Response, responses={200: {"content": {"application/json": {}}}}
)
def openapi(asked: Asking, request: Request, query: Annotated[Plain, Query()]) -> Response:
    """The OpenAPI document, in the language asked for."""
    return Response(document_json(request.app, asked.lang), media_type="application/json")


class Markdown(PlainTextResponse):
    """Text as Markdown."""

    media_type = "text/markdown"


@router.get("/docs", name="docs", response_class=Markdown)
def docs(asked: Asking, request: Request, query: Annotated[Plain, Query()]) -> Response:
    """How to ask, as text."""
    return Markdown(short_text(request.app, asked.lang))
