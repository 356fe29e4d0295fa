"""The sample of a warning: what was found in each record, part by part, and the shares of what was found so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import InputError
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.alerts.shared import counted, ports_of
from ganzhi.portal.pages.alerts.wording import PATH, alert_link, subject_name
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

LONGEST_NOTE = 200
MOST_ON_A_PAGE = 60
DONE = ("noted",)


def sample_link(identity: str, part: int = 1, done: str | None = None) -> str:
    """A part of the sample of a warning."""
    return url(f"{alert_link(identity)}/sample", {"part": part if part > 1 else None, "done": done})


def show(visit: Visit, words: Words) -> Html:
    """A part of the sample."""
    done = visit.choice("done", DONE)
    return _page(visit, words, visit.number("part") or 1, done=done)


def _page(
    visit: Visit,
    words: Words,
    part: int,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
    page = ports_of(visit).sample(visit.codes["id"], part)
    row = page.row
    model = {
        "page": page,
        "row": row,
        "path": sample_link(row.id),
        "alert": alert_link(row.id),
        "name": subject_name(words, row),
        "record_link": lambda each: Links().record(page.drawn.feed, each.load, each.line, row.indicator),
        "before": sample_link(row.id, page.part - 1) if page.part > 1 else None,
        "after": sample_link(row.id, page.part + 1) if page.part < page.parts else None,
        "done": done,
        "wrong": wrong,
        "given": given or {},
    }
    title = words.t("alerts.sample")
    crumbs = (
        Crumb(words.t("nav.alerts"), PATH),
        Crumb(f"{words.text(row.unit_name)} {model['name']}", alert_link(row.id)),
        Crumb(title),
    )
    return Html("alerts/sample.html", f"{title} · {model['name']}", Links(), model, crumbs, status=status)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Note what was found in the records of a part; both are told where somebody noted something meanwhile."""
    given = visit.codes["id"]
    part = 1
    try:
        part = max(1, counted(form, "part"))
        ports_of(visit).code(given, counted(form, "version"), _found(form))
    except InputError as error:
        if any(issue.code == "FND001" for issue in error.issues):
            raise
        late = any(issue.code == "STO005" for issue in error.issues)
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _page(visit, words, part, wrong=said, given=form.values, status=409 if late else 400)
    return Go(sample_link(given, part, "noted"))


def _found(form: Form) -> dict[str, tuple[str, str]]:
    """Phenomenon and cause by record; fields are numbered from 0 without a gap."""
    found = {}
    for place in range(MOST_ON_A_PAGE):
        record = form.text(f"record-{place}", 120)
        if not record:
            break
        found[record] = (form.text(f"phenomenon-{place}", LONGEST_NOTE), form.text(f"cause-{place}", LONGEST_NOTE))
    return found


def book(visit: Visit, words: Words) -> Book:
    """Shares of phenomena and causes with their intervals, and how each record of the part was coded."""
    page = ports_of(visit).sample(visit.codes["id"], visit.number("part") or 1)

    def shares() -> Iterator[tuple[Cell, ...]]:
        for kind, found in (("phenomenon", page.phenomena), ("cause", page.causes)):
            for each in found:
                yield (words.t(f"samples.{kind}"), each.cause, each.count, each.of, each.share, each.low, each.high)

    number = ("count", "of", "share", "low", "high")
    columns = tuple(
        SheetColumn(
            key, words.t(f"samples.column.{key}"), "number" if key in number else "text", 4 if key in number[2:] else 0
        )
        for key in ("kind", "text", *number)
    )
    coded = tuple(SheetColumn(key, words.t(f"samples.{key}")) for key in ("record", "phenomenon", "cause"))
    rows = ((f"{each.load}:{each.line}", each.phenomenon, each.cause) for each in page.records)
    name = f"{words.text(page.row.unit_name)} {subject_name(words, page.row)}"
    told = facts(visit, words, None, (words.t("alerts.seed"), page.drawn.seed))
    sheets = (
        Sheet("shares", words.t("samples.shares"), columns, shares()),
        Sheet("records", words.t("samples.records"), coded, rows),
    )
    return Book(f"sample-{page.row.id[-12:]}", name, told, sheets, words.t("taken.cut"))


SAMPLE = Page(
    "alert-sample", f"{PATH}/{{id}}/sample", show, nav="alerts", book=book, act=act, needs="list", private=True
)
