"""`ganzhi warn thresholds`: what is proposed for a month, beside what holds, and what both would have given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import click

from ganzhi.catalogue.model.warning import GRADES
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.warn.group import FORM, UNKNOWN, day_of, print_table, reason_text, short, slice_text, warn

if TYPE_CHECKING:
    from ganzhi.catalogue.model.warning import Grade
    from ganzhi.warn.limits.content import Limits, Line

COLUMNS = (
    "rule", "unit", "slice", "month", "grade", "expected", "daily", "before_daily", "daily_most",
    "monthly", "before_monthly", "growth", "alarms", "before_alarms", "reason",
)  # fmt: skip


@warn.command("thresholds", help="warn_thresholds")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@option("--month", metavar="DAY", help="warn_month")
@option("--grade", type=click.Choice(GRADES), default="yellow", help="warn_grade")
@option("--propose", "keep", is_flag=True, help="warn_propose")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def thresholds(call: Call, rules: tuple[str, ...], month: str | None, grade: str, keep: bool, form: str) -> None:
    """Print the daily and monthly thresholds proposed for a month beside the old ones; keep them as proposals."""
    from ganzhi.cli.findings.group import actor
    from ganzhi.measure.open import open_states
    from ganzhi.warn.evaluate import rule_of
    from ganzhi.warn.limits.desk import ThresholdDesk
    from ganzhi.warn.thresholds import propose
    from ganzhi.wiring import opened

    found: dict[str, Limits] = {}
    with opened(call.root) as workspace:
        place = workspace.workplace
        codes = rules or ("complaints.by_product",)
        declared = [rule_of(place.catalogue, code) for code in codes]
        on = day_of(place, [rule.indicator for rule in declared], month, "month")
        asked = on if month else _next_month(on)
        desk = ThresholdDesk(place, lambda: open_states(place))
        with open_states(place) as reading:
            for code in codes:
                found[code] = propose(place, reading, code, asked, cast("Grade", grade))
        kept = [desk.keep(code, limits, why=actor()) for code, limits in found.items() if limits.lines] if keep else []
    rows = [row for code, limits in found.items() for row in _rows(call, code, limits, grade)]
    records = [record for code, limits in found.items() for record in _records(code, limits, grade)]
    print_table(call, form, COLUMNS, rows, records)
    for each in kept:
        call.say("warn.proposed", rule=each.rule, number=each.number, id=each.id[-12:])


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _rows(call: Call, code: str, limits: Limits, grade: str) -> list[list[str]]:
    month, word = f"{limits.first:%Y-%m}", call.text(f"warn.grade.{grade}")
    rows = [
        [
            code, line.unit, slice_text(dict(line.slice)), month, word,
            short(line.basis["mean_daily"]),
            short(_of(line.daily, grade)),
            short(_of(line.basis["old_daily"], grade)),
            short(_of(line.busy, grade)),
            short(_of(line.monthly, grade)),
            short(_of(line.basis["old_monthly"], grade)),
            UNKNOWN if line.basis["growth"] is None else f"{line.basis['growth']:+.1%}",
            alarms_text(call, line.basis["tried"]["new"]),
            alarms_text(call, line.basis["tried"]["old"]),
            "" if line.basis["how"] == "model" else call.text("warn.recent", days=line.basis["days"]),
        ]
        for line in limits.lines
    ]  # fmt: skip
    for each in limits.skipped:
        empty = [UNKNOWN] * (len(COLUMNS) - 6)
        rows.append([code, each["unit"], slice_text(each["slice"]), month, word, *empty, _why(call, each)])
    return rows


def _why(call: Call, skipped: Mapping[str, Any]) -> str:
    from ganzhi.warn.signal import Reason

    return reason_text(call, Reason(skipped["code"], skipped["params"]))


def alarms_text(call: Call, tried: Mapping[str, Any] | None) -> str:
    """Alarms of the past year with the false ones and the misses."""
    if tried is None:
        return UNKNOWN
    false, missed = (UNKNOWN if tried[name] is None else str(tried[name]) for name in ("false", "missed"))
    return call.text("warn.alarms", n=tried["alarms"], false=false, missed=missed)


def _of(limits: Mapping[Any, float], grade: str) -> float | None:
    return limits.get(grade)


def _records(code: str, limits: Limits, grade: str) -> list[dict[str, object]]:
    month = f"{limits.first:%Y-%m}"
    found = [_record(code, month, grade, line) for line in limits.lines]
    names = ("daily", "busy", "monthly", "basis")
    nothing = dict.fromkeys((*names, "mean_daily", "mean_monthly", "growth"))
    for each in limits.skipped:
        reason = {"code": each["code"], "params": each["params"]}
        found.append(
            {"rule": code, "unit": each["unit"], "slice": each["slice"], "month": month, "grade": grade, **nothing,
             "reason": reason}
        )  # fmt: skip
    return found


def _record(code: str, month: str, grade: str, line: Line) -> dict[str, object]:
    return {
        "rule": code,
        "unit": line.unit,
        "slice": dict(line.slice),
        "month": month,
        "grade": grade,
        "daily": _of(line.daily, grade),
        "busy": _of(line.busy, grade),
        "monthly": _of(line.monthly, grade),
        "mean_daily": line.basis["mean_daily"],
        "mean_monthly": line.basis["mean_monthly"],
        "growth": line.basis["growth"],
        "basis": dict(line.basis),
        "reason": None,
    }
