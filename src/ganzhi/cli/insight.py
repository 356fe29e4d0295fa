"""`ganzhi influence`, `secure`, `weights` and `select`: what the data say about the catalogue itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from ganzhi.base.periods import Grain, parse_grain
from ganzhi.cli.asking import days
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import Record, as_csv, as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.influence import InfluenceReport, Secured
    from ganzhi.measure.views.journeys.selection import Selected
    from ganzhi.voice.weights import DerivedWeights

P = ParamSpec("P")
R = TypeVar("R")

_SPAN = (
    option("--unit", metavar="UNIT", help="unit"),
    option("--from", "first", metavar="DAY", help="from"),
    option("--to", "last", metavar="DAY", help="to"),
    option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", help="format"),
    option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out"),
)


def _span(function: Callable[P, R]) -> Callable[P, R]:
    for decorate in reversed(_SPAN):
        function = decorate(function)
    return function


def _write(
    call: Call, names: Sequence[str], records: Sequence[Record], facts: Mapping[str, object], given: dict[str, Any]
) -> None:
    """Records as asked; for people the facts stand above the table, for programs beside the rows."""
    if given["form"] == "json":
        data = as_json([{**facts, "rows": list(records)}]).encode()
    elif given["form"] == "csv":
        data = as_csv(tuple(names), records)
    else:
        columns = [Column(call.text(f"cli.insight.{n}"), "left" if n in _TEXTS else "right") for n in names]
        rows = [[_shown(call, record[name]) for name in names] for record in records]
        head = [f"{call.text(f'cli.insight.{name}')}: {_shown(call, value)}" for name, value in facts.items()]
        data = ("\n".join([*head, table(columns, rows)]) + "\n").encode()
    write_out(data, given["out"], sys.stdout.buffer)


_TEXTS = ("code", "name", "question", "process", "reasons", "quadrant", "rank")


def _shown(call: Call, value: object) -> str:
    if isinstance(value, bool):
        return call.text("cli.insight.yes" if value else "cli.insight.no")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return number(value, 3)


# --- influence ----------------------------------------------------------------------------------


@click.command("influence", cls=Command, help="influence")
@click.argument("target", metavar="TARGET")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@option("--grain", default=Grain.DAY.value, metavar="|".join(Grain), help="grain")
@option("--lags", type=int, default=3, metavar="N", help="lags")
@option("--children", is_flag=True, help="children")
@_span
@common
@click.pass_obj
def influence(call: Call, /, target: str, codes: tuple[str, ...], lags: int, children: bool, **given: Any) -> None:
    """Print what moves together with an indicator."""
    from ganzhi.measure.influence import InfluenceRequest
    from ganzhi.measure.influence import influence as measure
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        first, last = days(place, (target, *codes), given["first"], given["last"])
        unit = given["unit"] or place.catalogue.root_unit
        grain = parse_grain(given["grain"])
        request = InfluenceRequest(target, unit, grain, first, last, codes, lags, children)
        with open_states(place) as reading:
            report = measure(place, reading, request)
    names = ("code", "r", "lag", "n", "n_eff", "p", "moves", "expected")
    _write(call, names, list(_influences(report)), {"target": target, "tested": report.tested}, given)


def _influences(report: InfluenceReport) -> Sequence[Record]:
    return [
        {
            "code": row.code,
            "r": row.link and row.link.r,
            "lag": row.link and row.link.lag,
            "n": row.link and row.link.n,
            "n_eff": row.link and row.link.n_eff,
            "p": row.link and row.link.p,
            "moves": row.moves,
            "expected": row.expected,
        }
        for row in report.rows
    ]


# --- secure -------------------------------------------------------------------------------------


@click.command("secure", cls=Command, help="secure")
@click.argument("internal", metavar="CODE")
@click.argument("perceived", metavar="PERCEIVED")
@option("--level", type=float, required=True, metavar="VALUE", help="perceived_level")
@option("--grain", default=Grain.DAY.value, metavar="|".join(Grain), help="grain")
@option("--children", is_flag=True, help="children")
@_span
@common
@click.pass_obj
def secure(call: Call, /, internal: str, perceived: str, level: float, children: bool, **given: Any) -> None:
    """Print the internal level that goes with a level of perception."""
    from ganzhi.measure.influence import SecureRequest
    from ganzhi.measure.influence import secure as measure
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        first, last = days(place, (internal, perceived), given["first"], given["last"])
        unit = given["unit"] or place.catalogue.root_unit
        grain = parse_grain(given["grain"])
        request = SecureRequest(internal, perceived, level, unit, grain, first, last, children)
        with open_states(place) as reading:
            found = measure(place, reading, request)
    points = zip(found.relation.xs, found.relation.ys, strict=True)
    _write(call, ("internal", "perceived"), [{"internal": x, "perceived": y} for x, y in points], _facts(found), given)


def _facts(found: Secured) -> dict[str, object]:
    return {
        "level": found.request.level,
        "needed": found.needed,
        "low": found.low,
        "high": found.high,
        "target": found.target,
        "explained": found.relation.explained,
        "n": found.relation.n,
    }


# --- weights ------------------------------------------------------------------------------------


@click.command("weights", cls=Command, help="weights")
@click.argument("parent", metavar="CODE")
@option("--outcome", required=True, metavar="QUESTION", help="outcome")
@_span
@common
@click.pass_obj
def weights(call: Call, /, parent: str, outcome: str, **given: Any) -> None:
    """Print weights derived from survey answers."""
    from ganzhi.voice.weights import WeightsRequest, derive_weights
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        first, last = days(place, (parent,), given["first"], given["last"])
        unit = given["unit"] or place.catalogue.root_unit
        found = derive_weights(place, WeightsRequest(parent, outcome, unit, first, last))
    names = ("code", "question", "weight", "derived", "importance", "low", "high", "key")
    facts = {"target": parent, "n": found.n, "explained": found.r2, "until": found.until.isoformat()}
    _write(call, names, list(_weights(found)), facts, given)


def _weights(found: DerivedWeights) -> Sequence[Record]:
    return [
        {
            "code": row.code,
            "question": row.question,
            "weight": float(row.weight),
            "derived": float(row.derived),
            "importance": row.importance,
            "low": row.low,
            "high": row.high,
            "key": row.key,
        }
        for row in found.rows
    ]


# --- select -------------------------------------------------------------------------------------


@click.command("select", cls=Command, help="select")
@click.argument("code", metavar="[SELECTION]", default="key_processes")
@option("--grain", default=Grain.MONTH.value, metavar="|".join(Grain), help="grain")
@_span
@common
@click.pass_obj
def select(call: Call, /, code: str, **given: Any) -> None:
    """Print where each process stands between problem pressure and business importance."""
    from ganzhi.base.periods import periods_between
    from ganzhi.measure.open import open_states
    from ganzhi.measure.selection import SelectRequest
    from ganzhi.measure.selection import select as measure
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        selection = place.catalogue.selections.get(code)
        asked = tuple(p.indicator for p in selection.pressures) if selection else ()
        _, last = days(place, asked, given["first"], given["last"])
        period = next(iter(periods_between(parse_grain(given["grain"]), last, last, place.zone)))
        unit = given["unit"] or place.catalogue.root_unit
        with open_states(place) as reading:
            found = measure(place, reading, SelectRequest(code, unit, period))
    names = ("process", "name", "pressure", "importance", "rank", "quadrant", "chosen", "reasons")
    facts = {"period": period.key, "missing": [each.code for each in found.missing]}
    _write(call, names, list(_selected(call, found)), facts, given)


def _selected(call: Call, found: Selected) -> Sequence[Record]:
    return [
        {
            "process": row.code,
            "name": row.name.in_(call.lang),
            "pressure": row.pressure,
            "importance": row.importance,
            "rank": row.rank,
            "quadrant": row.quadrant,
            "chosen": row.chosen,
            "reasons": list(row.reasons),
        }
        for row in found.processes
    ]
