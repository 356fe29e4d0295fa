"""`ganzhi observe` and `ganzhi score`: numbers, as a table for people and as data for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_grain
from ganzhi.cli.asking import Asked, asking, check_target, conditions, days, output
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import Format, Record, as_csv, as_json, as_parquet, parquet_bytes, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.observation import Observation, ObserveRequest
    from ganzhi.measure.score import Scored, ScoreRequest
    from ganzhi.warehouse.workplace import Workplace

UNKNOWN = "–"


def number(value: object, digits: int = 2) -> str:
    """A number for people: thousands separated, fractions cut to `digits`, unknown as a dash."""
    match value:
        case None:
            return UNKNOWN
        case float():
            return f"{value:,.{digits}f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


# --- observe ------------------------------------------------------------------------------------


def _question(workplace: Workplace, asked: Asked) -> ObserveRequest:
    from ganzhi.measure.observation import ObserveRequest

    first, last = days(workplace, asked.codes, asked.first, asked.last)
    return ObserveRequest(
        codes=asked.codes,
        unit=asked.unit or workplace.catalogue.root_unit,
        grain=parse_grain(asked.grain),
        first=first,
        last=last,
        by=asked.dimensions,
        basis=asked.basis,
        where=conditions(asked.where),
        children=asked.children,
    )


def _observation_table(call: Call, observations: Sequence[Observation]) -> str:
    cuts = list(dict.fromkeys(name for each in observations for name in each.slice))
    columns = [
        Column(call.text("cli.observe.code")),
        Column(call.text("cli.observe.unit")),
        Column(call.text("cli.observe.period")),
        *(Column(name) for name in cuts),
        Column(call.text("cli.observe.value"), "right"),
        Column(call.text("cli.observe.unit_of_value")),
        Column(call.text("cli.observe.numerator"), "right"),
        Column(call.text("cli.observe.denominator"), "right"),
        Column(call.text("cli.observe.n"), "right"),
        Column(call.text("cli.observe.completeness"), "right"),
    ]
    rows = []
    for each in observations:
        record = each.as_json()
        parts = [number(each.value), each.unit_of_value, number(record["numerator"]), number(record["denominator"])]
        cut = [each.slice.get(name, "") for name in cuts]
        rows.append([each.code, each.unit, each.period.key, *cut, *parts, number(each.n), f"{each.completeness:.2f}"])
    return table(columns, rows)


def _flat(record: Record) -> Record:
    """A record with one column per dimension instead of its nested slice."""
    flat: dict[str, object] = {}
    for name, value in record.items():
        flat |= dict(value) if name == "slice" and isinstance(value, dict) else {name: value}
    return flat


def _observations_as(form: Format, observations: Sequence[Observation]) -> bytes:
    """As `json`, `csv` or `parquet`; JSON and Parquet keep the slice nested."""
    from ganzhi.measure.observation import OBSERVATION_SCHEMA, as_table

    match form:
        case "csv":
            records = [_flat(each.as_json()) for each in observations]
            columns = list(dict.fromkeys(name for record in records for name in record))
            return as_csv(columns or [name for name in OBSERVATION_SCHEMA.names if name != "slice"], records)
        case "parquet":
            return parquet_bytes(as_table(observations))
        case _:
            return as_json([each.as_json() for each in observations]).encode()


@click.command("observe", cls=Command, help="observe")
@asking
@option("--as", "shown", type=click.Choice(["now", "reported", "both"]), default="now", help="as")
@output
@common
@click.pass_obj
def observe(call: Call, /, shown: str, **given: Any) -> None:
    """Print observations, as known now or as reported."""
    from ganzhi.measure.observe import observe as measure
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    asked = Asked.of(given)
    check_target(asked.form, asked.out)
    if shown != "now":
        _observe_closed(call, asked, both=shown == "both")
        return
    with opened(call.root) as workspace:
        question = _question(workspace.workplace, asked)
        with open_states(workspace.workplace) as reading:
            observations = measure(workspace.workplace, reading, question)
    if asked.form == "table":
        text = _observation_table(call, observations) if observations else call.text("cli.observe.none")
        write_out(f"{text}\n".encode(), asked.out, sys.stdout.buffer)
    else:
        write_out(_observations_as(asked.form, observations), asked.out, sys.stdout.buffer)


def _observe_closed(call: Call, asked: Asked, *, both: bool) -> None:
    from ganzhi.cli.reported.beside import both_records, print_records, reported_records
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        question = _question(place, asked) if both else None
        with open_states(place, None if both else ()) as reading:
            records = both_records(place, reading, question) if question else reported_records(place, reading, asked)
    print_records(call, asked, records, both=both)


# --- score --------------------------------------------------------------------------------------

SCORE_COLUMNS = (
    "code",
    "unit",
    "grain",
    "period",
    "use",
    "score",
    "unclipped",
    "level",
    "reason",
    "coverage",
    "value",
    "unit_of_value",
    "n",
    "completeness",
)


def _score_question(workplace: Workplace, asked: Asked, use: str) -> ScoreRequest:
    from ganzhi.measure.score import ScoreRequest

    if asked.dimensions:
        raise InputError(Issue("CLI007", "by"))
    first, last = days(workplace, asked.codes, asked.first, asked.last)
    return ScoreRequest(
        codes=asked.codes,
        unit=asked.unit or workplace.catalogue.root_unit,
        grain=parse_grain(asked.grain),
        first=first,
        last=last,
        use="operations" if use == "operations" else "management",
        basis=asked.basis,
        where=conditions(asked.where),
        children=asked.children,
    )


def _flat_score(scored: Scored) -> Record:
    record = scored.as_json()
    observation = record.pop("observation")
    of = observation if isinstance(observation, dict) else {}
    return {name: record[name] if name in record else of.get(name) for name in SCORE_COLUMNS}


def _score_table(call: Call, scores: Sequence[Scored]) -> str:
    columns = [
        Column(call.text("cli.observe.code")),
        Column(call.text("cli.observe.unit")),
        Column(call.text("cli.observe.period")),
        Column(call.text("cli.observe.score"), "right"),
        Column(call.text("cli.observe.level")),
        Column(call.text("cli.observe.coverage"), "right"),
        Column(call.text("cli.observe.value"), "right"),
        Column(call.text("cli.observe.unit_of_value")),
        Column(call.text("cli.observe.n"), "right"),
        Column(call.text("cli.observe.reason")),
    ]
    rows = []
    for each in scores:
        flat = _flat_score(each)
        level = call.text(f"cli.observe.level_{each.level.value}") if each.level else ""
        judged = [number(flat["score"], 1), level, number(each.coverage)]
        seen = [number(flat["value"]), str(flat["unit_of_value"] or ""), number(flat["n"])]
        reason = call.text(f"cli.observe.reason_{each.reason}")
        rows.append([each.code, each.unit, each.period.key, *judged, *seen, reason])
    return table(columns, rows)


@click.command("score", cls=Command, help="score")
@asking
@option("--use", type=click.Choice(["management", "operations"]), default="management", help="use")
@option("--as", "shown", type=click.Choice(["now", "reported", "both"]), default="now", help="as")
@output
@common
@click.pass_obj
def score(call: Call, /, use: str, shown: str, **given: Any) -> None:
    """Print scores, as known now or as reported."""
    from ganzhi.measure.open import open_states
    from ganzhi.measure.score import score_all
    from ganzhi.wiring import opened

    asked = Asked.of(given)
    check_target(asked.form, asked.out)
    if shown != "now":
        _score_closed(call, asked, use, both=shown == "both")
        return
    with opened(call.root) as workspace:
        question = _score_question(workspace.workplace, asked, use)
        with open_states(workspace.workplace) as reading:
            scores = score_all(workspace.workplace, reading, question)
    match asked.form:
        case "table":
            text = _score_table(call, scores) if scores else call.text("cli.observe.none")
            data = f"{text}\n".encode()
        case "csv":
            data = as_csv(SCORE_COLUMNS, [_flat_score(each) for each in scores])
        case "parquet":
            data = as_parquet(SCORE_COLUMNS, [_flat_score(each) for each in scores])
        case _:
            data = as_json([each.as_json() for each in scores]).encode()
    write_out(data, asked.out, sys.stdout.buffer)


def _score_closed(call: Call, asked: Asked, use: str, *, both: bool) -> None:
    from ganzhi.cli.reported.beside import refuse_slices
    from ganzhi.cli.reported.scores import both_score_records, print_score_records, reported_score_records
    from ganzhi.measure.open import open_states
    from ganzhi.measure.score import USES
    from ganzhi.wiring import opened

    refuse_slices(asked)
    of = next(each for each in USES if each == use)
    with opened(call.root) as workspace:
        place = workspace.workplace
        question = _score_question(place, asked, use) if both else None
        with open_states(place, None if both else ()) as reading:
            records = (
                both_score_records(place, reading, question)
                if question
                else reported_score_records(place, reading, asked, of)
            )
    print_score_records(call, asked, records, both=both)
