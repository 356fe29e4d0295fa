"""Cookies: never readable by scripts, never sent along by other sites, over TLS only where there is TLS."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SESSION: Final = "session"
"""The secret of a session."""

ENTRY: Final = "entry"
"""What the forms of somebody who has not signed in are bound to."""

DEPARTURE: Final = "departure"
"""What ties the way to an identity provider to the way back."""

LANG: Final = "lang"

BOUND: Final = (SESSION, ENTRY, DEPARTURE)
"""Those that another host of the same domain must not be able to set."""

LIVES_S: Final = {DEPARTURE: 600, LANG: 365 * 86_400}
"""How long a browser keeps them; the others until it is closed."""


def cookie_name(name: str, *, secure: bool) -> str:
    """The name under which a browser keeps it: bound to this host (`__Host-`) where the connection allows.

    >>> cookie_name("session", secure=True), cookie_name("session", secure=False), cookie_name("lang", secure=True)
    ('__Host-session', 'session', 'lang')
    """
    return f"__Host-{name}" if secure and name in BOUND else name


def is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS with us, or with a proxy that we trust."""
    return request.url.scheme == "https"


def own_cookies(request: Request) -> dict[str, str]:
    """The request's cookies by our names; over TLS those of `BOUND` count only under their bound name."""
    found = {name: value for name, value in request.cookies.items() if name not in BOUND}
    for name in BOUND:
        value = request.cookies.get(cookie_name(name, secure=is_secure(request)))
        if value is not None:
            found[name] = value
    return found


def set_cookie(response: Response, request: Request, name: str, value: str | None) -> None:
    """Set a cookie, or take it away with None."""
    secure = is_secure(request)
    kept = cookie_name(name, secure=secure)
    if value is None:
        response.delete_cookie(kept, path="/", secure=secure, httponly=True, samesite="lax")
    else:
        response.set_cookie(kept, value, LIVES_S.get(name), path="/", samesite="lax", httponly=True, secure=secure)
