"""Whose responsibility complaints were, by department, branch or county; and complaints by class of value. Each count opens
to its tickets on the same page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.desk.process.splits import WHICH, PartiesPage, WorthPage, of_class, of_party
from ganzhi.complaints.tickets.parties import BYS, UNKNOWN, By, Evidence, Judged
from ganzhi.complaints.tickets.worth import Weighed, WorthRow
from ganzhi.portal.context import ExportNote
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.complaints.desk_words import ticket_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.complaints import ComplaintPorts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

PARTIES = "/complaints/responsibility"
WORTH = "/complaints/classes"
ANY = "any"
"""All parties, or all classes."""
SHOWN = 100
"""Tickets on the page; the file has all."""


def _ports(visit: Visit) -> ComplaintPorts:
    if visit.context.complaints is None:
        raise InternalError("a portal without complaints")
    return visit.context.complaints


def _by(visit: Visit) -> By:
    return visit.choice("by", BYS) or "department"  # type: ignore[return-value]  # a choice among them


def parties_link(links: Links, by: By, key: str | None = None, party: str | None = None) -> str:
    """The report, and which tickets of it stand below."""
    asked = {"by": None if by == "department" else by, "region": links.region, "period": links.period}
    return url(PARTIES, {**asked, "key": key, "party": party})


def worth_link(links: Links, key: str | None = None, which: str | None = None) -> str:
    """The report, and which tickets of it stand below."""
    return url(WORTH, {"region": links.region, "period": links.period, "key": key, "which": which})


def named(words: Words, names: Mapping[str, Text], kind: str, code: str | None) -> str:
    """A code in words."""
    if code in (None, "", UNKNOWN):
        return words.t("desk.splits.unknown_party" if kind == "party" else "desk.splits.unknown")
    return words.text(names.get(f"{kind}:{code}", Text(zh=str(code), en=str(code))))


def evidence_text(words: Words, names: Mapping[str, Text], each: Evidence) -> str:
    """A piece of evidence in words."""
    if each.kind == "desk":
        return words.t("desk.splits.evidence_desk", text=each.ref, by=each.of)
    return words.t(f"desk.splits.evidence_{each.kind}", of=named(words, names, each.kind, each.of), ref=each.ref)


def show_parties(visit: Visit, words: Words) -> Html:
    """Whose responsibility."""
    by, query = _by(visit), visit.scope()
    page = _ports(visit).parties(query, by)
    links = Links.of(page.scope, query).at(basis=None, vs=None)
    key, party = visit.text("key"), visit.text("party")
    those = of_party(page.report.found, key, None if party == ANY else party) if party else []
    choices = tuple(Choice(words.t(f"desk.splits.by.{each}"), parties_link(links, each), each == by) for each in BYS)
    chosen = Picker(words.t("desk.splits.by_label"), words.t(f"desk.splits.by.{by}"), (("", choices),))
    model = {
        "page": page,
        "report": page.report,
        "scope": page.scope,
        "pickers": (*pickers(visit, words, page.scope, links, lambda at: parties_link(at, by))[:2], chosen),
        "here": parties_link(links, by),
        "name": lambda kind, code: named(words, page.names, kind, code),
        "opened": lambda row, code: _opened(page.lists, links, by, row, code),
        "evidence": lambda each: [evidence_text(words, page.names, piece) for piece in each.evidence],
        "unknown": UNKNOWN,
        "key": key,
        "party": party,
        "those": those[:SHOWN],
        "n": len(those),
        "ticket_link": ticket_link,
        "classes": worth_link(links),
    }
    title = words.t("desk.splits.parties")
    return Html("complaints/parties.html", title, links, model, _crumbs(words, title))


def _opened(lists: bool, links: Links, by: By, row: str, code: str | None) -> str | None:
    return parties_link(links, by, row or None, code or ANY) + "#list" if lists else None


def _crumbs(words: Words, title: str) -> tuple[Crumb, ...]:
    return (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(title))


def show_worth(visit: Visit, words: Words) -> Html:
    """By class of value."""
    query = visit.scope()
    page = _ports(visit).worth(query)
    links = Links.of(page.scope, query).at(basis=None, vs=None)
    key = visit.text("key")
    which = visit.choice("which", WHICH)
    those = of_class(page.report.found, None if key == ANY else key, which) if key else []  # type: ignore[arg-type]  # a choice among them
    model = {
        "page": page,
        "report": page.report,
        "scope": page.scope,
        "pickers": pickers(visit, words, page.scope, links, worth_link)[:2],
        "here": worth_link(links),
        "name": lambda kind, code: named(words, page.names, kind, code),
        "opened": lambda row, which: worth_link(links, row.key or ANY, which) + "#list" if page.lists else None,
        "which": which,
        "hours": lambda row: hours_text(words, row),
        "took": lambda each: "–" if each.took is None else wording.duration(words.lang, each.took.total_seconds()),
        "key": key,
        "those": those[:SHOWN],
        "n": len(those),
        "ticket_link": ticket_link,
        "parties": parties_link(links, "department"),
    }
    title = words.t("desk.splits.worth")
    return Html("complaints/worth.html", title, links, model, _crumbs(words, title))


def hours_text(words: Words, row: WorthRow) -> str:
    """The mean time from receipt to closing."""
    return "–" if row.hours is None else wording.duration(words.lang, row.hours * 3600)


# -- files -------------------------------------------------------------------------------------------

_NUMBERS = frozenset(
    (
        "total",
        "none",
        "shown",
        "customers",
        "repeats",
        "escalated",
        "closed",
        "hours",
        "kept",
        "provider",
        "third_party",
    )
)


def _columns(words: Words, *keys: str, numbers: bool = False) -> tuple[SheetColumn, ...]:
    instants = ("received", "closed_at")
    return tuple(
        SheetColumn(
            key,
            words.t(f"desk.splits.column.{key}"),
            "instant" if key in instants else "number" if numbers and key in _NUMBERS else "text",
            1 if key in ("hours", "kept") else 0,
        )
        for key in keys
    )


def _noted(visit: Visit, here: str, rows: int) -> None:
    """Whoever takes tickets away stands in the audit trail."""
    if visit.context.viewer.may("list"):
        visit.context.exported(ExportNote(visit.context.user, "complaints", here, visit.form or "", rows))


def book_parties(visit: Visit, words: Words) -> Book:
    """The report, and every complaint with its evidence."""
    by = _by(visit)
    page = _ports(visit).parties(visit.scope(), by)
    report = page.report
    codes = (*report.codes, UNKNOWN)

    def counts() -> Iterator[tuple[Cell, ...]]:
        for row in (*report.rows, report.all):
            name = named(words, page.names, "key", row.key) if row.key else words.t("desk.splits.all")
            yield (name, row.total, *(row.parties[code] for code in codes), row.shown)

    def tickets() -> Iterator[tuple[Cell, ...]]:
        _noted(visit, parties_link(Links(visit.text("region"), visit.text("period")), by), len(report.found))
        for each in report.found:
            yield _ticket(words, page, each)

    heads = (
        *_columns(words, by),
        SheetColumn("total", words.t("desk.splits.column.total"), "number", 0),
        *(SheetColumn(code, named(words, page.names, "party", code), "number", 0) for code in codes),
        SheetColumn("shown", words.t("desk.splits.column.shown"), "number", 0),
    )
    keys = ("id", "received", "place", "category", by, "party", "decided", "evidence")
    sheets = [Sheet("responsibility", words.t("desk.splits.parties"), heads, counts())]
    if page.lists:
        sheets.append(Sheet("tickets", words.t("desk.splits.tickets"), _columns(words, *keys), tickets()))
    return Book("responsibility", words.t("desk.splits.parties"), facts(visit, words, page.scope), tuple(sheets), words.t("taken.cut"))  # fmt: skip


def _ticket(words: Words, page: PartiesPage, each: Judged) -> tuple[Cell, ...]:
    of, names = each.ticket, page.names
    told = "; ".join(evidence_text(words, names, piece) for piece in each.evidence)
    return (
        of.id, of.received_at.astimezone(words.zone).replace(tzinfo=None), named(words, names, "unit", of.unit),
        named(words, names, "category", of.category), named(words, names, "key", each.key), named(words, names, "party", each.party),
        words.t(f"desk.splits.decided.{each.decided}") if each.decided else "", told,
    )  # fmt: skip


def book_worth(visit: Visit, words: Words) -> Book:
    """The report, and every complaint with its class."""
    page = _ports(visit).worth(visit.scope())

    def counts() -> Iterator[tuple[Cell, ...]]:
        for row in (*page.report.rows, page.report.all):
            name = named(words, page.names, "key", row.key) if row.key else words.t("desk.splits.all")
            hours = None if row.hours is None else round(row.hours, 1)
            kept = None if row.kept_share is None else round(100 * row.kept_share, 1)
            yield (name, row.total, row.customers, row.repeats, row.escalated, row.closed, hours, kept)

    def tickets() -> Iterator[tuple[Cell, ...]]:
        _noted(visit, worth_link(Links(visit.text("region"), visit.text("period"))), len(page.report.found))
        for each in page.report.found:
            yield _weighed(words, page, each)

    keys = ("class", "total", "customers", "repeats", "escalated", "closed", "hours", "kept")
    sheets = [Sheet("classes", words.t("desk.splits.worth"), _columns(words, *keys, numbers=True), counts())]
    if page.lists:
        heads = _columns(words, "id", "received", "closed_at", "place", "category", "class", "repeated")
        sheets.append(Sheet("tickets", words.t("desk.splits.tickets"), heads, tickets()))
    return Book("classes", words.t("desk.splits.worth"), facts(visit, words, page.scope), tuple(sheets), words.t("taken.cut"))  # fmt: skip


def _weighed(words: Words, page: WorthPage, each: Weighed) -> tuple[Cell, ...]:
    of, took = each.ticket, each.took
    received = of.received_at.astimezone(words.zone).replace(tzinfo=None)
    return (
        of.id, received, None if took is None else received + (took or timedelta(0)), named(words, page.names, "unit", of.unit),
        named(words, page.names, "category", of.category), named(words, page.names, "key", each.key),
        words.t("alerts.yes") if each.repeated else "",
    )  # fmt: skip


SPLIT_PAGES: tuple[Page, ...] = (
    Page("complaint-responsibility", PARTIES, show_parties, nav="complaints", book=book_parties, needs="dynamic", private=True, slow=True),
    Page("complaint-classes", WORTH, show_worth, nav="complaints", book=book_worth, needs="dynamic", private=True, slow=True),
)  # fmt: skip
