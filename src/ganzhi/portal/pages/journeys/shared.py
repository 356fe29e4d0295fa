"""What the pages of the journeys share: the way between them, filters as pickers, words for coverage and pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Coverage, Named, PairRow
from ganzhi.portal.charts.bars import bar_cell
from ganzhi.portal.charts.palette import INK
from ganzhi.portal.charts.rows import PictureRow, PictureTable, Say, picture_table
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Cell, Sheet, SheetColumn


def ways(words: Words, links: Links, here: str) -> list[Choice]:
    """Links between the pages that are about all processes."""
    pages = (
        ("frame", links.journeys()),
        ("panorama", links.panorama()),
        ("lifecycle", links.lifecycle()),
        ("touchpoints", links.touchpoints()),
        ("derivation", links.derivation()),
        ("selection", links.selection()),
        ("traces", links.traces()),
        ("flows", links.flows()),
        ("ivr", links.ivr()),
        ("blueprints", links.blueprints()),
    )
    return [Choice(words.t(f"journeys.{name}"), link, name == here) for name, link in pages]


def crumbs(words: Words, links: Links, *last: str) -> tuple[Crumb, ...]:
    """The way back to the process frame."""
    return (Crumb(words.t("nav.journeys"), links.journeys()), *(Crumb(text) for text in last))


def coverage(words: Words, given: Coverage) -> str:
    """How much of something is covered, as “12 of 15”; a dash where there is nothing to cover."""
    return words.t("journeys.of", part=given.covered, whole=given.total) if given.total else "–"


def said(words: Words, names: Iterable[Named]) -> str:
    """Names in a row."""
    return words.t("list_comma").join(words.text(each.name) for each in names)


def told(words: Words, texts: Iterable[Text]) -> str:
    """Texts in a row."""
    return words.t("list_comma").join(words.text(each) for each in texts)


def limit(words: Words, seconds: int | None) -> str:
    """A time limit in its largest whole unit, exact; empty without one."""
    if seconds is None:
        return ""
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("min", 60), ("s", 1)) if seconds % size == 0)
    return str(wording.quantity(words.lang, seconds // size, unit, 0))


def coverage_picture(
    words: Words,
    sentence: str,
    head: str,
    rows: Iterable[tuple[str, Coverage]],
    blocks: Mapping[int, str] | None = None,
) -> Markup:
    """Rows with a bar for how much of each is covered. blocks: place of a row to the heading above it."""
    drawn: list[PictureRow] = []
    for place, (name, given) in enumerate(rows):
        if blocks and place in blocks:
            drawn.append(PictureRow(blocks[place], None, (), heading=True))
        texts = (Say(coverage(words, given), INK), Say(words.per_cent(given.share)))
        drawn.append(PictureRow(name, bar_cell(given.share), texts, depth=1 if blocks else 0))
    heads = (head, words.t("journeys.column.covered_pairs"), words.t("column.share"))
    return picture_table(PictureTable(sentence, heads, tuple(drawn)))


def columns(words: Words, *keys: str, numbers: Sequence[str] = ()) -> tuple[SheetColumn, ...]:
    """Columns of a file with headings from the message files; those of `numbers` hold counts."""
    return tuple(
        SheetColumn(key, words.t(f"journeys.column.{key}"), "number" if key in numbers else "text") for key in keys
    )


def pairs_sheet(words: Words, pairs: Iterable[PairRow]) -> Sheet:
    """Pairs of touchpoint and attribute with what answers them, or what would."""
    keys = (
        *("process_code", "process", "touchpoint_code", "touchpoint", "attribute_code", "attribute", "sentence"),
        *("covered", "state", "indicators", "candidate", "name_zh", "name_en", "layer", "type", "feeds"),
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for pair in pairs:
            suggested = pair.candidate
            yield (
                pair.process.code,
                words.text(pair.process.name),
                pair.touchpoint.code,
                words.text(pair.touchpoint.name),
                pair.attribute.code,
                words.text(pair.attribute.name),
                words.text(pair.sentence),
                words.t("journeys.cover.covered" if pair.answers else "journeys.cover.open"),
                words.t(f"journeys.state.{pair.state}") if pair.state else None,
                ", ".join(answer.code for answer in pair.answers),
                suggested.code if suggested else None,
                suggested.name.zh if suggested else None,
                suggested.name.en if suggested else None,
                suggested.layer if suggested else None,
                words.t(f"type.{suggested.type}") if suggested else None,
                ", ".join(suggested.feeds) if suggested else None,
            )

    return Sheet("pairs", words.t("journeys.pairs"), columns(words, *keys), rows())
