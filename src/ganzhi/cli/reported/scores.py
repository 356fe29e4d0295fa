"""`ganzhi score --as reported|both`: scores that were reported, alone or beside what is known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.cli.asking import Asked
from ganzhi.cli.command import Call
from ganzhi.cli.observe import number
from ganzhi.cli.reported.beside import CLOSING, because, changed, closed_periods, write_records
from ganzhi.cli.show.formats import Record
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.open import States
    from ganzhi.measure.reported.reported import ReportedScore
    from ganzhi.measure.score import ScoreRequest, Use
    from ganzhi.warehouse.workplace import Workplace

BESIDE = ("score", "unclipped", "level", "reason", "coverage", "n", "catalogue_version")
"""Parts of the reported score that stand beside the present one; the closing's own follow them."""


def reported_score_records(workplace: Workplace, reading: States, asked: Asked, use: Use) -> list[Record]:
    """Scores that were reported, of the closed ones among the periods asked for, each with what its children gave.

    Indicators and units need not be known any more.
    """
    from ganzhi.measure.reported.reported import reported_scores, reported_shares
    from ganzhi.measure.units import children_of

    unit = asked.unit or workplace.catalogue.root_unit
    units = children_of(workplace.catalogue, unit) if asked.children else (unit,)
    found = reported_scores(workplace, reading, asked.codes, units, closed_periods(workplace, asked), use)
    rank = {code: place for place, code in enumerate(asked.codes)}, {each: place for place, each in enumerate(units)}
    ordered = sorted(found.values(), key=lambda r: (rank[0][r.score.code], rank[1][r.score.unit], r.period.start))
    records: list[Record] = []
    for each in ordered:
        shares = reported_shares(workplace, reading, each.score.code, each.score.unit, each.period, use)
        given = [
            {"code": s.child, "weight": s.weight, "share": s.share, "points": s.points, "at_risk": s.at_risk}
            for s in shares
        ]
        records.append({**_record(each), "contributions": given})
    return records


def both_score_records(workplace: Workplace, reading: States, question: ScoreRequest) -> list[Record]:
    """Scores as known now, each with `reported`: what was reported of it, or None where nothing was."""
    from ganzhi.measure.reported.reported import reported_scores, score_difference
    from ganzhi.measure.score import score_all

    scores = score_all(workplace, reading, question)
    units = tuple(dict.fromkeys(each.unit for each in scores))
    found = reported_scores(workplace, reading, question.codes, units, _periods(workplace, question), question.use)
    records: list[Record] = []
    for each in scores:
        then = found.get((each.code, each.unit, each.period.start))
        beside = None
        if then is not None:
            record = _record(then)
            kept = {name: record[name] for name in (*BESIDE, *CLOSING)}
            beside = {**kept, **changed(score_difference(workplace, then, each))}
        records.append({**each.as_json(), "reported": beside})
    return records


def _periods(workplace: Workplace, question: ScoreRequest) -> list[Period]:
    if question.grain.rank < Grain.DAY.rank:
        return []
    return list(periods_between(question.grain, question.first, question.last, workplace.zone))


def _record(then: ReportedScore) -> Record:
    score, closing = then.score, then.closing
    return {
        "code": score.code,
        "unit": score.unit,
        "grain": then.period.grain.value,
        "period": then.period.key,
        "use": score.use,
        "score": score.points,
        "unclipped": score.unclipped,
        "level": score.level,
        "reason": score.reason,
        "coverage": score.coverage,
        "n": score.n,
        "catalogue_version": closing.catalogue_version,
        "edition": closing.edition,
        "closed_at": closing.closed_at.isoformat(),
        "closed_by": closing.actor,
    }


def print_score_records(call: Call, asked: Asked, records: Sequence[Record], *, both: bool) -> None:
    """In the form that was asked for, to where it was asked."""
    write_records(call, asked, records, BESIDE if both else None, lambda: _table(call, records, both=both))


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
