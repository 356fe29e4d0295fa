"""The group itself, and what its commands are asked for in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_day
from ganzhi.cli.asking import conditions
from ganzhi.cli.command import Group, option

if TYPE_CHECKING:
    from ganzhi.trace.flow.reading import FlowRequest
    from ganzhi.warehouse.workplace import Workplace

P = ParamSpec("P")
R = TypeVar("R")


@click.group("flow", cls=Group, help="flow")
def flow() -> None:
    """Flows."""


_ASKING = (
    option("--unit", metavar="UNIT", help="unit"),
    option("--from", "first", metavar="DAY", help="from"),
    option("--to", "last", metavar="DAY", help="to"),
    option("--where", multiple=True, metavar="COLUMN=VALUE", help="flow_where"),
)


def asking(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that say which cases."""
    for decorate in reversed(_ASKING):
        function = decorate(function)
    return function


def request_of(
    workplace: Workplace, code: str, unit: str | None, first: str | None, last: str | None, where: Sequence[str]
) -> FlowRequest:
    """The request; by default of the whole organisation and all days that have arrived."""
    from ganzhi.measure.known import arrived_days
    from ganzhi.trace.flow.reading import FlowRequest, flow_of

    flow = flow_of(workplace.catalogue, code)
    place = unit or workplace.catalogue.root_unit
    workplace.catalogue.unit(place)
    begin = parse_day(first, "from") if first else None
    end = parse_day(last, "to") if last else None
    if begin is None or end is None:
        arrived = sorted(arrived_days(workplace, flow.feed))
        if not arrived:
            raise InputError(Issue("CLI006"))
        begin, end = begin or arrived[0], end or arrived[-1]
    if begin > end:
        raise InputError(Issue("MEA002", params={"first": begin.isoformat(), "last": end.isoformat()}))
    return FlowRequest(code, place, begin, end, conditions(where))
