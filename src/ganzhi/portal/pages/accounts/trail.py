"""The audit trail: who did what, when; filtered, page by page, as a file, and whether its chain is whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.context import ExportNote
from ganzhi.portal.links import Links, in_form, url
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.accounts.shared import ports_of
from ganzhi.portal.pages.accounts.wording import act_word
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.audit import AuditEntry

PATH: Final = "/audit"
SHOWN: Final = 50
AT_A_TIME: Final = 1_000
MOST_IN_FILE: Final = 100_000
CHECKED_UNASKED: Final = 1_000
"""A trail up to this long is checked whenever its page is shown; a longer one when somebody asks."""


def _day(visit: Visit, name: str) -> date | None:
    given = visit.text(name)
    if given is None:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
        raise InputError(Issue("POR001", name, params={"value": given[:40], "known": "2026-01-31"}))
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError(Issue("POR001", name, params={"value": given, "known": "2026-01-31"})) from None


def _sought(visit: Visit) -> dict[str, object]:
    """Conditions of the address; `until` is the last day that counts."""
    zone = visit.context.zone
    sought: dict[str, object] = {name: visit.text(name) or "" for name in ("actor", "act", "subject")}
    since, until = _day(visit, "since"), _day(visit, "until")
    if since is not None:
        sought["since"] = datetime.combine(since, time(), zone)
    if until is not None and until < date.max:
        sought["until"] = datetime.combine(until + timedelta(days=1), time(), zone)
    return sought


def detail_text(detail: Mapping[str, object]) -> str:
    """The details of an entry on one line.

    >>> detail_text({"role": "leader", "units": ["LJ", "NW"], "n": 3})
    'role: leader · units: LJ NW · n: 3'
    """
    return " · ".join(f"{key}: {_plain(value)}" for key, value in detail.items())


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(_plain(each) for each in value) or "*"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def show(visit: Visit, words: Words) -> Html:
    """The newest entries under the filters, or those before one."""
    trail = ports_of(visit).trail
    sought = _sought(visit)
    before = visit.number("before", 10**9)
    page = trail.page(sought, before, SHOWN)
    filters = {name: visit.query.get(name, "") for name in ("actor", "act", "subject", "since", "until")}
    asked = visit.query.get("check") == "1"
    short = before is None and not any(filters.values()) and len(page.entries) > 0
    checked = asked or (short and page.entries[0].number <= CHECKED_UNASKED)
    model = {
        "entries": page.entries,
        "older": url(PATH, {**filters, "before": page.older}) if page.older else None,
        "newest": url(PATH, filters) if before is not None else None,
        "filters": filters,
        "acts": trail.acts,
        "breaks": trail.verify() if checked else None,
        "check": url(PATH, {**filters, "check": 1}),
        "act_word": lambda act: act_word(words, act),
        "detail": detail_text,
        "file": url(PATH, filters),
        "one_act": lambda act: url(PATH, {**filters, "act": act}),
        "one_actor": lambda actor: url(PATH, {**filters, "actor": actor}),
        "in_form": in_form,
        "most": MOST_IN_FILE,
    }
    return Html("accounts/trail.html", words.t("audit.title"), Links(), model)


def _entries(visit: Visit) -> list[AuditEntry]:
    """All entries under the filters; InputError POR004 when a file cannot hold them."""
    trail, sought = ports_of(visit).trail, _sought(visit)
    found: list[AuditEntry] = []
    before: int | None = None
    while True:
        page = trail.page(sought, before, AT_A_TIME)
        found.extend(page.entries)
        if len(found) > MOST_IN_FILE:
            params = {"rows": f"> {MOST_IN_FILE:,}", "most": f"{MOST_IN_FILE:,}", "form": visit.form or ""}
            raise InputError(Issue("POR004", "since", params=params))
        if page.older is None:
            return found
        before = page.older


def book(visit: Visit, words: Words) -> Book:
    """The entries as a table; taking them is an entry itself, in force before a byte is sent."""
    entries, zone = _entries(visit), visit.context.zone
    query = "&".join(
        f"{name}={visit.query[name]}" for name in ("actor", "act", "subject", "since", "until") if visit.query.get(name)
    )
    visit.context.exported(ExportNote(visit.context.user, "audit", query, visit.form or "", len(entries)))

    def row(entry: AuditEntry) -> tuple[Cell, ...]:
        at = entry.at.astimezone(zone).replace(tzinfo=None)
        return (entry.number, at, entry.actor, entry.act, act_word(words, entry.act), entry.subject, detail_text(entry.detail), entry.hash)  # fmt: skip

    columns = (
        SheetColumn("number", words.t("audit.number"), "number", 0),
        SheetColumn("at", words.t("audit.at"), "instant"),
        SheetColumn("actor", words.t("audit.actor")),
        SheetColumn("code", words.t("column.code")),
        *(SheetColumn(key, words.t(f"audit.{key}")) for key in ("act", "subject", "detail", "hash")),
    )
    sheet = Sheet("audit", words.t("audit.title"), columns, [row(entry) for entry in entries])
    told = facts(visit, words, None, address=url(PATH, dict(visit.query)))
    return Book("audit-trail", words.t("audit.title"), told, (sheet,), words.t("taken.cut"))


AUDIT = Page("audit", PATH, show, book=book, private=True, needs="audit")
