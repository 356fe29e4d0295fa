"""The form of a free question: its fields as they stand, and the links that change one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ganzhi.measure.build.ask.values import EVERY_OP, ops_of
from ganzhi.measure.views.ask.answers import AskColumn
from ganzhi.measure.views.ask.options import AskForm, Option
from ganzhi.measure.views.ask.question import (
    MODES,
    MOST_BY,
    MOST_CONDITIONS,
    MOST_GROUPS,
    MOST_INDICATORS,
    MOST_MEASURES,
    Condition,
    Question,
)
from ganzhi.portal.pages.ask.address import address, changed
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.present import Words

BLANKS = 2
"""Empty conditions that the form holds ready."""


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A line of the form. ops: what fits the column; values: code and name where they are declared."""

    place: int
    condition: Condition | None
    ops: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Something chosen, and the question without it."""

    code: str
    name: str
    without: str


@dataclass(frozen=True, slots=True)
class Fields:
    """What the template of the form reads. groups: chosen columns with room for more; the same of by and measures.
    names: of columns or dimensions that may be named, in the order of the menus."""

    modes: tuple[Choice, ...]
    chosen: tuple[Chosen, ...]
    indicators: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    names: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[str, str], ...]
    conditions: tuple[ConditionField, ...]
    by: tuple[str, ...]
    groups: tuple[str, ...]
    measures: tuple[str, ...]
    grains: tuple[tuple[str, str], ...]


def fields_of(words: Words, question: Question, form: AskForm) -> Fields:
    """The form as it stands."""
    columns = {column.name: column for column in form.columns}
    numbers = question.mode == "indicators"
    names = (
        tuple((option.code, words.text(option.name)) for option in form.dimensions)
        if numbers
        else tuple((name, words.text(column.title)) for name, column in columns.items() if not column.masked)
    )
    return Fields(
        modes=_modes(words, question, form),
        chosen=_chosen(words, question, form),
        indicators=_menu(words, question, form.indicators) if numbers else (),
        names=names,
        numbers=tuple((name, words.text(column.title)) for name, column in columns.items() if column.number),
        conditions=_conditions(words, question, form, columns),
        by=_slots(question.by, MOST_BY),
        groups=_slots(question.groups, MOST_GROUPS),
        measures=_slots(question.measures, MOST_MEASURES),
        grains=tuple((grain, words.t(f"ask.grain_{grain}")) for grain in form.grains),
    )


def _slots(chosen: Sequence[str], most: int) -> tuple[str, ...]:
    return (*chosen, *("",) * (most - len(chosen)))


def _modes(words: Words, question: Question, form: AskForm) -> tuple[Choice, ...]:
    if not form.records:
        return ()
    return tuple(
        Choice(
            words.t(f"ask.mode_{mode}"),
            address(Question(mode=mode, unit=question.unit, first=question.first, last=question.last)),
            mode == question.mode,
        )
        for mode in MODES
    )


def _chosen(words: Words, question: Question, form: AskForm) -> tuple[Chosen, ...]:
    names = {option.code: words.text(option.name) for option in form.indicators}
    return tuple(
        Chosen(code, names.get(code, code), changed(question, codes=tuple(c for c in question.codes if c != code)))
        for code in question.codes
    )


def _menu(
    words: Words, question: Question, options: Sequence[Option]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Indicators that can be added, under their topics."""
    if len(question.codes) >= MOST_INDICATORS:
        return ()
    return tuple(
        (
            group,
            tuple((option.code, words.text(option.name)) for option in of_group if option.code not in question.codes),
        )
        for group, of_group in groupby(options, lambda option: words.text(option.group))
    )


def _conditions(
    words: Words, question: Question, form: AskForm, columns: dict[str, AskColumn]
) -> tuple[ConditionField, ...]:
    found = []
    for place, each in enumerate(question.conditions, start=1):
        numbered = replace(each, place=place)
        if question.mode == "indicators":
            ops: tuple[str, ...] = ("eq", "empty")
            values = form.values.get(each.column, {})
        else:
            column = columns.get(each.column)
            ops, values = (EVERY_OP, {}) if column is None else (ops_of(column) or EVERY_OP, column.values)
        named = tuple((code, words.text(name)) for code, name in values.items()) if len(values) <= 200 else ()
        found.append(ConditionField(place, numbered, ops, named))
    first = len(found) + 1
    offered: tuple[str, ...] = ("eq", "empty") if question.mode == "indicators" else EVERY_OP
    last = min(first + BLANKS, MOST_CONDITIONS + 1)
    return (*found, *(ConditionField(place, None, offered, ()) for place in range(first, last)))
