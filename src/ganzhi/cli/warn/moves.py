"""`ganzhi warn leading` and `ganzhi warn breaks`: what moved before an indicator did, and where it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, common, option
from ganzhi.cli.warn.group import FORM, UNKNOWN, day_of, print_table, short, warn

if TYPE_CHECKING:
    from ganzhi.warn.breaks import Broken
    from ganzhi.warn.leading import Leading

LEADING_COLUMNS = ("indicator", "lag", "r", "n", "adjusted", "later", "skill", "verdict")
BREAK_COLUMNS = ("indicator", "on", "before", "after", "adjusted", "near")


@warn.command("leading", help="warn_leading")
@click.argument("code", metavar="CODE")
@option("--unit", metavar="UNIT", help="warn_unit")
@option("--to", "last", metavar="DAY", help="warn_last")
@option("--all", "everything", is_flag=True, help="warn_all_leads")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def leading(call: Call, code: str, unit: str | None, last: str | None, everything: bool, form: str) -> None:
    """Print the indicators that moved before one did."""
    from ganzhi.measure.open import open_states
    from ganzhi.warn.leading import find_leading
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        place.catalogue.indicator(code)
        day = day_of(place, [code], last, "to")
        with open_states(place) as reading:
            found = find_leading(place, reading, code, unit or place.catalogue.root_unit, day)
        shown = [each for each in found.rows if everything or each.lead.holds]
        names = [place.catalogue.indicator(each.code).name.in_(call.lang) for each in shown]
    rows = [_lead_row(call, name, each) for name, each in zip(names, shown, strict=True)]
    if rows or form == "json":
        print_table(call, form, LEADING_COLUMNS, rows, [_lead_record(each) for each in shown])
    call.say(
        "warn.leading_done" if found.enough else "warn.leading_short",
        days=found.days, candidates=found.candidates, told=found.told, tested=found.tested,
        holds=sum(each.lead.holds for each in found.rows),
    )  # fmt: skip


def _lead_row(call: Call, name: str, each: Leading) -> list[str]:
    lead = each.lead
    return [
        f"{each.code} {name}",
        call.text("warn.days", n=lead.lag),
        f"{lead.r:+.2f}",
        f"{lead.n} ({lead.n_eff:.0f})",
        f"{lead.adjusted:.2g}",
        UNKNOWN if lead.later_r is None else f"{lead.later_r:+.2f}",
        UNKNOWN if lead.skill is None else f"{lead.skill:+.1%}",
        call.text("warn.lead_holds" if lead.holds else "warn.lead_open"),
    ]


def _lead_record(each: Leading) -> dict[str, object]:
    lead = each.lead
    names = ("lag", "r", "n", "n_eff", "p", "adjusted", "later_r", "later_n", "skill", "holds")
    return {"code": each.code, **{name: getattr(lead, name) for name in names}}


@warn.command("breaks", help="warn_breaks")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@option("--unit", metavar="UNIT", help="warn_unit")
@option("--to", "last", metavar="DAY", help="warn_last")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def breaks(call: Call, codes: tuple[str, ...], unit: str | None, last: str | None, form: str) -> None:
    """Print where indicators broke, and which releases and campaigns stood near."""
    from ganzhi.measure.open import open_states
    from ganzhi.warn.breaks import find_breaks, watched_codes
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        wanted = codes or watched_codes(place.catalogue)
        for code in wanted:
            place.catalogue.indicator(code)
        day = day_of(place, wanted, last, "to")
        with open_states(place) as reading:
            found = find_breaks(place, reading, wanted, unit or place.catalogue.root_unit, day)
        names = [place.catalogue.indicator(each.code).name.in_(call.lang) for each in found.found]
    rows = [_break_row(call, name, each) for name, each in zip(names, found.found, strict=True)]
    records: list[dict[str, object]] = [
        {"code": each.code, "on": each.on.isoformat(), "before": each.before, "after": each.after, "chance": each.chance,
         "adjusted": each.adjusted, "near": [{"code": n.code, "edge": n.edge, "days": n.days} for n in each.near]}
        for each in found.found
    ]  # fmt: skip
    if rows or form == "json":
        print_table(call, form, BREAK_COLUMNS, rows, records)
    call.say("warn.breaks_done", tested=found.tested, found=len(found.found), covered=f"{found.covered:.0%}")


def _break_row(call: Call, name: str, each: Broken) -> list[str]:
    near = call.text("warn.join").join(
        call.text("warn.near", name=n.name.in_(call.lang), days=n.days) for n in each.near
    )
    return [
        f"{each.code} {name}", each.on.isoformat(), short(each.before), short(each.after), f"{each.adjusted:.2g}", near or UNKNOWN
    ]  # fmt: skip
