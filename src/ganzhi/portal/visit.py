"""A request as the pages see it: language, scope and parameters, read once and bounded.

Unknown parameters are ignored; an invalid value of a known one is an InputError POR001 that names
the parameter. Codes, periods and places are judged by the view-model builders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from starlette.requests import Request

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import LANGS, Lang, preferred_lang
from ganzhi.measure.views.parts import Basis
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.context import PortalContext
from ganzhi.portal.door import Visitor
from ganzhi.portal.gate.cookies import own_cookies
from ganzhi.portal.links import WHERE_PREFIX, Links

COMPARES = ("prev", "year", "target", "peers")
BASES = get_args(Basis)
LONGEST = 200
"""Characters of a parameter value; longer ones are refused, but for a search, which finds nothing."""
LAST_PAGE = 1_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. query: last value per parameter; path: without the ending that chose a form. cookies: by our names.
    address: whom the connection comes from. agent: what the browser says it is. origin: scheme and host, as the
    browser has them in its address bar. cross_site: a page of another site led here."""

    context: PortalContext
    visitor: Visitor
    lang: Lang
    lang_chosen: bool
    path: str
    codes: Mapping[str, str]
    query: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    form: str | None
    cookies: Mapping[str, str]
    address: str
    agent: str = ""
    origin: str = ""
    cross_site: bool = False

    def choice(self, name: str, known: Sequence[str]) -> str | None:
        """The value of a parameter that has a fixed set of values, None when not given."""
        value = self.query.get(name)
        if value is None or value == "":
            return None
        if value not in known:
            raise InputError(Issue("POR001", name, params={"value": value[:40], "known": ", ".join(known)}))
        return value

    def text(self, name: str) -> str | None:
        """The value of a parameter as text, None when not given or empty."""
        value = self.query.get(name, "").strip()
        if len(value) > LONGEST:
            raise InputError(Issue("POR002", name, params={"most": str(LONGEST)}))
        return value or None

    def number(self, name: str, most: int = LAST_PAGE) -> int | None:
        """The value of a parameter that counts from 1, None when not given."""
        value = self.query.get(name, "")
        if value == "":
            return None
        if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= most:
            raise InputError(Issue("POR003", name, params={"value": value[:40], "most": str(most)}))
        return int(value)

    def where(self) -> dict[str, str]:
        """Conditions on dimensions: parameters `d.<dimension>`; an empty value means the empty value."""
        found = {}
        for name, value in self.query.items():
            dimension = name.removeprefix(WHERE_PREFIX)
            if name.startswith(WHERE_PREFIX) and _NAME.fullmatch(dimension):
                if len(value) > LONGEST:
                    raise InputError(Issue("POR002", name, params={"most": str(LONGEST)}))
                found[dimension] = value
        return found

    def scope(self) -> PageQuery:
        """Place, period, comparison and basis as asked."""
        return PageQuery(
            self.text("region"), self.text("period"), self.choice("vs", COMPARES), self.choice("basis", BASES)
        )

    def links(self) -> Links:
        """Links that repeat the scope as asked; for pages without a scope of their own."""
        return Links(self.query.get("region"), self.query.get("period"), self.query.get("vs"), self.query.get("basis"))


def read_visit(request: Request, context: PortalContext, visitor: Visitor, form: str | None = None) -> Visit:
    """The request as a Visit; language from `?lang=`, then the cookie, then the browser."""
    query = {key: value for key, value in request.query_params.multi_items() if len(key) <= 80}
    asked = query.get("lang")
    chosen = asked in LANGS
    lang = asked if chosen else request.cookies.get("lang")
    path = request.url.path
    return Visit(
        context=context,
        visitor=visitor,
        lang="en"
        if lang == "en"
        else "zh"
        if lang == "zh"
        else preferred_lang(request.headers.get("accept-language", "")),
        lang_chosen=chosen,
        path=path.removesuffix(f".{form}") if form else path,
        codes={key: str(value) for key, value in request.path_params.items()},
        query={key: value for key, value in query.items() if key != "lang"},
        lists={key: request.query_params.getlist(key) for key in query},
        form=form,
        cookies=own_cookies(request),
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        origin=f"{request.url.scheme}://{request.headers.get('host', '')}",
        cross_site=request.headers.get("sec-fetch-site", "none") in ("cross-site", "same-site"),
    )
