"""What stands beside complaints: their classes with the check of the tree, the register of issues, topics of enquiry, and
how long steps of tickets took by the clock and in working time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.base.messages import say
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.partition import ALL
from ganzhi.complaints.enquiries import CODE, TOPIC, Topic
from ganzhi.complaints.shelf import ClassRow, IssuesPage, TaxonomyPage, TimesPage
from ganzhi.complaints.times import CUTS, Cut, StepTime, Times
from ganzhi.complaints.versions import ClassChange, TaxonomyVersion
from ganzhi.measure.views.parts import Scope
from ganzhi.portal.context import ExportNote
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.complaints.addresses import SHELF
from ganzhi.portal.pages.complaints.desk_words import ticket_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.complaints import ComplaintPorts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.sheets import Cell as Value
from ganzhi.portal.visit import Visit

TAXONOMY, ISSUES, ENQUIRIES, TIMES = SHELF.values()
ANY = "any"
VERSIONS = 50
"""Versions on the page."""
SHOWN = 100
"""Steps on the page; the file has all."""
NUMBERS = ("count", "enquiries", "share", "expected", "chance", "steps", "elapsed", "working", "number")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. value: in files. zh: whether it is Chinese whatever the page's language."""

    text: str
    link: str | None = None
    value: Value = None
    zh: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. keys: of its columns. empty: what is said where it has no row. cut: rows there are beyond those shown."""

    key: str
    keys: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    notes: tuple[str, ...] = ()
    cut: int = 0
    numbers: frozenset[str] = field(default=frozenset(NUMBERS))


def _ports(visit: Visit) -> ComplaintPorts:
    if visit.context.complaints is None:
        raise InternalError("a portal without complaints")
    return visit.context.complaints


def _say(words: Words, key: str, **params: object) -> str:
    return say(words.lang, f"cshelf.{key}", **params)


def _page(
    words: Words,
    which: str,
    grids: Sequence[Grid],
    here: str,
    links: Links,
    scope: Scope | None,
    chosen: Sequence[Picker],
) -> Html:
    title = _say(words, f"title.{which}")
    model = {
        "grids": grids,
        "here": here,
        "scope": scope,
        "pickers": tuple(chosen),
        "name": title,
        "lead": _say(words, f"lead.{which}"),
        "s": lambda key, **params: _say(words, key, **params),
        "others": [(_say(words, f"title.{name}"), path) for name, path in SHELF.items() if name != which],
    }
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(title))
    return Html("complaints/shelf.html", f"{title} · {words.t('nav.complaints')}", links, model, crumbs)


def _book(visit: Visit, words: Words, which: str, grids: Iterable[Grid], scope: Scope | None) -> Book:
    def rows(grid: Grid) -> Iterator[tuple[Value, ...]]:
        for row in grid.rows:
            yield tuple(
                cell.value if key in grid.numbers and cell.value is not None else cell.text
                for key, cell in zip(grid.keys, row, strict=True)
            )

    sheets = tuple(
        Sheet(
            grid.key,
            _say(words, f"grid.{grid.key}"),
            tuple(
                SheetColumn(key, _say(words, f"column.{key}"), "number" if key in grid.numbers else "text", 4 if key in ("share", "chance") else 1)
                for key in grid.keys
            ),
            rows(grid),
        )
        for grid in grids
    )  # fmt: skip
    return Book(
        f"complaint-{which}", _say(words, f"title.{which}"), facts(visit, words, scope), sheets, words.t("taken.cut")
    )


def _number(words: Words, number: int | None, link: str | None = None) -> Cell:
    return Cell(UNKNOWN if number is None else words.all_digits(number), link if number else None, number)


def _texts(words: Words, texts: Iterable[Text]) -> str:
    return words.t("list_comma").join(words.text(each) for each in texts)


# -- classes -----------------------------------------------------------------------------------------


def show_taxonomy(visit: Visit, words: Words) -> Html:
    """The classes."""
    query, view = visit.scope(), _ports(visit).taxonomy(visit.scope())
    links = Links.of(view.scope, query).at(basis=None, vs=None)
    chosen = pickers(visit, words, view.scope, links, lambda at: _scoped(TAXONOMY, at))[:2]
    return _page(words, "taxonomy", _taxonomy(words, view, links), _scoped(TAXONOMY, links), links, view.scope, chosen)


def _scoped(path: str, links: Links, **more: str | None) -> str:
    return url(path, {"region": links.region, "period": links.period, **more})


def book_taxonomy(visit: Visit, words: Words) -> Book:
    """The classes as a table."""
    view = _ports(visit).taxonomy(visit.scope())
    links = Links.of(view.scope, visit.scope())
    return _book(visit, words, "taxonomy", _taxonomy(words, view, links, len(view.versions)), view.scope)


def _taxonomy(words: Words, view: TaxonomyPage, links: Links, most: int = VERSIONS) -> tuple[Grid, ...]:
    keys = ("domain", "class", "count", "items", "cues", "valid", "owner")
    rows = tuple(_class(words, view, links, each) for each in view.rows)
    notes = [_say(words, "declared", n=len(rows), version=view.version), *_check(words, view)]
    return (Grid("classes", keys, rows, _say(words, "none.classes"), tuple(notes)), _versions(words, view, links, most))


def _versions(words: Words, view: TaxonomyPage, links: Links, most: int) -> Grid:
    """By which versions the classes changed; each leads to all that its version changed."""

    def row(each: TaxonomyVersion) -> tuple[Cell, ...]:
        changes = [_change(words, change) for change in each.changes]
        if each.before is None:
            changes = [_say(words, "first_version", n=each.classes)]
        valid = words.day(each.valid_from.isoformat(), weekday=False) if each.valid_from else ""
        opened = None if each.before is None else links.changes(each.before, each.version)
        return (
            Cell(words.instant(each.at)), Cell(_say(words, "semicolon").join(changes)), Cell(each.author or _say(words, "by_files")),
            Cell(each.reason or ""), Cell(valid), Cell(each.version, opened),
        )  # fmt: skip

    keys = ("changed_at", "changes", "by", "reason", "valid_from", "version")
    rows = tuple(map(row, view.versions))
    return Grid("versions", keys, rows[:most], _say(words, "none.versions"), cut=max(0, len(rows) - most))


def _change(words: Words, each: ClassChange) -> str:
    what = words.text(each.name)
    if each.code is None:
        what = _say(words, "a_domain", name=what)
    fields = words.t("list_comma").join(_say(words, f"field.{name}") for name in each.fields)
    return _say(words, f"change.{each.how}", what=what, fields=fields)


def _check(words: Words, view: TaxonomyPage) -> Iterator[str]:
    found = view.check
    if found is None:
        yield _say(words, "check.unknown")
    elif found.adds_up:
        yield _say(words, "check.adds_up", total=words.all_digits(found.whole.count))
    else:
        strangers = sum(found.strangers.values())
        yield _say(words, "check.adds_not_up", gap=found.unassigned, twice=found.twice, strangers=strangers)


def _class(words: Words, view: TaxonomyPage, links: Links, each: ClassRow) -> tuple[Cell, ...]:
    opened = links.records("complaints", ALL, where={"complaint_category": each.code}) if view.records else None
    count = Cell(words.t("withheld")) if each.withheld else _number(words, each.count, opened)
    valid = [
        _say(words, "from", day=words.day(each.valid_from.isoformat(), weekday=False)) if each.valid_from else "",
        _say(words, "until", day=words.day(each.valid_to.isoformat(), weekday=False)) if each.valid_to else "",
        _say(words, "now", name=words.text(each.now)) if each.now else "",
        _say(words, "catch_all") if each.catch_all else "",
    ]
    return (
        Cell(words.text(each.domain_name)), Cell(words.text(each.name)), count, Cell(_texts(words, each.items)), Cell("、".join(each.cues), zh=True),
        Cell(" ".join(part for part in valid if part)), Cell(words.text(each.owner) if each.owner else ""),
    )  # fmt: skip


# -- issues ------------------------------------------------------------------------------------------


def show_issues(visit: Visit, words: Words) -> Html:
    """The registers."""
    return _page(words, "issues", _issues(words, _ports(visit).issues()), ISSUES, Links(), None, ())


def book_issues(visit: Visit, words: Words) -> Book:
    """The registers as tables."""
    return _book(visit, words, "issues", _issues(words, _ports(visit).issues()), None)


def _issues(words: Words, view: IssuesPage) -> tuple[Grid, ...]:
    keys = ("number", "issue", "class", "example", "cause", "document", "theme")
    grids: list[Grid] = []
    for code, register in view.registers.items():
        rows = tuple(
            (
                Cell(str(each.number), value=each.number), Cell(words.text(each.issue)), Cell(words.text(register.classes[each.issue_class].name)),
                *(Cell(words.text(text) if text else "") for text in (each.example, each.root_cause, each.document, each.theme)),
            )
            for each in register.issues
        )  # fmt: skip
        classes = _texts(words, (each.name for each in register.classes.values()))
        notes = (
            _say(words, "register", name=words.text(register.name), code=code, classes=classes, version=view.version),
        )
        grids.append(
            Grid("issues" if not grids else f"issues-{len(grids) + 1}", keys, rows, _say(words, "none.issues"), notes)
        )
    return tuple(grids) or (Grid("issues", keys, (), _say(words, "none.issues")),)


# -- enquiries ---------------------------------------------------------------------------------------


def show_enquiries(visit: Visit, words: Words) -> Html:
    """Topics of enquiry."""
    query, view = visit.scope(), _ports(visit).enquiries(visit.scope())
    links = Links.of(view.scope, query).at(basis=None, vs=None)
    chosen = pickers(visit, words, view.scope, links, lambda at: _scoped(ENQUIRIES, at))[:2]
    grids = _enquiries(visit, words, links)
    return _page(words, "enquiries", grids, _scoped(ENQUIRIES, links), links, view.scope, chosen)


def book_enquiries(visit: Visit, words: Words) -> Book:
    """Topics of enquiry as tables."""
    view = _ports(visit).enquiries(visit.scope())
    return _book(visit, words, "enquiries", _enquiries(visit, words, Links.of(view.scope, visit.scope())), view.scope)


def _enquiries(visit: Visit, words: Words, links: Links) -> tuple[Grid, ...]:
    view = _ports(visit).enquiries(visit.scope())
    if view.topics is None:
        return (Grid("topics", ("topic",), (), _say(words, "none.grain")),)
    keys = ("topic", "enquiries", "share", "expected", "chance")

    def row(each: Topic) -> tuple[Cell, ...]:
        opened = links.records("wrap_ups", CODE, where={TOPIC: each.code}) if view.records else None
        expected = UNKNOWN if each.expected is None else wording.exact_text(wording.rounded(each.expected, 1))
        chance = UNKNOWN if each.chance is None else wording.exact_text(wording.rounded(each.chance, 4))
        return (
            Cell(words.text(each.name)), _number(words, each.count, opened), Cell(words.per_cent(each.share), value=each.share),
            Cell(expected, value=each.expected), Cell(chance, value=each.chance),
        )  # fmt: skip

    rising, every = (tuple(map(row, found)) for found in (view.topics.rising, view.topics.topics))
    note = _say(
        words, "enquired", total=words.all_digits(view.topics.total), known=max(len(view.topics.periods) - 1, 0)
    )
    return (
        Grid("rising", keys, rising, _say(words, "none.rising"), (note,)),
        Grid("topics", keys, every, _say(words, "none.topics")),
    )


# -- times -------------------------------------------------------------------------------------------


def show_times(visit: Visit, words: Words) -> Html:
    """Times of steps; a number of steps leads to them on the same page."""
    by, query = _by(visit), visit.scope()
    view = _ports(visit).times(query, by)
    links = Links.of(view.scope, query).at(basis=None, vs=None)
    key = visit.text("key")
    grids = [_times(words, view, links)]
    if key:
        grids.append(_steps(words, view, [each for each in view.found if key in (ANY, each.keys[by])]))
    choices = tuple(Choice(_say(words, f"by.{each}"), _scoped(TIMES, links, by=each), each == by) for each in CUTS)
    cut = Picker(_say(words, "by_label"), _say(words, f"by.{by}"), (("", choices),))
    chosen = (*pickers(visit, words, view.scope, links, lambda at: _scoped(TIMES, at, by=by))[:2], cut)
    return _page(words, "times", grids, _scoped(TIMES, links, by=by), links, view.scope, chosen)


def book_times(visit: Visit, words: Words) -> Book:
    """Times, and every step."""
    by = _by(visit)
    view = _ports(visit).times(visit.scope(), by)
    links = Links.of(view.scope, visit.scope())
    user, asked = visit.context.viewer.login, _scoped(TIMES, links, by=by)
    visit.context.exported(ExportNote(user, "complaint_steps", asked, visit.form or "", len(view.found)))
    grids = (_times(words, view, links), _steps(words, view, view.found, most=len(view.found)))
    return _book(visit, words, "times", grids, view.scope)


def _by(visit: Visit) -> Cut:
    return visit.choice("by", CUTS) or "department"  # type: ignore[return-value]  # a choice among them


def _name(words: Words, view: TimesPage, key: str) -> str:
    return words.text(view.names[key]) if key in view.names else key or UNKNOWN


def _times(words: Words, view: TimesPage, links: Links) -> Grid:
    def row(each: Times) -> tuple[Cell, ...]:
        (key,) = each.keys
        opened = _scoped(TIMES, links, by=view.by, key=key or ANY) + "#grid-steps"
        return (
            Cell(_name(words, view, key)), _number(words, each.count, opened),
            *(Cell(wording.duration(words.lang, hours * 3600), value=round(hours, 2)) for hours in (each.elapsed_h, each.working_h)),
        )  # fmt: skip

    keys = (view.by, "steps", "elapsed", "working")
    return Grid("times", keys, tuple(map(row, view.rows)), _say(words, "none.times"))


def _steps(words: Words, view: TimesPage, found: Sequence[StepTime], most: int = SHOWN) -> Grid:
    def row(each: StepTime) -> tuple[Cell, ...]:
        return (
            Cell(each.complaint, ticket_link(each.complaint)), Cell(each.step), Cell(_name(words, view, each.keys[view.by])),
            Cell(words.instant(each.assigned_at)), Cell(words.instant(each.finished_at)),
            *(Cell(wording.duration(words.lang, seconds), value=round(seconds / 3600, 2)) for seconds in (each.elapsed_s, each.working_s)),
        )  # fmt: skip

    keys = ("complaint", "step", view.by, "assigned", "finished", "elapsed", "working")
    shown = tuple(map(row, found[:most]))
    return Grid("steps", keys, shown, _say(words, "none.times"), (_say(words, "found", n=words.all_digits(len(found))),), len(found) - len(shown))  # fmt: skip


SHELF_PAGES: tuple[Page, ...] = (
    Page("complaint-taxonomy", TAXONOMY, show_taxonomy, nav="complaints", book=book_taxonomy, needs="dynamic", slow=True),
    Page("complaint-issues", ISSUES, show_issues, nav="complaints", book=book_issues),
    Page("complaint-enquiries", ENQUIRIES, show_enquiries, nav="complaints", book=book_enquiries, needs="dynamic", slow=True),
    Page("complaint-times", TIMES, show_times, nav="complaints", book=book_times, needs="list", private=True, slow=True),
)  # fmt: skip
