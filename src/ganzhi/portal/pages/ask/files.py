"""Answers to free questions as files: everything that was asked, raw numbers, and who took it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from ganzhi.measure.views.ask.answers import AskColumn, Group, IndicatorsAnswer, Place, RecordsAnswer, Said
from ganzhi.measure.views.ask.question import Question
from ganzhi.portal.context import ExportNote
from ganzhi.portal.pages.ask.address import address
from ganzhi.portal.pages.overview import reading_cells
from ganzhi.portal.pages.taken import facts, value_columns
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Kind, Sheet, SheetColumn, refuse_too_long
from ganzhi.portal.visit import Visit

_KINDS: dict[str, Kind] = {"int": "number", "decimal": "number", "timestamp": "instant", "date": "day"}
MEAN_PLACES = 4


def _facts(
    visit: Visit, words: Words, question: Question, place: Place, said: tuple[Said, ...], *more: tuple[str, str]
) -> tuple[tuple[str, str], ...]:
    comma = words.t("list_comma")
    conditions = [
        (words.text(each.column), f"{words.t(f'ask.op_{each.op}')} {comma.join(map(words.text, each.values))}".strip())
        for each in said
    ]
    kept = [
        (words.t("picker.scope"), f"{words.text(place.unit_name)} ({place.unit})"),
        (words.t("ask.days"), f"{place.first.isoformat()} – {place.last.isoformat()}"),
        (words.t("data_until"), words.day(place.data_until)),
        *conditions,
        *more,
    ]
    return facts(visit, words, None, *kept, address=address(question))


def numbers_book(visit: Visit, words: Words, question: Question, answer: IndicatorsAnswer) -> Book:
    """Every number with its parts."""
    form = visit.form or "csv"
    refuse_too_long(len(answer.lines), form)
    columns = (
        SheetColumn("code", words.t("ask.code")),
        SheetColumn("name", words.t("ask.indicator")),
        SheetColumn("unit_code", words.t("ask.unit_code")),
        SheetColumn("place", words.t("ask.axis_unit")),
        *(SheetColumn(f"d.{name}", words.text(title)) for name, title in answer.by),
        *(SheetColumn(f"n.{name}", words.t("ask.name_of", what=words.text(title))) for name, title in answer.by),
        SheetColumn("period", words.t("picker.period")),
        *value_columns(words),
    )
    rows: list[tuple[Cell, ...]] = []
    for line in answer.lines:
        subject = answer.subjects[line.code]
        keys = tuple(key.value for _, key in line.slice)
        names = tuple(words.text(key.name) for _, key in line.slice)
        head = (line.code, words.text(subject.name), line.unit, words.text(line.unit_name))
        rows.append((*head, *keys, *names, line.period.key, *reading_cells(words, subject.unit_of_value, line.reading)))
    sheet = Sheet("numbers", words.t("ask.numbers"), columns, rows)
    kept = _facts(visit, words, question, answer.place, answer.said)
    return Book("ask-indicators", words.t("ask.title"), kept, (sheet,), words.t("taken.cut"))


def records_book(visit: Visit, words: Words, question: Question, answer: RecordsAnswer) -> Book:
    """All rows, masked, or all groups; noted in the audit log before the first byte."""
    form = visit.form or "csv"
    count = answer.found
    refuse_too_long(count, form)
    visit.context.exported(ExportNote(visit.context.user, answer.feed, _noted(question), form, count))
    sheet = _groups(words, answer) if answer.grouped else _rows(words, answer)
    more = (words.t("ask.rows"), words.all_digits(answer.total))
    kept = _facts(visit, words, question, answer.place, answer.said, more)
    return Book(f"ask-{answer.feed}", words.text(answer.feed_name), kept, (sheet,), words.t("taken.cut"))


def _noted(question: Question) -> str:
    """What the audit log keeps of a question: columns and conditions, without the values."""
    parts = [
        f"region={question.unit}" if question.unit else "",
        f"from={question.first or ''}",
        f"to={question.last or ''}",
    ]
    parts += [f"{each.column}:{each.op}" for each in question.conditions]
    parts += [f"g={name}" for name in question.groups]
    return "&".join(part for part in parts if part)


def _rows(words: Words, answer: RecordsAnswer) -> Sheet:
    columns = (
        *(
            SheetColumn(c.name, words.text(c.title), "text" if c.masked else _KINDS.get(c.type, "text"), c.scale)
            for c in answer.columns
        ),
        SheetColumn("_file", words.t("records.file")),
        SheetColumn("_line", words.t("records.line"), "number"),
    )
    return Sheet("rows", words.text(answer.record), columns, _typed(answer))


def _typed(answer: RecordsAnswer) -> Iterator[tuple[Cell, ...]]:
    kinds = [None if c.masked else _KINDS.get(c.type) for c in answer.columns]
    for row in answer.rows:
        *values, file, line = row
        cells = (cell_of(text, kind) for text, kind in zip(values, kinds, strict=True))
        yield (*cells, file, None if line is None else int(line))


def cell_of(text: str | None, kind: Kind | None) -> Cell:
    """A value in its type; what does not read as it stays text."""
    if text is None:
        return None
    try:
        if kind == "number":
            number = Decimal(text)
            return number if abs(number) < 10**15 else text
        if kind == "instant":
            return datetime.fromisoformat(text).replace(tzinfo=None)
        if kind == "day":
            return date.fromisoformat(text)
    except (ValueError, InvalidOperation):
        return text
    return text


def _groups(words: Words, answer: RecordsAnswer) -> Sheet:
    columns = [
        *(SheetColumn(c.name, words.text(c.title)) for c in answer.grouped),
        *(SheetColumn(f"{c.name}.name", words.t("ask.name_of", what=words.text(c.title))) for c in answer.grouped),
        SheetColumn("rows", words.t("ask.rows"), "number"),
    ]
    for column in answer.measured:
        columns += _measure_columns(words, column)
    return Sheet("groups", words.t("ask.groups"), tuple(columns), (_group(words, each) for each in answer.groups))


def _measure_columns(words: Words, column: AskColumn) -> list[SheetColumn]:
    title = words.text(column.title)
    places = {"n": 0, "sum": column.scale, "mean": MEAN_PLACES, "min": column.scale, "max": column.scale}
    return [
        SheetColumn(f"{column.name}.{name}", f"{title} {words.t(f'ask.function_{name}')}", "number", decimals)
        for name, decimals in places.items()
    ]


def _group(words: Words, group: Group) -> tuple[Cell, ...]:
    keys = tuple(key.value for key in group.keys)
    names = tuple(words.text(key.name) for key in group.keys)
    numbers = [number for total in group.totals for number in (total.n, total.sum, total.mean, total.min, total.max)]
    return (*keys, *names, group.rows, *numbers)
