"""Forms as pages see them, and the checks that a form comes from one of our own pages.

A request that changes something must carry the token of the visitor's session and come from our own
origin (`Sec-Fetch-Site`, or `Origin` where a browser does not send it): reliability.md section 9, ASVS 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ganzhi.access.rights import AccessError
from ganzhi.access.secrets import same
from ganzhi.base.errors import InputError, Issue

TOKEN = "csrf"  # noqa: S105 - the name of a field
BODY_LIMIT = 64 * 1024
MOST_FIELDS = 200
LONGEST_FIELD = 20_000
CONTENT = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form. name: as the browser gave it, for display only; file: open at its beginning."""

    name: str
    size: int
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was checked. values: last value per field; lists: all of them; files: what was uploaded."""

    values: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str, most: int = 200) -> str:
        """A field without blanks around it, empty when absent; InputError POR002 when it is longer than `most`."""
        value = self.values.get(name, "").strip()
        if len(value) > most:
            raise InputError(Issue("POR002", name, params={"most": str(most)}))
        return value


def check_origin(request: Request) -> None:
    """Raise AccessError POR031 for a form that another site sent."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
    else:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc == request.headers.get("host"):
            return
    raise AccessError(Issue("POR031"))


def check_token(given: str, expected: str) -> None:
    """Raise AccessError POR032 for a form without the visitor's token."""
    if not expected or not same(given, expected):
        raise AccessError(Issue("POR032"))


class BodyLimits:
    """ASGI wrapper that refuses too large bodies unread: `BODY_LIMIT` everywhere but on the paths of `larger`."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        self._usual = RequestBodyLimitMiddleware(app, max_body_size=BODY_LIMIT)
        self._larger = {path: RequestBodyLimitMiddleware(app, max_body_size=most) for path, most in larger.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        posted = scope["type"] == "http" and scope["method"] == "POST"
        limited = self._larger.get(scope["path"], self._usual) if posted else self._usual
        await limited(scope, receive, send)


async def read_form(request: Request) -> Form:
    """The form of a request; InputError POR033 for another kind of body or one with too many or too long fields."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in CONTENT:
        raise InputError(Issue("POR033", kind[:60] or "–"))
    parsed = await request.form(max_fields=MOST_FIELDS, max_files=1, max_part_size=LONGEST_FIELD)
    values: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for name, value in parsed.multi_items():
        if isinstance(value, UploadFile):
            files[name] = Upload(value.filename or "", value.size or 0, value.file)
        elif len(value) > LONGEST_FIELD or "\x00" in value:
            raise InputError(Issue("POR002", name[:60], params={"most": str(LONGEST_FIELD)}))
        else:
            values.setdefault(name, []).append(value)
    return Form({n: v[-1] for n, v in values.items()}, {n: tuple(v) for n, v in values.items()}, files)
