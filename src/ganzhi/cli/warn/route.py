"""`ganzhi warn route`: who would be told if a rule warned, before it ever does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ganzhi.catalogue.model.warning import GRADES
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.findings.group import FORM, instant
from ganzhi.cli.findings.look import print_route
from ganzhi.cli.warn.group import warn

if TYPE_CHECKING:
    from datetime import datetime

    from ganzhi.improve.rules import Rules
    from ganzhi.store.findings.records import Finding


@warn.command("route", help="warn_route")
@click.argument("rule", metavar="RULE")
@option("--grade", type=click.Choice(GRADES), default="red", help="warn_route_grade")
@option("--unit", metavar="UNIT", help="warn_unit")
@option("--act", "act", default="publish", show_default=True, metavar="ACT", help="findings_route_act")
@option("--at", "at", metavar="TIME", help="findings_route_at")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def route(call: Call, rule: str, grade: str, unit: str | None, act: str, at: str | None, form: str) -> None:
    """Show who would be told of a warning of this rule and grade, on which way, when, and why."""
    from ganzhi.improve.cycle import BY_NAME
    from ganzhi.improve.heard import rank
    from ganzhi.improve.rules import Rules
    from ganzhi.warn.evaluate import rule_of
    from ganzhi.wiring import opened

    if act not in BY_NAME:
        raise click.BadParameter(act, param_hint="--act")
    with opened(call.root) as workspace:
        place = workspace.workplace
        rule_of(place.catalogue, rule)
        where = place.catalogue.root_unit if unit is None else unit
        place.catalogue.unit(where)
        rules, now = Rules(place.catalogue), instant(at, place.zone, "at") or place.clock.now()
        told = supposed(rules, rule, where, rank(grade), now, act)
        print_route(call, workspace, told, act, now, form)


def supposed(rules: Rules, rule: str, unit: str, grade: int, now: datetime, act: str) -> Finding:
    """A finding as it would be at the act, of nothing that has happened."""
    from ganzhi.store.findings.records import Finding

    declared = rules.rule(rule)
    before = act in ("raise", "publish")
    return Finding(
        id="", kind="warning", rule=rule, indicator="" if declared is None else declared.indicator, unit=unit, slice="{}",
        first_period=now.date().isoformat(), last_period=now.date().isoformat(), grade=grade, highest=grade,
        told=0 if before else grade, state="raised" if before else "published", owner=rules.owner(rule), parent=None,
        due=None, remind_at=None, escalations=0, raised_at=now, closed_at=None, catalogue_version="", version=1,
    )  # fmt: skip
