"""Whom a request comes from: a session's owner, the local user, or nobody."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request

from ganzhi.access.loopback import is_from_here, is_loopback
from ganzhi.access.open import Access
from ganzhi.access.rights import LOCAL
from ganzhi.access.secrets import new_secret
from ganzhi.portal.door import NOBODY, Visitor
from ganzhi.portal.gate.cookies import ENTRY, SESSION

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def host_here(request: Request) -> str:
    """The host that a request names, when it comes from this machine itself and through no proxy; empty otherwise."""
    address = request.client.host if request.client else ""
    # A link on a page of another site may lead here; what changes something is checked by `forms.check_origin`.
    headers = {name: value for name, value in request.headers.items() if name != "sec-fetch-site"}
    return headers.get("host", "") if is_from_here(address, headers) else ""


def stranger(cookies: Mapping[str, str]) -> Visitor:
    """Somebody who has not signed in. Their forms carry what only the cookie `entry` can have been made into."""
    kept = cookies.get(ENTRY, "")
    entry = kept if _SECRET.fullmatch(kept) else new_secret()
    token = hashlib.sha256(f"form {entry}".encode()).hexdigest()
    return Visitor(NOBODY, token, entry=None if entry == kept else entry)


class Gate:
    """The gate of a workspace. Sessions are looked up at every request, so whoever is shut out is out at once."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._guarded = False
        self._local = Visitor(LOCAL, secrets.token_urlsafe(24))

    def guarded(self) -> bool:
        """Whether visits begin with signing in. Accounts are never deleted, so once true it stays true."""
        self._guarded = self._guarded or self._access.signin.needed
        return self._guarded

    def visitor(self, cookies: Mapping[str, str], host: str) -> Visitor:
        """Whom a request comes from.

        cookies: by our names. host: as `host_here` says. As long as nobody has an account, whoever asks from
        this machine, by a name of this machine, is the local user.
        """
        secret = cookies.get(SESSION, "")
        session = self._access.signin.session(secret) if _SECRET.fullmatch(secret) else None
        if session is not None:
            if session.owes:  # until then there is nothing that they may see
                viewer = replace(session.viewer, rights=frozenset())
                return Visitor(viewer, session.csrf, session.id, owes=True)
            return Visitor(session.viewer, session.csrf, session.id)
        if is_loopback(host) and not self.guarded():
            return self._local
        return stranger(cookies)
