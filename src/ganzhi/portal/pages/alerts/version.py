"""One version of a rule's thresholds: the new limits beside the old ones, what both would have given, the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from ganzhi.base import wording
from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.improve.pages.views import Why
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.alerts.shared import chosen, counted
from ganzhi.portal.pages.alerts.thresholds import PATH, ports_of, tried_text, version_link
from ganzhi.portal.pages.alerts.wording import PATH as ALERTS
from ganzhi.portal.pages.alerts.wording import reason_text
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.warn.limits.content import BANDS
from ganzhi.warn.limits.desk import DECISIONS, Decision
from ganzhi.warn.limits.views import LineRow, Skipped, VersionPage

DONE = ("proposed", "imported", *DECISIONS)


def series_name(words: Words, line: LineRow | Skipped) -> str:
    """Place and slice of a line."""
    cut = words.t("list_comma").join(words.text(value) for _, value in line.cut)
    return f"{words.text(line.unit_name)} · {cut}" if cut else words.text(line.unit_name)


def limits_text(limits: Mapping[str, float], decimals: int) -> str:
    """The limits of all grades, mildest first."""
    return " / ".join(
        wording.grouped(wording.rounded(limits[grade], decimals)) if grade in limits else "–" for grade in GRADES
    )


def show(visit: Visit, words: Words) -> Html:
    """The version."""
    return _page(visit, words, done=visit.choice("done", DONE))


def _page(
    visit: Visit, words: Words, *, done: str | None = None, wrong: tuple[Said, ...] = (), status: int = 200
) -> Html:
    page = ports_of(visit).version(visit.codes["id"])
    row = page.row
    model = {
        "page": page,
        "row": row,
        "path": version_link(row.id),
        "list": PATH,
        "name_of": series_name,
        "limits": lambda given: limits_text(given, page.decimals),
        "tried": tried_text,
        "tried_line": _tried_line,
        "why": lambda each: reason_text(words, Why(each.code, each.params)),
        "done": done,
        "wrong": wrong,
        "grade_names": GRADES,
        "standing": standing_text(words, page),
    }
    name = words.t("thresholds.version", n=row.number, rule=words.text(row.rule_name))
    crumbs = (Crumb(words.t("nav.alerts"), ALERTS), Crumb(words.t("thresholds.title"), PATH), Crumb(name))
    return Html("alerts/version.html", f"{name} · {words.t('nav.alerts')}", Links(), model, crumbs, status=status)


def standing_text(words: Words, page: VersionPage) -> str:
    """Whether the version holds, will hold, held, or waits."""
    row = page.row
    key = "holds" if row.holds else "later" if row.later else "replaced" if row.state == "approved" else row.state
    return words.t(f"thresholds.standing.{key}", day=words.day(row.first))


def _tried_line(words: Words, line: LineRow, which: str) -> str:
    tried = (line.basis.get("tried") or {}).get(which)
    return tried_text(words, None if tried is None else (tried["alarms"], tried["false"], tried["missed"]))


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Approve, reject, or put in force again; the page again, with what became of it, when somebody was quicker."""
    given = visit.codes["id"]
    try:
        what = cast("Decision", chosen(form, "do", DECISIONS))
        done = ports_of(visit).decide(given, what, counted(form, "version"), form.text("note", 500))
    except InputError as error:
        if any(issue.code == "FND014" for issue in error.issues):
            raise
        late = any(issue.code in ("FND015", "STO005") for issue in error.issues)
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _page(visit, words, wrong=said, status=409 if late else 400)
    return Go(version_link(done.id, what))


def book(visit: Visit, words: Words) -> Book:
    """The limits of every line beside the old ones."""
    page = ports_of(visit).version(visit.codes["id"])

    def rows() -> Iterator[tuple[Cell, ...]]:
        for line in page.lines:
            for band in BANDS:
                limits: Mapping[str, float] = getattr(line, band)
                old: Mapping[str, float] = line.basis.get(f"old_{band}") or {}
                if limits:
                    numbers = (*(limits.get(grade) for grade in GRADES), *(old.get(grade) for grade in GRADES))
                    yield (
                        line.unit, series_name(words, line), words.t(f"thresholds.band.{band}"), *numbers,
                        line.basis.get("mean_daily"), line.basis.get("growth"),
                    )  # fmt: skip

    columns = (
        SheetColumn("unit", words.t("alerts.column.unit")),
        SheetColumn("series", words.t("thresholds.column.series")),
        SheetColumn("band", words.t("thresholds.column.band")),
        *(SheetColumn(grade, words.level(grade), "number", page.decimals) for grade in GRADES),
        *(SheetColumn(f"old_{grade}", words.t("thresholds.old_of", grade=words.level(grade)), "number", page.decimals) for grade in GRADES),
        SheetColumn("expected", words.t("thresholds.column.expected"), "number", 1),
        SheetColumn("growth", words.t("thresholds.column.growth"), "number", 4),
    )  # fmt: skip
    name = words.t("thresholds.version", n=page.row.number, rule=words.text(page.row.rule_name))
    told = facts(visit, words, None, (words.t("alerts.column.rule"), page.row.rule))
    sheets = (Sheet("limits", words.t("thresholds.limits"), columns, rows()),)
    return Book(f"thresholds-{page.row.rule}-{page.row.number}", name, told, sheets, words.t("taken.cut"))


VERSION = Page("threshold", f"{PATH}/{{id}}", show, nav="alerts", book=book, act=act, needs="dynamic", private=True)
