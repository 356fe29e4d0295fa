"""Conditions and values in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.ask.columns import same
from ganzhi.measure.build.ask.values import listed
from ganzhi.measure.build.definitions import both
from ganzhi.measure.views.ask.answers import AskColumn, Said
from ganzhi.measure.views.ask.question import Condition, Question


def name_of(column: AskColumn, value: str | None) -> Text:
    """A value's declared name, itself where it has none, the words for unknown where it is."""
    if value is None or value == "":
        return both("views.unknown_value")
    if column.type == "bool":
        return both("ask.yes" if value == "true" else "ask.no")
    return column.values.get(value) or same(value)


def said_of(question: Question, columns: Mapping[str, AskColumn]) -> tuple[Said, ...]:
    """The conditions of a question that was judged, each with the question that does not have it."""
    found = []
    for each in question.conditions:
        rest = tuple(other for other in question.conditions if other is not each)
        column = columns[each.column]
        values = tuple(name_of(column, value) for value in _values(each))
        found.append(Said(column.title, each.op, values, replace(question, conditions=rest, page=1)))
    return tuple(found)


def _values(condition: Condition) -> tuple[str, ...]:
    if condition.op in ("empty", "filled"):
        return ()
    if condition.op == "between":
        return condition.value, condition.upto
    try:
        return listed(condition.value, "v") if condition.op == "in" else (condition.value,)
    except InputError:
        return (condition.value,)
