"""The overview: the start page of everybody, and all indicators in alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ganzhi.measure.views.overview import LISTED, Overview, PlaceRow, TopicBlock
from ganzhi.measure.views.panorama.start import StartPage
from ganzhi.measure.views.parts import Reading, Scope, ScorecardRow, ScoreNow
from ganzhi.portal import sentences
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.alerts.wording import alert_link, fact, left_text, list_link, subject_name
from ganzhi.portal.pages.charted import known_spark
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.panorama.shared import (
    day_delta,
    mark_figure,
    ports,
    spot_delta,
    spot_link,
    spot_spark,
    usual_text,
)
from ganzhi.portal.pages.pictured import places_table, scorecard_table
from ganzhi.portal.pages.taken import facts, seen, value_columns
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

MOST_LISTED = 8
"""Indicators in alert, sources and contributions on the overview; all of them are one click away."""
FEW_TOPICS = 8
"""With more topics the scorecard lists one indicator of each, and the matrix of places its topics of most alerts."""
MATRIX_TOPICS = 7
WEAK_LISTED = 5
BRIEF_LISTED = 4
SOURCES_LISTED = 3
WEAK_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Scorecard rows under the score they support; None for rows that support none."""

    score: ScoreNow | None
    rows: tuple[ScorecardRow, ...]


def grouped_rows(block: TopicBlock) -> tuple[RowGroup, ...]:
    """The rows of a topic under their upper indicators, in the order of the view model."""
    known = {score.code for score in block.groups}
    groups = [RowGroup(score, tuple(row for row in block.rows if row.group == score.code)) for score in block.groups]
    rest = tuple(row for row in block.rows if row.group not in known)
    return (*(group for group in groups if group.rows), *((RowGroup(None, rest),) if rest else ()))


def told_blocks(view: Overview) -> tuple[TopicBlock, ...]:
    """The topics of which anything is known."""
    return tuple(block for block in view.topics if block.known or block.score.score is not None)


TOOLS: tuple[str, ...] = ("modules", "panorama", "lifecycle", "touchpoints", "selection", "wall")
"""The pages of the tools area (应用专题区域), by the word in the message files."""


def _tool_link(links: Links, tool: str) -> str:
    at = {
        "modules": links.modules,
        "panorama": links.panorama,
        "lifecycle": links.lifecycle,
        "touchpoints": links.touchpoints,
        "selection": links.selection,
    }
    return at[tool]() if tool in at else links.wall("overview")


def shown_topics(places: Sequence[PlaceRow]) -> tuple[str, ...]:
    """The topics of the matrix: those with most places in alert, then the lowest, in the order of the catalogue."""
    columns: dict[str, list[ScoreNow]] = {}
    for place in places:
        for score in place.scores:
            columns.setdefault(score.code, []).append(score)

    def least(code: str) -> tuple[int, float]:
        known = [each.score for each in columns[code] if each.score is not None]
        return -sum(each.level is not None for each in columns[code]), min(known, default=200.0)

    kept = frozenset(sorted(columns, key=least)[:MATRIX_TOPICS])
    return tuple(code for code in columns if code in kept)


def _hot(visit: Visit, words: Words, view: StartPage, links: Links) -> dict[str, object]:
    """What the card of hot spots reads beside the spots."""
    found = view.hot_spots
    if found is None:
        return {"hot": None}
    lists = visit.context.viewer.may("list")
    return {
        "hot": found,
        "hot_link": lambda spot: spot_link(links, found, spot, lists=lists),
        "hot_delta": spot_delta,
        "hot_spark": spot_spark,
        "hot_all": links.at(basis=None).indicator(found.subject.code),
        "grown": sum(spot.grown for spot in (*found.reasons, *found.places)),
    }


def _alerts(visit: Visit, scope: Scope) -> tuple[dict[str, object], int]:
    """What the card of what needs action reads, and how many indicators in alert still fit: open warnings of the place
    first; none where the viewer may not see them."""
    ports_of_alerts = visit.context.alerts
    unit = None if scope.unit == scope.default_unit else scope.unit
    shown = ports_of_alerts is not None and visit.context.viewer.may("dynamic")
    rows, total = ports_of_alerts.waiting(unit, WEAK_LISTED) if shown and ports_of_alerts is not None else ((), 0)
    card = {
        "alerts": rows,
        "alerts_total": total,
        "alerts_all": list_link(region=unit),
        "row_link": alert_link,
        "name_of": subject_name,
        "fact_of": fact,
        "left_of": left_text,
    }
    return card, WEAK_LISTED - len(rows)


def show(visit: Visit, words: Words) -> Html:
    """The start page of the scope asked for, in its six areas (S002-116)."""
    query = visit.scope()
    start = ports(visit).start(query)
    view = start.overview
    links = Links.of(view.scope, query)
    told = told_blocks(view)
    card, room = _alerts(visit, view.scope)
    rows = [row for block in told for row in block.worst]
    longest = max((len(known_spark(row)) for row in rows), default=0)
    model = {
        "view": view,
        "start": start,
        "scope": view.scope,
        "headline": sentences.headline(words, view.scope, view.headline),
        "standing": sentences.standing(words, view.scope, view.headline),
        "blocks": told,
        "silent": tuple(block for block in view.topics if block not in told),
        "listed": LISTED if len(told) <= FEW_TOPICS else 1,
        "shown_topics": shown_topics(view.places),
        "sources": tuple(each for each in view.sources if each.state != "never")[:SOURCES_LISTED],
        "with_year": any(row.year_change.difference is not None for row in rows),
        "longest_spark": longest if longest > 1 else 0,
        "weak": view.weak[:room],
        "brief_rows": start.brief.rows[:BRIEF_LISTED],
        "usual": usual_text,
        "moved": day_delta,
        "mark": mark_figure,
        "tools": [(words.t(f"panorama.tool.{each}"), _tool_link(links, each)) for each in TOOLS],
        "may_import": visit.context.viewer.may("import"),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.overview()),
        **_hot(visit, words, start, links),
        **card,
    }
    title = f"{words.t('nav.overview')} · {words.short(view.scope.period)}"
    return Html("overview.html", title, links, model, parts={"scorecard": "parts/scorecard.html"})


def show_attention(visit: Visit, words: Words) -> Html:
    """Every indicator in alert, a page at a time."""
    query = visit.scope()
    view = visit.context.overview(query)
    links = Links.of(view.scope, query)
    pages = max(1, -(-len(view.weak) // WEAK_PER_PAGE))
    page = visit.number("page", pages) or 1
    model = {
        "scope": view.scope,
        "weak": view.weak[(page - 1) * WEAK_PER_PAGE : page * WEAK_PER_PAGE],
        "total": len(view.weak),
        "known": any(block.known for block in view.topics),
        "page": page,
        "pages": pages,
        "before": links.attention(page - 1) if page > 1 else None,
        "after": links.attention(page + 1) if page < pages else None,
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.attention()),
    }
    crumbs = (Crumb(words.t("nav.overview"), links.overview()), Crumb(words.t("weak.title")))
    return Html("attention.html", words.t("weak.title"), links, model, crumbs)


def reading_cells(words: Words, unit_of_value: str, reading: Reading) -> tuple[Cell, ...]:
    """A reading in the order of `value_columns`."""
    level = words.level(reading.level) if reading.level else None
    return (
        seen(words, reading),
        unit_of_value,
        reading.numerator,
        reading.denominator,
        reading.n,
        reading.completeness,
        level,
    )


def _scorecard_rows(words: Words, view: Overview) -> Iterator[tuple[Cell, ...]]:
    for block in view.topics:
        for group in grouped_rows(block):
            for row in group.rows:
                subject = row.subject
                above = words.text(group.score.name) if group.score else None
                head = (words.text(block.topic.name), above, subject.code, words.text(subject.name))
                target = float(subject.limits.target) if subject.limits else None
                changes = (row.change.difference, row.year_change.difference)
                yield (*head, *reading_cells(words, subject.unit_of_value, row.now), target, *changes)


def scorecard_sheet(words: Words, view: Overview) -> Sheet:
    """The scorecard as a table."""
    columns = (
        SheetColumn("topic", words.t("column.topic")),
        SheetColumn("group", words.t("column.group")),
        SheetColumn("code", words.t("column.code")),
        SheetColumn("name", words.t("column.indicator")),
        *value_columns(words),
        SheetColumn("target", words.t("column.target"), "number", 4),
        SheetColumn("change", words.against(view.scope), "number", 4),
        SheetColumn("year_change", words.year_over_year(), "number", 4),
    )
    return Sheet("scorecard", words.t("scorecard.title"), columns, _scorecard_rows(words, view))


def places_sheet(words: Words, view: Overview) -> Sheet:
    """Places by topic as a table."""
    topics = [(block.code, words.text(block.topic.name)) for block in view.topics]
    columns = (
        SheetColumn("unit", words.t("column.unit_code")),
        SheetColumn("name", words.t("column.place")),
        SheetColumn("rank", words.t("column.rank"), "number", 0),
        SheetColumn("rank_before", words.t("column.rank_before"), "number", 0),
        SheetColumn("total", words.t("column.total"), "number", 1),
        *(SheetColumn(code, name, "number", 1) for code, name in topics),
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for place in view.places:
            scores = {score.code: score.score for score in place.scores}
            by_topic = tuple(scores.get(code) for code, _ in topics)
            yield (place.unit, words.text(place.name), place.rank, place.rank_before, place.total, *by_topic)

    return Sheet("places", words.t("places.title"), columns, rows())


def stem(name: str, scope: Scope) -> str:
    """A file name without ending, of safe characters."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "-" for char in name)
    return f"{kept}-{scope.period.key.replace(':', '').replace('/', '-')}"


def book(visit: Visit, words: Words) -> Book:
    """Scorecard and places as tables."""
    query = visit.scope()
    unit = visit.codes.get("unit")
    view = visit.context.overview(replace(query, unit=unit) if unit else query)
    said = sentences.plain(sentences.headline(words, view.scope, view.headline))
    sheets = (scorecard_sheet(words, view), *((places_sheet(words, view),) if view.places else ()))
    return Book(stem("overview", view.scope), said, facts(visit, words, view.scope), sheets, words.t("taken.cut"))


def drawings(visit: Visit, words: Words) -> Drawings:
    """Scorecard and places as pictures."""
    query, unit = visit.scope(), visit.codes.get("unit")
    view = visit.context.overview(replace(query, unit=unit) if unit else query)
    links = Links.of(view.scope, query)
    told = facts(visit, words, view.scope, address=links.region_page(unit) if unit else links.overview())
    key = words.t("scorecard.key", now=words.this(view.scope), before=words.before(view.scope))
    drawn = [
        Drawing(
            "scorecard", words.t("scorecard.title"), lambda: scorecard_table(words, view.scope, told_blocks(view)), key
        )
    ]
    if view.places:
        sub = words.t("places.sub")
        drawn.append(Drawing("places", words.t("places.title"), lambda: places_table(words, view.places), sub))
    title = f"{words.text(view.scope.unit_name)} {words.short(view.scope.period)}"
    return Drawings(stem("overview", view.scope), title, told, tuple(drawn))


OVERVIEW = Page("overview", "/overview", show, nav="overview", book=book, drawings=drawings, rests="findings")
ATTENTION = Page("attention", "/attention", show_attention, nav="overview", rests="numbers")
