"""The options by which numbers are asked for, and what they mean when they are left out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, parse_day
from ganzhi.cli.command import option
from ganzhi.cli.show.formats import FORMATS, Format

if TYPE_CHECKING:
    from ganzhi.catalogue.model.whole import Catalogue
    from ganzhi.measure.observation import Basis
    from ganzhi.warehouse.workplace import Workplace

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `observe` and `score` as they were given."""

    codes: tuple[str, ...]
    unit: str | None
    grain: str
    first: str | None
    last: str | None
    by: tuple[str, ...]
    where: tuple[str, ...]
    children: bool
    todate: bool
    since: str | None
    form: Format
    out: Path | None

    @classmethod
    def of(cls, given: dict[str, Any]) -> Asked:
        """From the values that click hands to a command."""
        return cls(**{field.name: given[field.name] for field in fields(cls)})

    @property
    def dimensions(self) -> tuple[str, ...]:
        """`--by a --by b` and `--by a,b` alike."""
        return tuple(name.strip() for text in self.by for name in text.split(",") if name.strip())

    @property
    def basis(self) -> Basis:
        """What a value covers, of `--todate` and `--since`."""
        return basis_of(self.since, todate=self.todate)


def basis_of(since: str | None, *, todate: bool) -> Basis:
    """The basis that `--since` names, or that of `--todate`.

    >>> basis_of(None, todate=True), basis_of("quarter", todate=False), basis_of(None, todate=False)
    ('todate', 'quarter_todate', 'period')
    """
    return _SINCE[since] if since is not None else "todate" if todate else "period"


_SINCE: Mapping[str, Basis] = {"month": "month_todate", "quarter": "quarter_todate", "year": "year_todate"}

TO_DATE = (
    option("--todate", is_flag=True, help="todate"),
    option("--since", type=click.Choice(tuple(_SINCE)), help="since"),
)

_ASKING = (
    click.argument("codes", nargs=-1, required=True, metavar="CODE..."),
    option("--unit", metavar="UNIT", help="unit"),
    option("--grain", default=Grain.DAY.value, metavar="|".join(Grain), help="grain"),
    option("--from", "first", metavar="DAY", help="from"),
    option("--to", "last", metavar="DAY", help="to"),
    option("--by", multiple=True, metavar="DIM", help="by"),
    option("--where", multiple=True, metavar="DIM=VALUE", help="where"),
    option("--children", is_flag=True, help="children"),
    *TO_DATE,
)

_OUTPUT = (
    option("--format", "form", type=click.Choice(FORMATS), default="table", help="format"),
    option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out"),
)


def asking(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that say what is asked."""
    for decorate in reversed(_ASKING):
        function = decorate(function)
    return function


def todate(function: Callable[P, R]) -> Callable[P, R]:
    """Add `--todate` and `--since`."""
    for decorate in reversed(TO_DATE):
        function = decorate(function)
    return function


def output(function: Callable[P, R]) -> Callable[P, R]:
    """Add `--format` and `--out`."""
    for decorate in reversed(_OUTPUT):
        function = decorate(function)
    return function


def check_target(form: Format, out: Path | None) -> None:
    """Refuse binary output on a terminal (CLI001)."""
    if form == "parquet" and out is None and sys.stdout.isatty():
        raise InputError(Issue("CLI001", "format"))


def conditions(texts: Sequence[str]) -> dict[str, str]:
    """`dimension=value` texts as a mapping; raises InputError CLI002 for each that is not one.

    >>> conditions(["call_type=PS"])
    {'call_type': 'PS'}
    """
    pairs = [text.partition("=") for text in texts]
    wrong = [Issue("CLI002", "where", params={"value": "".join(p)[:60]}) for p in pairs if not p[0].strip() or not p[1]]
    if wrong:
        raise InputError(wrong)
    return {name.strip(): value for name, _, value in pairs}


def days(workplace: Workplace, codes: Sequence[str], first: str | None, last: str | None) -> tuple[date, date]:
    """The local days asked for; where one is left out, the first or last day on which anything arrived.

    Raises: InputError REQ003 for what is no day, CLI006 when nothing has arrived.
    """
    begin = parse_day(first, "from") if first else None
    end = parse_day(last, "to") if last else None
    if begin is None or end is None:
        from ganzhi.measure.known import arrived_days

        arrived = sorted(day for feed in _feeds(workplace.catalogue, codes) for day in arrived_days(workplace, feed))
        if not arrived:
            raise InputError(Issue("CLI006"))
        begin, end = begin or arrived[0], end or arrived[-1]
    return begin, end


def _feeds(catalogue: Catalogue, codes: Sequence[str]) -> set[str]:
    """The feeds behind indicators, or behind whatever supports them."""

    def below(code: str, path: tuple[str, ...]) -> Iterator[str]:
        indicator = catalogue.indicator(code)
        if indicator.feed is not None:
            yield indicator.feed
        for child in catalogue.children(code):
            if child not in path:
                yield from below(child, (*path, child))

    return {feed for code in codes for feed in below(code, (code,))}
