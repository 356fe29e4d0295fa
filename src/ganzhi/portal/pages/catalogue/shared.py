"""What the pages of the dictionary share: the way between them, filters as menus, words for limits and weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ganzhi.base import wording
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.catalogue.entry import LinkRow, SlaRow
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import SheetColumn
from ganzhi.portal.visit import Visit


def ways(visit: Visit, words: Words, links: Links, here: str) -> list[Choice]:
    """Links between the pages of the dictionary; versions are for who sees the whole organisation."""
    pages = (
        ("indicators", links.dictionary()),
        ("tree", links.tree()),
        ("matrix", links.matrix()),
        ("feeds", links.feeds()),
        ("reports", links.reports()),
        ("surroundings", links.surroundings()),
        *((("changes", links.changes()),) if visit.context.viewer.whole else ()),
    )
    return [Choice(words.t(f"catalogue.way.{name}"), link, name == here) for name, link in pages]


def crumbs(words: Words, links: Links, *last: Crumb) -> tuple[Crumb, ...]:
    """The way back to the dictionary."""
    return (Crumb(words.t("dictionary.title"), links.dictionary()), *last)


def columns(words: Words, *keys: str, numbers: Sequence[str] = ()) -> tuple[SheetColumn, ...]:
    """Columns of a file with headings from the message files; those of `numbers` hold numbers."""
    return tuple(
        SheetColumn(key, words.t(f"catalogue.column.{key}"), "number" if key in numbers else "text") for key in keys
    )


def codes_of(names: Iterable[Named]) -> str:
    """Codes in a row, for files."""
    return ", ".join(each.code for each in names)


def external(words: Words, codes: Iterable[tuple[Text, str]]) -> str:
    """External codes with their systems, in a row."""
    return "; ".join(f"{words.text(system)} {code}" for system, code in codes)


def weight(words: Words, row: LinkRow) -> str:
    """How much a link weighs, or the most a risk takes off."""
    if row.points is not None:
        return words.t("catalogue.risk", points=wording.exact_text(row.points))
    return words.t("entry.weight", weight=wording.exact_text(row.weight or 0))


def weight_origin(words: Words, row: LinkRow) -> str:
    """Where a weight comes from, with day and number of answers (S003-001)."""
    said = [words.t(f"catalogue.weight_origin.{row.origin}")]
    if row.derived is not None:
        said.append(words.day(row.derived, weekday=False))
    if row.sample is not None:
        said.append(words.t("journeys.sample", n=words.count(row.sample)))
    return words.t("list_comma").join(said)


def amount(words: Words, value: float, unit: str) -> str:
    """A declared value with its unit, all its digits."""
    return str(wording.Quantity(wording.exact_text(value), wording.unit_word(words.lang, unit), words.lang))


def sla_limits(words: Words, row: SlaRow) -> str:
    """Floor, target and challenge of an agreement."""
    return " / ".join(amount(words, value, row.unit_of_value) for value in (row.floor, row.target, row.challenge))


def sla_scope(words: Words, row: SlaRow) -> str:
    """For which slice an agreement holds."""
    said = [f"{words.text(name)} {words.text(value)}" for name, value in row.scope]
    return words.t("list_comma").join(said) or words.t("all")


def validity(words: Words, row: SlaRow) -> str:
    """From when to when an agreement holds; empty without either end."""
    if row.valid_from is None and row.valid_to is None:
        return ""
    ends = (words.day(day, weekday=False) if day else "…" for day in (row.valid_from, row.valid_to))
    start, end = ends
    return words.t("catalogue.valid_span", start=start, end=end)
