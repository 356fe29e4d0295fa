"""Cookies: never readable by scripts, never sent from other sites, over TLS only where there is TLS."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SESSION: Final = "session"


def cookie_name(name: str, *, secure: bool) -> str:
    """The name under which a browser keeps it: bound to this host (`__Host-`) where the connection allows."""
    return f"__Host-{name}" if secure and name == SESSION else name


def set_cookie(response: Response, request: Request, name: str, value: str | None, seconds: int | None = None) -> None:
    """Set a cookie, or take it away with None."""
    secure = request.url.scheme == "https"
    kept = cookie_name(name, secure=secure)
    if value is None:
        response.delete_cookie(kept, path="/", secure=secure, httponly=True, samesite="lax")
    else:
        response.set_cookie(kept, value, seconds, path="/", samesite="lax", httponly=True, secure=secure)
