"""Who asks: a token in the header `Authorization`, or, in a workspace without accounts, this machine.

Nothing else lets anybody in: no cookie, no address. A token that stands in an address has been seen by logs and
histories, so it is revoked on the spot.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.requests import Request

from ganzhi.access.loopback import is_from_here
from ganzhi.api.house import THIS_MACHINE, Caller, House
from ganzhi.base.errors import GanzhiError, Issue

LONGEST_HEADER = 200
_TOKEN = re.compile(r"gz_[a-z0-9]{10}_[A-Za-z0-9_-]{43}")


class UnknownCallerError(GanzhiError):
    """Nobody may ask like this; answered with 401."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(issue.code)


def caller_of(house: House, request: Request) -> Caller:
    """Whom a request comes from.

    Raises: UnknownCallerError API010 without a valid token, API012 from elsewhere where nobody has an
    account yet; TooManyError for an address that was refused too often.
    """
    given = request.headers.getlist("authorization")
    address = address_of(request)
    if not given and not house.guarded():
        if is_from_here(address, request.headers):
            return THIS_MACHINE
        raise UnknownCallerError(Issue("API012"))
    house.limiter.check_refused(address)
    visit = None
    if len(given) == 1 and len(given[0]) <= LONGEST_HEADER:
        scheme, _, text = given[0].partition(" ")
        if scheme.lower() == "bearer":
            visit = house.tokens.check(house.workplace.catalogue, text.strip())
    if visit is None:
        house.limiter.note_refused(address)
        raise UnknownCallerError(Issue("API010"))
    return Caller(visit.viewer, visit.prefix)


def address_of(request: Request) -> str:
    """Where the connection comes from."""
    return request.client.host if request.client else ""


def tokens_in(address: str) -> tuple[str, ...]:
    """Texts in an address (path and query as they came) that have the form of a token.

    >>> tokens_in("/overview?a=b"), len(tokens_in("/x?key=gz%5Fabcdefghij_" + "A" * 43))
    ((), 1)
    """
    if "gz" not in address:
        return ()
    found = [*_TOKEN.findall(address), *_TOKEN.findall(unquote(address)), *_TOKEN.findall(unquote(unquote(address)))]
    return tuple(dict.fromkeys(found))
