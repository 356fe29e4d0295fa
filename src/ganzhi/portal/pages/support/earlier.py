"""Reports that were written elsewhere: all of them with a search, the file of each, bringing in and withdrawing (S000-102)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.base.messages import catalogue, say
from ganzhi.base.periods import parse_period
from ganzhi.complaints.archive.desk import LONGEST_TITLE, SORTS, ArchivePage, ArchiveQuery, ArchiveRow
from ganzhi.complaints.archive.naming import MOST_BYTES, Given, box_of_zip, given_of, plain_period
from ganzhi.portal.forms import BODY_LIMIT, Form, Upload
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Download, Go, Html, Page
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.support.shared import PATH
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.reports import ArchivePorts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

EARLIER: Final = f"{PATH}/earlier"
DONE: Final = ("brought", "checked", "withdrawn")
WAS: Final = ("kind", "unit", "period", "title", "why")
SHOWN: Final = 100
"""Reports on the page; the file has all."""
COLUMNS: Final = (
    "number", "sort", "unit", "name", "period", "title", "file", "readable", "made_by", "made_at", "withdrawn_by",
    "withdrawn_at", "why",
)  # fmt: skip


def ports_of(visit: Visit) -> ArchivePorts:
    """The ports; a portal without any answers 404."""
    if visit.context.archive is None:
        raise HTTPException(404)
    return visit.context.archive


def earlier_link(q: str = "", sort: str | None = None, **more: str | int | None) -> str:
    """Earlier reports under conditions."""
    return url(EARLIER, {"q": q or None, "kind": sort, **more})


def query_of(visit: Visit) -> ArchiveQuery:
    """What the address asks for."""
    return ArchiveQuery(visit.text("q") or "", visit.choice("kind", SORTS))  # type: ignore[arg-type]  # one of them


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words, done=visit.choice("done", DONE))


def name_of(words: Words, row: ArchiveRow) -> str:
    """The name of a report's unit."""
    return _say(words, "gone", code=row.head.unit) if row.unit_name is None else words.text(row.unit_name)


def kind_of(words: Words, row: ArchiveRow) -> str:
    """The kind of a report with its period."""
    period = words.period(parse_period(row.head.period, words.zone))
    return f"{_say(words, f'sort.{row.head.sort}')} · {period}"


def _say(words: Words, key: str, **params: object) -> str:
    return say(words.lang, f"archive.{key}", **params)


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    was: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
    query = query_of(visit)
    page = ports_of(visit).page(query)
    n = words.count(len(page.standing))
    kinds = tuple(
        Choice(_say(words, f"sort.{each}") if each else _say(words, "kind_all"), earlier_link(query.q, each), each == query.sort)
        for each in (None, *SORTS)
    )  # fmt: skip
    model = {
        "page": page,
        "rows": page.rows[:SHOWN],
        "query": query,
        "headline": _say(words, "headline_found", n=n, q=query.q[:60]) if query.q else _say(words, "headline", n=n),
        "told": _told(visit, words, done),
        "here": earlier_link(query.q, query.sort),
        "all_link": EARLIER,
        "kinds": kinds,
        "sorts": SORTS,
        "units": [(code, words.text(name)) for code, name in page.units.items()],
        "name_of": partial(name_of, words),
        "kind_of": partial(kind_of, words),
        "wrong": wrong,
        "at": at,
        "was": {name: (was or {}).get(name, "") for name in WAS},
        "longest": LONGEST_TITLE,
        "most": MOST_BYTES >> 20,
        "s": partial(_say, words),
    }
    title = _say(words, "title")
    crumbs = (Crumb(words.t("nav.reports"), PATH), Crumb(title))
    return Html("support/earlier.html", f"{title} · {words.t('nav.reports')}", Links(), model, crumbs, status=status)


def _told(visit: Visit, words: Words, done: str | None) -> str:
    """What was done, as the address has it."""
    if done is None:
        return ""
    counts = {name: words.count(min(visit.number(name) or 0, 9999)) for name in ("new", "already")}
    return _say(words, f"done.{done}", **(counts if done != "withdrawn" else {}))


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Bring reports in, check them, or withdraw one; the page again, with what was wrong, when that could not be."""
    ports, what = ports_of(visit), form.text("do", 20)
    try:
        if what == "withdraw":
            ports.withdraw(_number(form.text("number", 9)), form.values.get("why", ""))
            return Go(earlier_link(done="withdrawn"))
        made = ports.bring_in(*_handed(form), what == "check")
    except InputError as error:
        if what == "withdraw" and any(issue.code == "KNW002" for issue in error.issues):
            raise
        status = 409 if any(issue.code == "KNW003" for issue in error.issues) else 400
        at = form.text("number", 9) if what == "withdraw" else "add"
        was = {name: form.values.get(name, "") for name in WAS}
        return _page(visit, words, wrong=_wrong(visit, words, error.issues), at=at, was=was, status=status)
    states = [each.state for each in made]
    done = "checked" if what == "check" else "brought"
    return Go(earlier_link(done=done, new=states.count("new"), already=states.count("already")))


def _handed(form: Form) -> tuple[list[Given], list[Issue]]:
    """What was handed in: one report as the fields say, or an archive as its list or the names in it say."""
    upload: Upload | None = form.files.get("file")
    if upload is None or not upload.name:
        return [], [Issue("KNW001", "file")]
    content, name = upload.file.read(MOST_BYTES + 1), upload.name.replace("\\", "/").rpartition("/")[2]
    if name.casefold().endswith(".zip"):
        if len(content) > MOST_BYTES:
            told = {"size": f"{len(content) / 1048576:.1f}", "most": str(MOST_BYTES >> 20)}
            return [], [Issue("HIS008", "file", params=told)]
        return given_of(box_of_zip(name, content))
    fields = {each: form.text(each, 200) for each in ("kind", "unit", "period", "title")}
    title = fields["title"] or name.rpartition(".")[0]
    period = plain_period(fields["period"])
    return [Given(name, fields["kind"], fields["unit"], period, title, Location(name), lambda: content)], []


def _wrong(visit: Visit, words: Words, issues: tuple[Issue, ...]) -> tuple[Said, ...]:
    known = catalogue(words.lang)

    def told(issue: Issue) -> Issue:
        key = f"archive.field.{issue.subject}"
        return replace(issue, subject=known[key]) if key in known else issue

    return tuple(said_of(visit, told(each)) for each in issues)


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise InputError(Issue("KNW002", given[:20] or "–"))
    return int(given)


def rows_of(words: Words, page: ArchivePage) -> Iterator[tuple[Cell, ...]]:
    """The reports as rows, with those that were withdrawn."""
    for row in page.rows:
        note, gone = row.note, row.note.withdrawn_at
        yield (
            note.number, _say(words, f"sort.{row.head.sort}"), row.head.unit, name_of(words, row), row.head.period, note.title,
            note.file_name, _say(words, "yes" if row.head.readable else "no"), note.made_by, words.instant(note.made_at),
            note.withdrawn_by, words.instant(gone) if gone else None, note.withdrawn_why,
        )  # fmt: skip


def book(visit: Visit, words: Words) -> Book:
    """The reports under the conditions."""
    query = query_of(visit)
    columns = tuple(
        SheetColumn(key, _say(words, f"field.{key}"), "number" if key == "number" else "text") for key in COLUMNS
    )
    told = facts(visit, words, None, *((("q", query.q),) if query.q else ()))
    name = _say(words, "title")
    sheets = (Sheet("earlier-reports", name, columns, rows_of(words, ports_of(visit).page(query))),)
    return Book("earlier-reports", name, told, sheets, words.t("taken.cut"))


EARLIER_REPORTS = Page(
    "earlier-reports", EARLIER, show, nav="reports", book=book, act=act, needs="dynamic", private=True,
    body=MOST_BYTES + BODY_LIMIT,
)  # fmt: skip
EARLIER_FILE = Download(
    f"{EARLIER}/files/{{number}}",
    "report",
    "application/octet-stream",
    lambda visit: ports_of(visit).file(_number(visit.codes["number"])).content,
    lambda visit: ports_of(visit).name(_number(visit.codes["number"])),
)
