"""How visitors come in: who a request comes from, and the ports that answer to that viewer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.portal.context import PortalContext

NOBODY = Viewer("", "", "leader", (), frozenset())
"""Who has not signed in: sees the public pages."""


class NotSignedInError(Exception):
    """Somebody who has not signed in asked for what takes an account."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a request comes from. token: what their forms must carry. session: id of the session, None without one."""

    viewer: Viewer
    token: str
    session: str | None = None

    @property
    def signed_in(self) -> bool:
        """Whether the visitor is anybody."""
        return self.viewer is not NOBODY


@dataclass(frozen=True, slots=True)
class Door:
    """visitor: whom a request comes from, by its cookies and the host it names; `NOBODY`'s visitor for a stranger.
    context: the ports for a viewer."""

    visitor: Callable[[Mapping[str, str], str], Visitor]
    context: Callable[[Viewer], PortalContext]

    @staticmethod
    def open_to(context: PortalContext) -> Door:
        """A door that lets everybody in as the viewer of one context; for a portal without accounts."""
        everybody = Visitor(context.viewer, secrets.token_urlsafe(24))
        return Door(lambda cookies, host: everybody, lambda viewer: context)
