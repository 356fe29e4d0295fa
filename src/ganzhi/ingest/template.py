"""Import templates: what a file for a feed must look like, as CSV or Excel (S002-117).

Made from the catalogue: the columns of a mapping's file, or those of the feed itself where no
mapping is named, with type, whether required, allowed codes and an example.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.styles import Font

from ganzhi.base.errors import InputError
from ganzhi.base.messages import Lang, say
from ganzhi.catalogue.model.data import Column, Feed, MappedColumn, Mapping
from ganzhi.catalogue.model.whole import Catalogue, unknown

_EXAMPLE_AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
_SHOWN_CODES = 30


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column of the file: what stands in it, for which column of the feed, and an example."""

    source: str
    feeds: str
    type: str
    required: bool
    allowed: tuple[str, ...]
    format: str
    example: str


def template_columns(
    catalogue: Catalogue, feed_code: str, mapping: str | None = None, unit: str | None = None
) -> tuple[TemplateColumn, ...]:
    """The columns of a file for a feed; InputError for an unknown feed or mapping.

    unit: the one in the example where a column holds units as they are; the top one by default.
    """
    example = unit or catalogue.root_unit
    feed = catalogue.feed(feed_code)
    if mapping is None:
        return tuple(_own_column(catalogue, feed, name, example) for name in feed.columns)
    if mapping not in catalogue.mappings or catalogue.mappings[mapping].feed != feed_code:
        raise InputError(
            unknown("ING028", mapping, {c: m for c, m in catalogue.mappings.items() if m.feed == feed_code})
        )
    return _mapped_columns(catalogue, feed, catalogue.mappings[mapping], example)


def _own_column(catalogue: Catalogue, feed: Feed, name: str, unit: str) -> TemplateColumn:
    column = feed.columns[name]
    required = column.required or name in {*feed.key, feed.time, feed.unit}
    allowed = _codes(catalogue, column.allowed)
    form = {"timestamp": "YYYY-MM-DD HH:MM:SS", "date": "YYYY-MM-DD"}.get(column.type, "")
    example = unit if name == feed.unit else _example(column, allowed)
    return TemplateColumn(name, name, column.type, required, allowed, form, example)


def _codes(catalogue: Catalogue, code_list: str | None) -> tuple[str, ...]:
    if code_list is None:
        return ()
    return tuple(dict.fromkeys(entry.code for entry in catalogue.code_lists[code_list].entries))


def _example(column: Column, allowed: Sequence[str], form: str | None = None) -> str:
    if allowed:
        return allowed[0]
    match column.type:
        case "timestamp":
            return _EXAMPLE_AT.strftime(form or "%Y-%m-%d %H:%M:%S")
        case "date":
            return _EXAMPLE_AT.strftime(form or "%Y-%m-%d")
        case "bool":
            return "true"
        case "int" | "decimal":
            low = column.min if column.min is not None else 0
            value = low if column.type == "int" else low + 1
            return f"{int(value)}" if column.type == "int" else f"{value:.{column.scale}f}"
        case _:
            return "A-001"


def _mapped_columns(catalogue: Catalogue, feed: Feed, mapping: Mapping, unit: str) -> tuple[TemplateColumn, ...]:
    found: dict[str, TemplateColumn] = {}
    for name, mapped in mapping.columns.items():
        if name not in feed.columns:
            continue
        for source, form, example in _sources(catalogue, feed.columns[name], mapped):
            allowed = _codes(catalogue, mapped.codes or feed.columns[name].allowed)
            required = feed.columns[name].required or name in {*feed.key, feed.time, feed.unit}
            plain = name == feed.unit and mapped.source == source and mapped.codes is None
            example = unit if plain else example  # noqa: PLW2901 - the better one
            found.setdefault(
                source, TemplateColumn(source, name, feed.columns[name].type, required, allowed, form, example)
            )
    names = mapping.columns_expected or tuple(found)
    return tuple(found.get(name, TemplateColumn(name, "", "text", False, (), "", "A-001")) for name in names)


def _sources(catalogue: Catalogue, column: Column, mapped: MappedColumn) -> list[tuple[str, str, str]]:
    """Source column, its declared format and an example, for one mapped column."""
    if mapped.clock is not None:
        clock = mapped.clock
        return [
            (clock.date, clock.date_format, _EXAMPLE_AT.strftime(clock.date_format)),
            (clock.time, clock.time_format, _EXAMPLE_AT.strftime(clock.time_format)),
        ]
    if mapped.source is None:
        return []
    if mapped.epoch is not None:
        return [(mapped.source, mapped.epoch, str(1_769_851_800 * (1000 if mapped.epoch == "ms" else 1)))]
    return [
        (
            mapped.source,
            mapped.format or "",
            _example(column, _codes(catalogue, mapped.codes or column.allowed), mapped.format),
        )
    ]


def template_csv(catalogue: Catalogue, feed: str, mapping: str | None = None, unit: str | None = None) -> bytes:
    """A file with header and one example row, in the mapping's delimiter and encoding."""
    columns = template_columns(catalogue, feed, mapping, unit)
    fmt = catalogue.mappings[mapping].format if mapping is not None else None
    out = io.StringIO(newline="")
    bare = fmt is not None and not fmt.quote
    writer = csv.writer(
        out,
        delimiter=fmt.delimiter if fmt else ",",
        quoting=csv.QUOTE_NONE if bare else csv.QUOTE_MINIMAL,
        escapechar="\\" if bare else None,
        lineterminator="\r\n",
    )
    writer.writerow([column.source for column in columns])
    writer.writerow([column.example for column in columns])
    return out.getvalue().encode(fmt.encoding if fmt else "utf-8-sig")


def template_xlsx(catalogue: Catalogue, feed: str, mapping: str | None, lang: Lang, unit: str | None = None) -> bytes:
    """A workbook: the sheet to fill in, with an example row, and a sheet that explains each column."""
    columns = template_columns(catalogue, feed, mapping, unit)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    wanted = catalogue.mappings[mapping].format.sheet if mapping is not None else None
    sheet.title = (wanted or say(lang, "ingest.template.sheet"))[:31]
    guide = book.create_sheet(say(lang, "ingest.template.guide")[:31])
    heads = ("column", "feeds", "type", "required", "allowed", "format", "example")
    guide.append([say(lang, f"ingest.template.{head}") for head in heads])
    for number, column in enumerate(columns, start=1):
        for row, text in ((1, column.source), (2, column.example)):
            cell = sheet.cell(row=row, column=number, value=text)
            cell.data_type = "s"
            cell.number_format = "@"
        sheet.cell(row=1, column=number).font = Font(bold=True)
        allowed = ", ".join(column.allowed[:_SHOWN_CODES]) + (" …" if len(column.allowed) > _SHOWN_CODES else "")
        required = say(lang, "ingest.template.yes" if column.required else "ingest.template.no")
        kind = say(lang, f"ingest.template.type_{column.type}")
        for place, text in enumerate(
            (column.source, column.feeds, kind, required, allowed, column.format, column.example), start=1
        ):
            guide.cell(row=number + 1, column=place, value=text).data_type = "s"
    for cell in guide[1]:
        cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
