"""`ganzhi observe --as reported|both`: what was reported, alone or beside what is known now; what scores share with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_day, parse_grain, period_of_day
from ganzhi.cli.asking import Asked, conditions
from ganzhi.cli.command import Call
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import Record, as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.observation import ObserveRequest
    from ganzhi.measure.open import States
    from ganzhi.warehouse.workplace import Workplace

NESTED = ("slice", "observation", "contributions", "reported")
"""Parts of a record that are no columns of a table."""


def refuse_slices(asked: Asked) -> None:
    """Raises InputError MEA024 for every option that asks for what a closing does not keep of scores."""
    given = {"--by": asked.by, "--where": asked.where, "--todate": asked.todate, "--since": asked.since}
    issues = [Issue("MEA024", name) for name, value in given.items() if value]
    if issues:
        raise InputError(issues)


def reported_records(workplace: Workplace, reading: States, asked: Asked) -> list[Record]:
    """What was reported, of the closed ones among the periods asked for; all closed ones when no days are given.

    Indicators and units need not be known any more.
    """
    from ganzhi.measure.observation import ObserveRequest
    from ganzhi.measure.reported.beside import reported_alone

    periods = periods_asked(workplace, asked)
    question = ObserveRequest(
        codes=asked.codes,
        unit=asked.unit or workplace.catalogue.root_unit,
        grain=parse_grain(asked.grain),
        first=date.min,
        last=date.min,
        by=asked.dimensions,
        basis=asked.basis,
        where=conditions(asked.where),
        children=asked.children,
    )
    return [each.as_json() for each in reported_alone(workplace, reading, question, periods)]


def periods_asked(workplace: Workplace, asked: Asked) -> list[Period]:
    """The closed ones among the periods asked for, oldest first; all closed ones when no days are given."""
    from ganzhi.measure.reported.beside import closed_periods

    first = parse_day(asked.first, "from") if asked.first else None
    last = parse_day(asked.last, "to") if asked.last else None
    return closed_periods(workplace, parse_grain(asked.grain), first, last)


def both_records(workplace: Workplace, reading: States, question: ObserveRequest) -> list[Record]:
    """Observations as known now, each with `reported`: what was reported of it, or None where nothing was."""
    from ganzhi.measure.reported.beside import reported_beside

    return [
        {**each.as_json(), "reported": None if beside is None else beside.as_json()}
        for each, beside in reported_beside(workplace, reading, question)
    ]


def because(call: Call, beside: Record) -> tuple[str, str]:
    """The difference and its reasons in words; both empty where nothing differs."""
    given = beside["reasons"]
    reasons = [call.text(f"portal.reported.{reason}") for reason in given] if isinstance(given, list) else []
    return (number(beside["difference"]), ", ".join(reasons)) if reasons else ("", "")


def print_records(call: Call, asked: Asked, records: Sequence[Record], *, both: bool) -> None:
    """In the form that was asked for, to where it was asked."""
    from ganzhi.measure.reported.beside import BESIDE

    write_records(call, asked, records, BESIDE if both else None, lambda: _table(call, records, both=both))


def write_records(
    call: Call, asked: Asked, records: Sequence[Record], beside: Sequence[str] | None, drawn: Callable[[], str]
) -> None:
    """Records in the form that was asked for. beside: parts of what was reported, when it stands beside; drawn: the
    table for people."""
    from ganzhi.measure.reported.beside import CHANGE, CLOSING

    names = [name for name in (records[0] if records else ()) if name not in NESTED]
    names += _cuts(records)
    more = () if beside is None else (*beside, *CLOSING, *CHANGE)
    columns = [*names, *(f"reported_{name}" for name in more)]
    match asked.form:
        case "table":
            data = f"{drawn() if records else call.text('cli.reported.none')}\n".encode()
        case "csv":
            data = as_csv(columns, [flat(each) for each in records])
        case "parquet":
            data = as_parquet(columns, [flat(each) for each in records])
        case _:
            data = as_json(records).encode()
    write_out(data, asked.out, sys.stdout.buffer)


def flat(record: Record) -> Record:
    """A record with one column for each part of what was reported, and without what is no column."""
    beside = record.get("reported")
    plain = {name: value for name, value in record.items() if name not in NESTED}
    then = beside if isinstance(beside, Mapping) else {}
    cut = record.get("slice")
    plain |= dict(cut) if isinstance(cut, Mapping) else {}
    return {**plain, **{f"reported_{name}": value for name, value in then.items()}}


def _cuts(records: Sequence[Record]) -> list[str]:
    """The dimensions that records are cut by."""
    slices = (each.get("slice") for each in records)
    return list(dict.fromkeys(name for cut in slices if isinstance(cut, Mapping) for name in cut))


def _table(call: Call, records: Sequence[Record], *, both: bool) -> str:
    cuts = _cuts(records)
    heads = ["observe.value", "observe.unit_of_value"]
    heads += ["reported.reported", "reported.difference", "close.edition", "reported.reasons"] if both else []
    heads += [] if both else ["observe.n", "observe.completeness", "close.edition", "close.closed_at", "close.actor"]
    right = {"observe.value", "reported.reported", "reported.difference", "observe.n", "observe.completeness"}
    columns = [Column(call.text(f"cli.observe.{head}")) for head in ("code", "unit", "period")]
    columns += [Column(name) for name in cuts]
    columns += [Column(call.text(f"cli.{head}"), "right" if head in right else "left") for head in heads]
    return table(columns, [_row(call, each, cuts, both=both) for each in records])


def _period(record: Record) -> str:
    """The period as other tables show it; by its end, because a value to date begins earlier."""
    grain, end = Grain(str(record["grain"])), str(record["period_end"])
    if grain.minutes is not None:
        return str(record["period_start"])
    return period_of_day(grain, date.fromisoformat(end) - timedelta(days=1), ZoneInfo("UTC")).key


def _row(call: Call, record: Record, cuts: Sequence[str], *, both: bool) -> list[str]:
    cut = record.get("slice")
    shown = [str(record["code"]), str(record["unit"]), _period(record)]
    shown += [str(cut.get(name, "")) if isinstance(cut, Mapping) else "" for name in cuts]
    shown += [number(record["value"]), str(record["unit_of_value"])]
    if not both:
        closing = [str(record["edition"]), str(record["closed_at"])[:16], str(record["closed_by"])]
        return [*shown, number(record["n"]), f"{record['completeness']:.2f}", *closing]
    beside = record["reported"]
    if not isinstance(beside, Mapping):
        return [*shown, "", "", "", ""]
    apart, reasons = because(call, dict(beside))
    return [*shown, number(beside["value"]), apart, str(beside["edition"]), reasons]
