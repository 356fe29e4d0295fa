"""An explanation in words: the headline and the rows of its tables, for the page and for the command.

The sentences say what carries a difference, by how much; never what causes it. Whatever is unknown is said
to be unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganzhi.base import wording
from ganzhi.base.messages import say
from ganzhi.measure.views.explain import CellRow, CutView, ExplainPage, PartRow, ScoreRow
from ganzhi.portal.present import Figure, Words
from ganzhi.portal.sentences import Segment

_SPOT = "\x00"
MOST_PARTS = 10
"""Parts of a cut that are shown one by one; the others are summed in one row."""
TOLD_SHARE = 0.1
"""A part that carries less than this is not worth the headline."""
MOST_SHARE = 1.5
"""A share above this says more about the smallness of the whole change than about the part."""
MOST_TRIED = 6
"""Dimensions named in the sentence about the search."""


def difference_text(words: Words, page: ExplainPage, value: float | None) -> str:
    """A part of the difference with sign and unit, one digit finer than the value itself."""
    if value is None:
        return "–"
    if not page.measured:
        return words.points(value)
    about = page.subject
    return wording.signed_difference(words.lang, value, about.unit_of_value, about.decimals + 1)


def difference_unit(words: Words, page: ExplainPage) -> str:
    """The unit of differences, for the head of a column."""
    about = page.subject
    return wording.difference(words.lang, 0, about.unit_of_value, about.decimals).unit


def difference_number(words: Words, page: ExplainPage, value: float | None) -> str:
    """A part of the difference with its sign, without the unit that stands at the head of its column."""
    said = difference_text(words, page, value)
    unit = difference_unit(words, page)
    return said.removesuffix(unit).rstrip() if page.measured and unit else said


def is_worse(page: ExplainPage, change: float | None) -> bool:
    """Whether a part of the difference is for the worse."""
    if not change:
        return False
    way = page.subject.direction or (None if page.measured else "higher")
    return way is not None and (change < 0) == (way == "higher")


def figure(words: Words, page: ExplainPage) -> Figure:
    """What is explained, as a number."""
    return words.figure(page.subject, page.now, len(page.scope.period.days))


# --- sentences ----------------------------------------------------------------------------------


def headline(words: Words, page: ExplainPage) -> tuple[Segment, ...]:
    """Value and difference, then what carries it: a combination, a child, the mix."""
    unit, name = words.text(page.scope.unit_name), words.text(page.subject.name)
    if page.why != "explained":
        return (Segment(words.t(f"explain.why.{page.why}", unit=unit, name=name, before=words.before(page.scope))),)
    value = str(figure(words, page))
    on = wording.on_name(words.lang, page.scope.compare, page.scope.period.grain)
    delta = words.delta(page.subject, page.change)
    said = words.t("explain.changed", unit=unit, name=name, value=value, on=on, delta=_SPOT)
    lead, _, rest = said.partition(_SPOT)
    shown = f"{delta} {delta.unit}" if delta.unit else str(delta)
    clauses = [clause for clause in (_carrier(words, page), _halves(words, page), _short(words, page)) if clause]
    joined = words.t("explain.clause").join(clauses)
    tail = words.t("explain.tail", clauses=joined) if joined else ""
    return (Segment(lead), Segment(shown, delta.tone), Segment(rest + tail))


def _carrier(words: Words, page: ExplainPage) -> str:
    """What carries most of it: a cell that was found, the child with most points, or the largest part."""
    if not page.difference:
        return words.t("explain.nothing_changed")
    if page.scores and not page.measured:
        return _child(words, page)
    search = page.search
    if search is not None and search.cells and (search.cells[0].share or 0) >= TOLD_SHARE:
        cell = search.cells[0]
        return _carries(words, page, cell_name(words, cell), cell)
    if search is not None and search.verdict == "spread":
        return words.t("explain.spread_short")
    parts = [row for cut in page.cuts[:1] for row in cut.rows if (row.share or 0) >= TOLD_SHARE]
    if not parts:
        return ""
    top = max(parts, key=lambda row: row.share or 0)
    return _carries(words, page, words.text(top.name), top)


def _carries(words: Words, page: ExplainPage, name: str, part: CellRow | PartRow) -> str:
    """The share that a part carries; where others take much of it back, how much it adds."""
    if (part.share or 0) > MOST_SHARE:
        return words.t("explain.outdone", name=name, change=difference_text(words, page, part.change))
    return words.t("explain.carries", name=name, share=words.per_cent(part.share))


def _child(words: Words, page: ExplainPage) -> str:
    rows = [row for row in page.scores if row.depth == 1 and row.points is not None]
    sign = 1 if page.points_lost or (page.difference or 0) > 0 else -1
    top = max(rows, key=lambda row: sign * (row.points or 0), default=None)
    if top is None or sign * (top.points or 0) <= 0:
        return ""
    key = "explain.loses" if page.points_lost else "explain.adds"
    return words.t(key, name=words.text(top.name), points=points_text(words, page, top.points))


def points_text(words: Words, page: ExplainPage, points: float | None) -> str:
    """Points added with their sign, points lost without."""
    return words.points(points).removeprefix("+") if page.points_lost else words.points(points)


def _halves(words: Words, page: ExplainPage) -> str:
    """Rates and mix, where a cut shows that the mix matters."""
    split = [cut for cut in page.cuts if cut.way == "rate_mix" and not cut.outcome]
    turned = next((cut for cut in split if cut.reversed), None)
    if turned is not None:
        return words.t("explain.reversed", name=words.text(turned.name), mix=difference_text(words, page, turned.mix))
    if not split or not page.difference:
        return ""
    most = max(split, key=lambda cut: abs(cut.mix or 0))
    if abs(most.mix or 0) < TOLD_SHARE * abs(page.difference):
        return ""
    rate, mix = (difference_text(words, page, value) for value in (most.rate, most.mix))
    return words.t("explain.halves", name=words.text(most.name), rate=rate, mix=mix)


def _short(words: Words, page: ExplainPage) -> str:
    """That the earlier end rests on part of its days; the present one says so beside its number."""
    before = page.before
    if before is None or not page.measured or before.completeness >= 1:
        return ""
    share = wording.percent_number(before.completeness * 100, 0)
    return words.t("explain.short", before=words.before(page.scope), share=f"{share}%")


def cell_name(words: Words, cell: CellRow) -> str:
    """A combination of attribute values by name; an unknown value with the name of its attribute."""
    unknown = [value for _, value in cell.names if value.zh == say("zh", "views.unknown_value")]
    named = (
        words.t("explain.unknown_of", name=words.text(name)) if value in unknown else words.text(value)
        for name, value in cell.names
    )
    return words.t("explain.times").join(named)


def search_text(words: Words, page: ExplainPage) -> str:
    """What the search says, in one sentence."""
    if page.search is None:
        return ""
    names = list(dict.fromkeys(words.text(name) for names in page.search.tried for name in names))
    shown = (
        names if len(names) <= MOST_TRIED else [*names[:MOST_TRIED], words.t("explain.more", n=len(names) - MOST_TRIED)]
    )
    among = words.t("list_comma").join(shown)
    return words.t(f"explain.search.{page.search.verdict}", leaves=page.search.leaves, among=among)


# --- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of a cut, or (row None) the sum of `others` parts that are not shown one by one."""

    row: PartRow | None
    others: int
    change: float | None
    rate: float | None
    mix: float | None
    share: float | None


def shown_parts(cut: CutView, most: int = MOST_PARTS) -> tuple[ShownPart, ...]:
    """The parts of a cut, largest first, the rest in one row, so that what is shown adds up."""
    rows = cut.rows if len(cut.rows) <= most + 1 else cut.rows[:most]
    rest = cut.rows[len(rows) :]
    shown = [ShownPart(row, 0, row.change, row.rate, row.mix, row.share) for row in rows]
    if rest and cut.way != "beside":
        known = [row for row in rest if not any(end is not None and end.withheld for end in (row.now, row.before))]
        whole = len(known) == len(rest)
        sums = (
            _sum([getattr(row, name) for row in rest]) if whole else None for name in ("change", "rate", "mix", "share")
        )
        shown.append(ShownPart(None, len(rest), *sums))
    return tuple(shown)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def part_note(words: Words, page: ExplainPage, row: PartRow) -> str:
    """What must be known beside a part: there at one date only, below the target, what is largest within it."""
    notes = []
    if row.only is not None and page.scope.compare != "target":
        notes.append(words.t(f"explain.only.{row.only}"))
    if row.below is not None:
        notes.append(words.t("explain.below" if row.below else "explain.above"))
    inner = row.inner[0] if row.inner else None
    if inner is not None and inner.change:
        change = difference_text(words, page, inner.change)
        notes.append(words.t("explain.mostly", name=words.text(inner.name), change=change))
    return words.t("explain.clause").join(notes)


def score_note(words: Words, row: ScoreRow) -> str:
    """What must be known beside a supporting indicator."""
    notes = []
    if row.at_risk is not None:
        notes.append(words.t("contribution.at_risk", points=f"{row.at_risk:g}"))
    if row.only is not None:
        notes.append(words.t(f"explain.only.{row.only}"))
    elif row.points is None:
        notes.append(words.t("explain.unknown"))
    return words.t("explain.clause").join(notes)
