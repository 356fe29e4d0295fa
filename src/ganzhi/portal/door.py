"""How visitors come in: who a request comes from, and the ports that answer to that viewer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ganzhi.access.rights import Viewer
from ganzhi.portal.context import PortalContext
from ganzhi.portal.gate.limits import UNLIMITED, Limits

NOBODY = Viewer("", "", "leader", (), frozenset())
"""Who has not signed in: sees the public pages."""

SIGN_IN = "/sign-in"


class NotSignedInError(Exception):
    """Somebody who has not signed in asked for what takes an account."""


class FactorOwedError(Exception):
    """Somebody who must set up a second factor first asked for something else."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a request comes from. token: what their forms must carry. session: id of the session, None without one.
    entry: what to set as the cookie `entry` with a page that has a form, None when it is set. owes: a second factor,
    before anything else."""

    viewer: Viewer
    token: str = field(repr=False)
    session: str | None = None
    entry: str | None = field(default=None, repr=False)
    owes: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether the visitor is anybody."""
        return self.viewer is not NOBODY


@dataclass(frozen=True, slots=True)
class Door:
    """visitor: whom a request comes from, by its cookies (by our names) and the host it names, which is empty for what
    does not come from this machine itself; `NOBODY`'s visitor for a stranger. context: the ports for a viewer. entrance: where strangers
    are sent. limits: of what costs much."""

    visitor: Callable[[Mapping[str, str], str], Visitor]
    context: Callable[[Viewer], PortalContext]
    entrance: str = SIGN_IN
    limits: Limits = UNLIMITED

    @staticmethod
    def open_to(context: PortalContext) -> Door:
        """A door that lets everybody in as the viewer of one context; for a portal without accounts."""
        everybody = Visitor(context.viewer, secrets.token_urlsafe(24))
        return Door(lambda cookies, host: everybody, lambda viewer: context)
