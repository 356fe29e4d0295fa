"""What a page is: an address, a way to show itself, and the tables it can give away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ganzhi.access.rights import Right
from ganzhi.portal.context import Rests
from ganzhi.portal.drawings.picture import Drawings
from ganzhi.portal.forms import BODY_LIMIT, Form
from ganzhi.portal.links import Links
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book
from ganzhi.portal.visit import Visit


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way back; without a link it is the page itself."""

    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Html:
    """A page ready to be set. model: what the template reads beside `visit`, `words` and `links`.
    parts: id of a replaceable part to its template. headers: of the answer, beside the usual ones."""

    template: str
    title: str
    links: Links
    model: Mapping[str, object]
    crumbs: tuple[Crumb, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Go:
    """The answer to a form that was acted upon, or of a page that only sends on: where to look now. cookies: to set (None takes one away)."""

    to: str
    cookies: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One line of `PAGES`.

    path: as Starlette writes it. nav: the entry of the main navigation it belongs to. book: its
    tables, for `.csv`, `.xlsx` and `.json`. drawings: its charts, for `.svg` and `.png`. private: holds personal data and is stored nowhere.
    act: what a form sent to the same address does; the page again (with what was wrong), or where to go.
    rests: on what alone its body rests beside what is asked and by whose rights: the numbers, or the numbers and the
    findings; such a body is kept until that changes. It shows nothing of who asks and has no form that acts.
    public: can be had without having signed in. needs: a right without which it is refused. body: the most bytes
    that a form may hold. slow: may take long; what it has running is stopped when whoever asked has gone.
    watched: people leave it open to see what is now; a script renews it each minute.
    """

    name: str
    path: str
    show: Callable[[Visit, Words], Html | Go]
    nav: str | None = None
    book: Callable[[Visit, Words], Book] | None = None
    private: bool = False
    act: Callable[[Visit, Words, Form], Html | Go] | None = None
    public: bool = False
    needs: Right | None = None
    body: int = BODY_LIMIT
    drawings: Callable[[Visit, Words], Drawings] | None = None
    slow: bool = False
    rests: Rests | None = None
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """One line of `DOWNLOADS`: a file that is made whole and is no table of a page. name: of the file, ASCII. called: the
    name that somebody gave it, where it was theirs."""

    path: str
    name: str
    media: str
    make: Callable[[Visit], bytes]
    called: Callable[[Visit], str] | None = None


NAVIGATION: tuple[tuple[str, str], ...] = (
    ("overview", "/overview"),
    ("topics", "/topics"),
    ("alerts", "/alerts"),
    ("complaints", "/complaints"),
    ("halls", "/halls"),
    ("journeys", "/journeys"),
    ("reports", "/reports"),
    ("assessment", "/assessment"),
)
"""The main navigation: eight entries, no second level (ui.md section 2)."""

MY_PAGES: tuple[tuple[str, str, Right | None], ...] = (
    ("account", "/account", None),
    ("goals", "/goals", None),
    ("query", "/query", "query"),
    ("analyses", "/analyses", None),
    ("imports", "/imports", "import"),
    ("closings", "/closings", "import"),
    ("accounts", "/accounts", "accounts"),
    ("audit", "/audit", "audit"),
    ("demo", "/demo", None),
)
"""The menu under a visitor's name: what is theirs, and what is done rather than looked at; with the right it takes."""
