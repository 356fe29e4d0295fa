"""Ports of the import port and of single records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from ganzhi.access.rights import Viewer
from ganzhi.base.messages import Lang
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.imports.desk import ImportDesk
from ganzhi.measure.build.rows.record import record_page, unmask
from ganzhi.measure.views.imports.pages import ImportsPage, PreviewPage, ResultPage
from ganzhi.measure.views.record import OpenedFrom, RecordPage, Unmasked


@dataclass(frozen=True, slots=True)
class RowPorts:
    """record: feed, load, line, and the list it was opened from. unmask: feed, load, line, column, reason; in the
    audit trail before it answers."""

    record: Callable[[str, str, str, OpenedFrom | None], RecordPage]
    unmask: Callable[[str, str, str, str, str], Unmasked]


@dataclass(frozen=True, slots=True)
class ImportPorts:
    """page: feed and form of file, or None. template: feed, form, `csv` or `xlsx`, language. receive: feed, form,
    name, content; the id of the upload. became: the load of an upload, None while it does not count. commit, again,
    correct: the load to look at. refused_rows: load, language; the table, its feed, how many rows."""

    page: Callable[[str | None, str | None], ImportsPage]
    template: Callable[[str, str, str, Lang], bytes]
    receive: Callable[[str, str, str, BinaryIO], str]
    became: Callable[[str], str | None]
    look: Callable[[str], PreviewPage]
    commit: Callable[[str], str]
    discard: Callable[[str], None]
    result: Callable[[str, int], ResultPage]
    refused_rows: Callable[[str, Lang], tuple[bytes, str, int]]
    correct: Callable[[str, str, BinaryIO], str]
    again: Callable[[str], str]


def row_ports(answers: Answers, viewer: Viewer) -> RowPorts:
    """The ports on the answers of an open workspace, for one viewer; nothing of a record is kept."""
    return RowPorts(
        record=lambda feed, load, line, opened: answers.fresh(
            viewer, lambda reader: record_page(reader, feed, load, line, opened)
        ),
        unmask=lambda feed, load, line, column, reason: answers.fresh(
            viewer, lambda reader: unmask(reader, feed, load, line, column, reason)
        ),
    )


def import_ports(desk: ImportDesk, viewer: Viewer) -> ImportPorts:
    """The ports on a desk, for one viewer."""
    return ImportPorts(
        page=lambda feed, form: desk.page(viewer, feed, form),
        template=lambda feed, form, kind, lang: desk.template(viewer, feed, form, kind, lang),
        receive=lambda feed, form, name, content: desk.receive(viewer, feed, form, name, content),
        became=lambda upload: desk.became(viewer, upload),
        look=lambda upload: desk.look(viewer, upload),
        commit=lambda upload: desk.commit(viewer, upload),
        discard=lambda upload: desk.discard(viewer, upload),
        result=lambda load, page: desk.result(viewer, load, page),
        refused_rows=lambda load, lang: desk.refused_rows(viewer, load, lang),
        correct=lambda load, name, content: desk.correct(viewer, load, name, content),
        again=lambda load: desk.again(viewer, load),
    )
