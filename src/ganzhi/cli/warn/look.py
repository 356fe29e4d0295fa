"""`ganzhi warn backtest`: what a rule would have done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_day
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.warn.group import FORM, UNKNOWN, print_table, short, warn

if TYPE_CHECKING:
    from ganzhi.catalogue.model.warning import Grade
    from ganzhi.warn.backtest import Outcome

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
    from ganzhi.warn.limits.inforce import InForce
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
                    for signals in evaluate_days(
                        workspace.workplace, reading, rule, begin, end, frozen=held, approved=InForce()
                    )
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
