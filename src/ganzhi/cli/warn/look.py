"""`ganzhi warn backtest` and `ganzhi warn thresholds`: what a rule would have done, and what is proposed next."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_day
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.warn.group import FORM, UNKNOWN, day_of, print_table, reason_text, short, slice_text, warn

if TYPE_CHECKING:
    from ganzhi.catalogue.model.warning import Grade
    from ganzhi.warn.backtest import Outcome
    from ganzhi.warn.thresholds import Threshold

COUNTS = (
    "series",
    "evaluations",
    "unknown",
    "withheld",
    *GRADES,
    "starts",
    "false_starts",
    "found",
    "missed",
    "delay_mean",
)


@warn.command("backtest", help="warn_backtest")
@click.argument("rule", metavar="RULE")
@option("--from", "first", metavar="DAY", required=True, help="from")
@option("--to", "last", metavar="DAY", required=True, help="to")
@option("--truth", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="warn_truth")
@option("--grade", type=click.Choice(GRADES), default="blue", help="warn_least")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def backtest(call: Call, rule: str, first: str, last: str, truth: Path | None, grade: str, form: str) -> None:
    """Print what came of a span with the first month's limits kept, and with limits renewed every month."""
    from ganzhi.measure.open import open_states
    from ganzhi.warn.backtest import outcome, read_truth
    from ganzhi.warn.evaluate import evaluate_days
    from ganzhi.wiring import opened

    begin, end = parse_day(first, "from"), parse_day(last, "to")
    if begin > end:
        raise InputError(Issue("MEA002", params={"first": first, "last": last}))
    incidents = read_truth(truth) if truth is not None else None
    least = cast("Grade", grade)
    with opened(call.root) as workspace, open_states(workspace.workplace) as reading:
        kept, renewed = (
            outcome(
                (
                    each
                    for signals in evaluate_days(workspace.workplace, reading, rule, begin, end, frozen=held)
                    for each in signals
                ),
                incidents,
                least,
            )
            for held in (begin, None)
        )
    names = COUNTS if incidents is not None else COUNTS[:-4]
    rows = [[call.text(f"warn.count.{name}"), _count(kept, name), _count(renewed, name)] for name in names]
    records = [{"count": name, "kept": _plain(kept, name), "renewed": _plain(renewed, name)} for name in names]
    print_table(call, form, ("what", "kept", "renewed"), rows, records)


def _plain(found: Outcome, name: str) -> int | float | None:
    return found.warned[name] if name in GRADES else getattr(found, name)


def _count(found: Outcome, name: str) -> str:
    value = _plain(found, name)
    return UNKNOWN if value is None else short(float(value))


THRESHOLD_COLUMNS = (
    "rule", "unit", "slice", "month", "grade", "expected", "daily", "before_daily", "daily_most",
    "monthly", "before_monthly", "growth", "reason",
)  # fmt: skip


@warn.command("thresholds", help="warn_thresholds")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@option("--month", metavar="DAY", help="warn_month")
@option("--grade", type=click.Choice(GRADES), default="yellow", help="warn_grade")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def thresholds(call: Call, rules: tuple[str, ...], month: str | None, grade: str, form: str) -> None:
    """Print the daily and monthly thresholds proposed for a month beside those of the month before."""
    from ganzhi.measure.open import open_states
    from ganzhi.warn.evaluate import rule_of
    from ganzhi.warn.thresholds import propose
    from ganzhi.wiring import opened

    found: list[Threshold] = []
    with opened(call.root) as workspace:
        place = workspace.workplace
        codes = rules or ("complaints.by_product",)
        declared = [rule_of(place.catalogue, code) for code in codes]
        on = day_of(place, [rule.indicator for rule in declared], month, "month")
        asked = on if month else _next_month(on)
        with open_states(place) as reading:
            for code in codes:
                found += propose(place, reading, code, asked, cast("Grade", grade))
    print_table(call, form, THRESHOLD_COLUMNS, [_row(call, each) for each in found], [_record(each) for each in found])


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _row(call: Call, each: Threshold) -> list[str]:
    return [
        each.rule,
        each.unit,
        slice_text(dict(each.slice)),
        each.month,
        call.text(f"warn.grade.{each.grade}"),
        short(each.mean_daily),
        short(each.daily),
        short(each.before_daily),
        short(each.daily_most),
        short(each.monthly),
        short(each.before_monthly),
        UNKNOWN if each.growth is None else f"{each.growth:+.1%}",
        reason_text(call, each.reason) if each.reason else "",
    ]


def _record(each: Threshold) -> dict[str, object]:
    names = ("rule", "unit", "month", "grade", "mean_daily", "daily", "daily_most", "mean_monthly", "monthly",
             "before_daily", "before_monthly", "growth")  # fmt: skip
    reason = None if each.reason is None else {"code": each.reason.code, "params": dict(each.reason.params)}
    return {**{name: getattr(each, name) for name in names}, "slice": dict(each.slice), "reason": reason}
