"""`ganzhi blueprint`: service blueprints, and the handbook of their standards."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ganzhi.cli.asking import check_target, output
from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.flow.look import write
from ganzhi.cli.show.formats import Format, Record, write_out


@click.group("blueprint", cls=Group, help="blueprint")
def blueprint() -> None:
    """Service blueprints."""


@blueprint.command("list", help="blueprint_list")
@output
@common
@click.pass_obj
def list_blueprints(call: Call, form: Format, out: Path | None) -> None:
    """The blueprints there are."""
    from ganzhi.catalogue.derive.encounters import encounters
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        found: list[Record] = [
            {
                "code": code,
                "name": each.name.in_(call.lang),
                "business": each.business.in_(call.lang),
                "steps": len(each.steps),
                "encounters": len(encounters(each)),
            }
            for code, each in workspace.workplace.catalogue.blueprints.items()
        ]
    write(call, found, form, out, "blueprint")


@blueprint.command("handbook", help="blueprint_handbook")
@click.argument("code", metavar="CODE")
@option("--period", metavar="PERIOD", help="period")
@option("--unit", metavar="UNIT", help="unit")
@option("--variant", metavar="NAME", help="blueprint_variant")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def handbook(
    call: Call, code: str, period: str | None, unit: str | None, variant: str | None, out: Path | None
) -> None:
    """Write the handbook, from the same view model as the page."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.measure.views.query import PageQuery
    from ganzhi.trace.blueprint.handbook import markdown
    from ganzhi.trace.blueprint.pages import blueprint_page
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        page = blueprint_page(Reader(workspace.workplace, states, LOCAL), PageQuery(unit, period), code, variant)
    write_out("".join(f"{line}\n" for line in markdown(page, call.lang)).encode(), out, sys.stdout.buffer)
