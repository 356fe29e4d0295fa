"""The columns of a feed that may be asked about, with their names, types and protection.

A derived column is as protected as the most protected column it is made from. Columns that are shown
masked may be shown and nothing else: a condition, an order, a group or a sum would tell what they hold.
"""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.access.shown.masking import is_masked
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import Column, Feed
from ganzhi.catalogue.model.parts import DataClass, Text
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.compile.asked import CALENDAR, PLACE, AskedColumn
from ganzhi.measure.build.definitions import both
from ganzhi.measure.views.ask.answers import AskColumn

_RANK: tuple[DataClass, ...] = ("none", "quasi", "personal", "sensitive")
_WEEKDAYS = tuple(str(day) for day in range(1, 8))


def same(text: str) -> Text:
    """A text that is the same in both languages; unlike the catalogue's it may be long."""
    return Text.model_construct(zh=text, en=text)


def ask_columns(catalogue: Catalogue, feed_code: str) -> Mapping[str, AskColumn]:
    """Every column of a feed that may be asked about: its own, derived ones, those of event time, the place.

    Raises: InputError REQ011 for an unknown feed.
    """
    key = ("ask_columns", feed_code)
    if key not in catalogue.computed:
        feed = catalogue.feed(feed_code)
        found = {name: _stored(catalogue, feed, name, column) for name, column in feed.columns.items()}
        found |= {name: _derived(catalogue, feed, name) for name in feed.derived}
        found |= {name: _of_time(name) for name in CALENDAR}
        found[PLACE] = AskColumn(PLACE, both("ask.place"), "text", "place", "none", False, 0, {})
        catalogue.computed[key] = found
    kept: Mapping[str, AskColumn] = catalogue.computed[key]
    return kept


def asked_columns(catalogue: Catalogue, feed_code: str) -> Mapping[str, AskedColumn]:
    """The same as the compiler takes them."""
    key = ("asked_columns", feed_code)
    if key not in catalogue.computed:
        feed = catalogue.feed(feed_code)
        types = {name: column.type for name, column in feed.columns.items()}
        sql = {name: parse(each.expr, types).sql for name, each in feed.derived.items()}
        catalogue.computed[key] = {
            name: AskedColumn(name, each.type, each.scale, sql.get(name, ""))
            for name, each in ask_columns(catalogue, feed_code).items()
        }
    kept: Mapping[str, AskedColumn] = catalogue.computed[key]
    return kept


def open_column(columns: Mapping[str, AskColumn], name: str, parameter: str) -> AskColumn:
    """A column that may be used in a condition, an order, a group or a sum.

    Raises: InputError ASK006 for one the feed does not have, ASK007 for one whose values are hidden.
    """
    if name not in columns:
        near = unknown("ASK006", name, columns).params["near"]
        raise InputError(Issue("ASK006", parameter, params={"value": name[:40], "near": near}))
    if columns[name].masked:
        raise InputError(Issue("ASK007", parameter, params={"value": name}))
    return columns[name]


def _stored(catalogue: Catalogue, feed: Feed, name: str, column: Column) -> AskColumn:
    values = _unit_names(catalogue) if name == feed.unit else _names(catalogue, name, column.allowed)
    return AskColumn(
        name=name,
        title=column.name,
        type=column.type,
        kind="stored",
        protection=column.protection,
        masked=is_masked(column.protection),
        scale=column.scale,
        values=values,
        measured_in=column.measured_in,
    )


def _derived(catalogue: Catalogue, feed: Feed, name: str) -> AskColumn:
    declared = feed.derived[name]
    made = parse(declared.expr, {code: column.type for code, column in feed.columns.items()})
    protection = _RANK[max((_RANK.index(feed.columns[code].protection) for code in made.columns), default=0)]
    return AskColumn(
        name=name,
        title=declared.name,
        type=declared.type,
        kind="derived",
        protection=protection,
        masked=is_masked(protection),
        scale=made.scale,
        values=_names(catalogue, name, None),
    )


def _of_time(name: str) -> AskColumn:
    type_ = "int" if name in ("on.hour", "on.weekday") else "date"
    values = {day: both(f"ask.weekday_{day}") for day in _WEEKDAYS} if name == "on.weekday" else {}
    title = both(f"ask.{name.replace('.', '_')}")
    return AskColumn(name, title, "int" if type_ == "int" else "date", "time", "none", False, 0, values)


def _unit_names(catalogue: Catalogue) -> Mapping[str, Text]:
    return {code: unit.name for code, unit in catalogue.units.items()}


def _names(catalogue: Catalogue, name: str, allowed: str | None) -> Mapping[str, Text]:
    """Names of a column's values: those of the dimension of its name, else of its code list or of the catalogue's
    own entries of that kind."""
    found: dict[str, Text] = {}
    if allowed is not None:
        kind = getattr(catalogue, allowed, None)
        if isinstance(kind, Mapping):
            found |= {
                code: entry.name for code, entry in kind.items() if isinstance(getattr(entry, "name", None), Text)
            }
        if allowed in catalogue.code_lists:
            found |= {each.to: each.name for each in catalogue.code_lists[allowed].entries if each.name is not None}
    if name in catalogue.dimensions:
        found |= catalogue.dimensions[name].values
    return found
