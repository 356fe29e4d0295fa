"""`ganzhi score --as reported|both`: scores that were reported, alone or beside what is known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ganzhi.base.periods import parse_grain
from ganzhi.cli.asking import Asked
from ganzhi.cli.command import Call
from ganzhi.cli.observe import number
from ganzhi.cli.reported.beside import because, periods_asked, write_records
from ganzhi.cli.show.formats import Record
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.open import States
    from ganzhi.measure.score import ScoreRequest, Use
    from ganzhi.warehouse.workplace import Workplace


def reported_score_records(workplace: Workplace, reading: States, asked: Asked, use: Use) -> list[Record]:
    """Scores that were reported, of the closed ones among the periods asked for, each with what its children gave.

    Indicators and units need not be known any more.
    """
    from ganzhi.measure.reported.beside import scores_alone
    from ganzhi.measure.score import ScoreRequest

    question = ScoreRequest(
        codes=asked.codes,
        unit=asked.unit or workplace.catalogue.root_unit,
        grain=parse_grain(asked.grain),
        first=date.min,
        last=date.min,
        use=use,
        children=asked.children,
    )
    return [each.as_json() for each in scores_alone(workplace, reading, question, periods_asked(workplace, asked))]


def both_score_records(workplace: Workplace, reading: States, question: ScoreRequest) -> list[Record]:
    """Scores as known now, each with `reported`: what was reported of it, or None where nothing was."""
    from ganzhi.measure.reported.beside import scores_beside

    return [
        {**each.as_json(), "reported": None if beside is None else beside.as_json()}
        for each, beside in scores_beside(workplace, reading, question)
    ]


def print_score_records(call: Call, asked: Asked, records: Sequence[Record], *, both: bool) -> None:
    """In the form that was asked for, to where it was asked."""
    from ganzhi.measure.reported.beside import SCORE_BESIDE

    write_records(call, asked, records, SCORE_BESIDE if both else None, lambda: _table(call, records, both=both))


def _table(call: Call, records: Sequence[Record], *, both: bool) -> str:
    heads = ["observe.code", "observe.unit", "observe.period", "observe.score", "observe.level"]
    heads += ["reported.reported", "reported.difference", "close.edition", "reported.reasons"] if both else []
    heads += [] if both else ["observe.coverage", "close.edition", "close.closed_at", "close.actor"]
    right = {"observe.score", "reported.reported", "reported.difference", "observe.coverage"}
    columns = [Column(call.text(f"cli.{head}"), "right" if head in right else "left") for head in heads]
    return table(columns, [_row(call, each, both=both) for each in records])


def _row(call: Call, record: Record, *, both: bool) -> list[str]:
    level = call.text(f"cli.observe.level_{record['level']}") if record["level"] else ""
    shown = [*(str(record[name]) for name in ("code", "unit", "period")), number(record["score"], 1), level]
    if not both:
        closing = [str(record["edition"]), str(record["closed_at"])[:16], str(record["closed_by"])]
        return [*shown, number(record["coverage"]), *closing]
    beside = record["reported"]
    if not isinstance(beside, Mapping):
        return [*shown, "", "", "", ""]
    apart, reasons = because(call, dict(beside))
    return [*shown, number(beside["score"], 1), apart, str(beside["edition"]), reasons]
