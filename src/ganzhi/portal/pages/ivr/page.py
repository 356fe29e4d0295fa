"""The voice menu: what sessions come to, where callers leave it, how it is used, how it could be ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.flows.shared import count, guarded, lasting, ports, scope_pairs, share
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.ivr.views import IvrPage, IvrQuery

CONDITIONS = {
    "goal": (("goal_reached", "true"), ("kept", "true")),
    "agent_after_goal": (("goal_reached", "true"), ("kept", "false")),
    "agent": (("goal_reached", "false"), ("kept", "false")),
    "gave_up": (("goal_reached", "false"), ("ended_by", "caller")),
}
"""Outcomes as conditions on the records of sessions; those that were broken end in one of two ways and have none."""


def _view(visit: Visit) -> IvrPage:
    return ports(visit).ivr(visit.scope(), IvrQuery(visit.text("version")))


def ivr_link(links: Links, version: str | None) -> str:
    """The page, of one menu version or all."""
    return url("/ivr", {**scope_pairs(links), "version": version})


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query)
    model = {
        "view": view,
        "scope": view.scope,
        "pickers": (*pickers(visit, words, view.scope, links, lambda changed: ivr_link(changed, view.version)), _versions(words, view, links)),
        "here": ivr_link(links, view.version),
        "records": _records(view, links),
        "node": lambda code: _named(words, view, code),
        "function": lambda code: words.text(view.function_names[code]) if code in view.function_names else code,
        "count": guarded(words, view.lists),
        "share": lambda _, part, whole: share(words, part, whole) if view.lists or not 0 < part < SMALLEST_CELL else words.t("withheld"),
        "lasting": lasting,
        "days": len(view.scope.period.days),
        "conditions": CONDITIONS,
    }  # fmt: skip
    title = words.t("ivr.title")
    crumbs = (Crumb(words.t("nav.journeys"), links.journeys()), Crumb(title))
    return Html("ivr/page.html", title, links, model, crumbs)


def _named(words: Words, view: IvrPage, code: str) -> str:
    return words.text(view.names[code]) if code in view.names else code


def _versions(words: Words, view: IvrPage, links: Links) -> Picker:
    every = Choice(words.t("all"), ivr_link(links, None), view.version is None)
    found = [
        Choice(f"{v.version or '–'} {count(v.n)}", ivr_link(links, v.version), v.version == view.version)
        for v in view.versions
    ]
    return Picker(words.t("ivr.version"), view.version or words.t("all"), (("", (every, *found)),))


def _records(view: IvrPage, links: Links) -> Callable[..., str | None]:
    """Sessions of the period under conditions, asked freely, for whoever may."""
    days = view.scope.period
    basic = {
        "mode": "records",
        "region": links.region,
        "from": days.first_day.isoformat(),
        "to": days.last_day.isoformat(),
    }

    def link(*conditions: tuple[str, str]) -> str | None:
        if not view.records:
            return None
        held = (*conditions, *((("menu_version", view.version),) if view.version else ()))
        asked: dict[str, str | int | None] = {**basic, "feed": "ivr_sessions"}
        for place, (column, value) in enumerate(held, start=1):
            asked |= {f"c{place}": column, f"o{place}": "eq" if value else "empty", f"v{place}": value}
        return url("/query", asked)

    return link


def _columns(words: Words, *keys: str) -> tuple[SheetColumn, ...]:
    texts = ("outcome", "reading", "function", "node", "key", "leads", "now", "best", "version")
    return tuple(
        SheetColumn(
            key, words.t(f"ivr.column.{key}"), "text" if key in texts else "number", 3 if key.endswith("_s") else 0
        )
        for key in keys
    )


def _withheld(words: Words, keys: tuple[str, ...], row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """A row without its small counts."""
    return tuple(
        words.t("withheld")
        if isinstance(cell, int) and key not in ("depth", "position", "moved") and 0 < cell < SMALLEST_CELL
        else cell
        for key, cell in zip(keys, row, strict=True)
    )


def _sheets(words: Words, view: IvrPage) -> Iterator[Sheet]:
    def node(code: str | None) -> str | None:
        return None if code is None else _named(words, view, code)

    def sheet(name: str, keys: tuple[str, ...], rows: Iterator[tuple[Cell, ...]]) -> Sheet:
        kept = rows if view.lists else (_withheld(words, keys, row) for row in rows)
        return Sheet(name, words.t(f"ivr.{name}"), _columns(words, *keys), kept)

    yield sheet(
        "readings",
        ("reading", "sessions", "all"),
        ((words.t(f"ivr.reading.{r.name}"), r.part, r.whole) for r in view.readings),
    )
    yield sheet(
        "outcomes",
        ("outcome", "sessions", "again_24", "again_72", "any_24", "any_72", "open"),
        (
            (words.t(f"ivr.outcome.{o.kind}"), o.n, o.again_24, o.again_72, o.any_24, o.any_72, o.open)
            for o in view.outcomes
        ),
    )
    yield sheet(
        "functions",
        ("function", "depth", "position", "visits", "sessions", "goals", "gave_up", "agent", "p50_s", "p90_s"),
        (
            (words.text(view.function_names.get(f.function)) if f.function in view.function_names else f.function, f.depth,
             f.position, f.visits, f.sessions, f.goals, f.gave_up, f.agent, f.p50_s, f.p90_s)
            for f in view.functions
        ),
    )  # fmt: skip
    yield sheet(
        "exits", ("node", "enters", "agent", "agent_after_goal", "gave_up"),
        ((node(e.node), e.enters, e.agent, e.agent_after_goal, e.gave_up) for e in view.exits),
    )  # fmt: skip
    yield sheet(
        "keys",
        ("key", "leads", "sessions", "goals", "agent"),
        ((k.key or "–", node(k.leads), k.n, k.goal, k.agent) for k in view.keys),
    )
    yield sheet(
        "nodes", ("node", "enters", "mean_s", "backs", "repeats", "invalid", "timeouts"),
        ((node(n.node), n.enters, n.mean_s, n.backs, n.repeats, n.invalid, n.timeouts) for n in view.nodes),
    )  # fmt: skip
    yield sheet(
        "versions", ("version", "sessions", "functions_used", "goals", "gave_up", "agent"),
        ((v.version, v.n, v.functions, v.goals, v.gave_up, v.agent) for v in view.versions),
    )  # fmt: skip
    yield sheet(
        "menus", ("node", "now", "best", "moved", "presses", "saved_s", "held_s"),
        (
            (node(m.node), " → ".join(_named(words, view, c) for c in m.now), " → ".join(_named(words, view, c) for c in m.best),
             m.moved, m.presses, m.saved_s, m.held_s)
            for m in view.menus
        ),
    )  # fmt: skip


def book(visit: Visit, words: Words) -> Book:
    """Everything on the page as tables."""
    view = _view(visit)
    told = ((words.t("ivr.version"), view.version),) if view.version else ()
    return Book(
        "voice-menu",
        words.t("ivr.title"),
        facts(visit, words, view.scope, *told),
        tuple(_sheets(words, view)),
        words.t("taken.cut"),
    )


IVR = Page("ivr", "/ivr", show, nav="journeys", book=book, slow=True)
