"""A feed is whole: its key, time and unit are required columns, its dimensions exist and may be shown."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report roles without a fitting column, dimensions and cuboids that cannot be kept, bounds out of order."""
    for code, feed in catalogue.feeds.items():
        yield from _roles(catalogue, code, feed)
        if feed.finest.rank < Grain.QUARTER_HOUR.rank:
            yield issue_at(catalogue, "CAT220", ("feeds", code, "finest"), finest=feed.finest.value)
        yield from _dimensions(catalogue, code, feed)
        yield from _rules(catalogue, code, feed)
        yield from _columns(catalogue, code, feed)


def _roles(catalogue: Catalogue, code: str, feed: Feed) -> Iterator[Issue]:
    roles = [
        *((("key", str(n)), name) for n, name in enumerate(feed.key)),
        (("time",), feed.time),
        (("unit",), feed.unit),
    ]
    if feed.version is not None:
        roles.append((("version",), feed.version))
    for path, name in roles:
        column = feed.columns.get(name)
        place = ("feeds", code, *path)
        if column is None:
            yield issue_at(catalogue, "CAT082", place, column=name, near=near(name, feed.columns))
        elif not column.required:
            yield issue_at(catalogue, "CAT083", place, column=name, role=path[0])
    time, unit = feed.columns.get(feed.time), feed.columns.get(feed.unit)
    if time is not None and time.type != "timestamp":
        yield issue_at(
            catalogue, "CAT084", ("feeds", code, "time"), column=feed.time, type=time.type, wanted="timestamp"
        )
    if unit is not None and unit.type != "text":
        yield issue_at(catalogue, "CAT084", ("feeds", code, "unit"), column=feed.unit, type=unit.type, wanted="text")


def _dimensions(catalogue: Catalogue, code: str, feed: Feed) -> Iterator[Issue]:
    kept = {name for cuboid in feed.cuboids for name in cuboid}
    for number, name in enumerate(feed.dimensions):
        place: tuple[str, ...] = ("feeds", code, "dimensions", str(number))
        column = feed.columns.get(name)
        if column is None and name not in feed.derived:
            yield issue_at(catalogue, "CAT082", place, column=name, near=near(name, [*feed.columns, *feed.derived]))
        elif column is not None and column.protection in ("personal", "sensitive"):
            yield issue_at(catalogue, "CAT087", place, column=name, protection=column.protection)
        if name not in kept:
            yield issue_at(catalogue, "CAT106", place, dimension=name)
    for number, cuboid in enumerate(feed.cuboids):
        for position, name in enumerate(cuboid):
            if name not in feed.dimensions:
                at = ("feeds", code, "cuboids", str(number), str(position))
                yield issue_at(catalogue, "CAT085", at, dimension=name, near=near(name, feed.dimensions))


def _rules(catalogue: Catalogue, code: str, feed: Feed) -> Iterator[Issue]:
    fixed = {*feed.key, feed.time, feed.unit}
    for name, rule in feed.rules.items():
        if (rule.on_violation == "blank") != bool(rule.blanks):
            yield issue_at(catalogue, "CAT109", ("feeds", code, "rules", name, "on_violation"))
        for number, blank in enumerate(rule.blanks):
            place = ("feeds", code, "rules", name, "blanks", str(number))
            if blank not in feed.columns:
                yield issue_at(catalogue, "CAT082", place, column=blank, near=near(blank, feed.columns))
            elif feed.columns[blank].required or blank in fixed:
                yield issue_at(catalogue, "CAT110", place, column=blank)


def _columns(catalogue: Catalogue, code: str, feed: Feed) -> Iterator[Issue]:
    for name, column in feed.columns.items():
        place: tuple[str, ...] = ("feeds", code, "columns", name)
        if column.min is not None and column.max is not None and column.min > column.max:
            yield issue_at(catalogue, "CAT103", (*place, "min"), low=str(column.min), high=str(column.max))
        bounded = column.min is not None or column.max is not None
        if bounded and column.type not in ("int", "decimal"):
            yield issue_at(catalogue, "CAT111", (*place, "min"), type=column.type)
        if column.on_violation == "blank" and column.required:
            yield issue_at(catalogue, "CAT110", (*place, "on_violation"), column=name)
        if name in feed.derived:
            yield issue_at(catalogue, "CAT114", ("feeds", code, "derived", name), column=name)
