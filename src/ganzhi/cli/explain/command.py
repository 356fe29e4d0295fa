"""`ganzhi explain`: where a change, or a distance to the target, comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import as_json, write_out

if TYPE_CHECKING:
    from ganzhi.measure.explain.explanation import Versus

VERSUS = ("prev", "year", "target")


@click.command("explain", cls=Command, help="explain")
@click.argument("code", metavar="CODE")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="explain_period")
@option("--vs", "versus", type=click.Choice(VERSUS), default="prev", help="explain_vs")
@option("--by", multiple=True, metavar="DIM", help="explain_by")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def explain(
    call: Call,
    /,
    code: str,
    unit: str | None,
    period: str | None,
    versus: str,
    by: tuple[str, ...],
    form: str,
    out: Path | None,
) -> None:
    """Print where the change of an indicator, or its distance to the target, comes from."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.cli.explain.tables import lines
    from ganzhi.measure.build.explain import page_of
    from ganzhi.measure.build.scope import Reader, scope_of
    from ganzhi.measure.explain.explain import explain as split
    from ganzhi.measure.explain.explanation import ExplainRequest
    from ganzhi.measure.open import open_states
    from ganzhi.measure.views.query import PageQuery
    from ganzhi.portal.present import Words
    from ganzhi.wiring import opened

    dimensions = tuple(name.strip() for text in by for name in text.split(",") if name.strip())
    against: Versus = "year" if versus == "year" else "target" if versus == "target" else "prev"
    with opened(call.root) as workspace:
        place = workspace.workplace
        place.catalogue.indicator(code)
        with open_states(place) as reading:
            scope = scope_of(Reader(place, reading, LOCAL), PageQuery(unit, period, versus))
            found = split(place, reading, ExplainRequest(code, scope.unit, scope.period, against, dimensions))
        if form == "json":
            data = as_json([found.as_json()]).encode()
        else:
            page = page_of(place.catalogue, code, scope, found, None)
            data = ("\n".join(lines(call, Words(call.lang, place.zone), page, dimensions)) + "\n").encode()
    write_out(data, out, sys.stdout.buffer)
