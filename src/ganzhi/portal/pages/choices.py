"""The pickers of a page: place, period, comparison, each a list of plain links that work without script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ganzhi.base import wording
from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Filter
from ganzhi.measure.views.parts import Scope
from ganzhi.portal.links import Links
from ganzhi.portal.present import Words
from ganzhi.portal.visit import BASES, COMPARES, Visit

MOST_UNITS = 40
"""Places offered as links; beyond, the field takes a code."""
MOST_PERIODS = 12
"""Periods of one grain offered as links."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of a picker."""

    text: str
    link: str
    current: bool


@dataclass(frozen=True, slots=True)
class Picker:
    """A choice of one parameter. field: name of a text field for any other value, empty without
    one; keep: the parameters that the field's form repeats."""

    label: str
    current: str
    groups: tuple[tuple[str, tuple[Choice, ...]], ...]
    action: str = ""
    field: str = ""
    example: str = ""
    keep: tuple[tuple[str, str], ...] = ()


def _keep(query: Mapping[str, str], without: str) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in query.items() if key not in (without, "page"))


def _units(visit: Visit, words: Words, scope: Scope, links: Links, make: Callable[[Links], str]) -> Picker:
    def link(code: str) -> str:
        return make(links.at(region=None if code == scope.default_unit else code))

    shown = list(scope.units.items())[:MOST_UNITS]
    choices = tuple(Choice(words.text(name), link(code), code == scope.unit) for code, name in shown)
    more = len(scope.units) > MOST_UNITS
    return Picker(
        words.t("picker.scope"),
        words.text(scope.unit_name),
        (("", choices),),
        visit.path,
        "region" if more else "",
        words.t("picker.scope_example"),
        _keep(visit.query, "region"),
    )


def _periods(visit: Visit, words: Words, scope: Scope, links: Links, make: Callable[[Links], str]) -> Picker:
    def link(period: Period) -> str:
        return make(links.at(period=None if period == scope.default_period else period.key))

    groups: list[tuple[str, tuple[Choice, ...]]] = []
    for grain in reversed(Grain):
        same = [period for period in scope.periods if period.grain is grain][:MOST_PERIODS]
        if same:
            choices = tuple(Choice(_period_choice(words, p), link(p), p == scope.period) for p in same)
            groups.append((words.grain(grain), choices))
    bases = tuple(
        Choice(
            words.t(f"basis.{basis}"), make(links.at(basis=None if basis == "period" else basis)), basis == scope.basis
        )
        for basis in BASES
    )
    groups.append((words.t("picker.basis"), bases))
    current = words.short(scope.period)
    if scope.basis != "period":
        current = f"{current} {words.t(f'basis.{scope.basis}')}"
    example = words.t("picker.period_example")
    return Picker(
        words.t("picker.period"), current, tuple(groups), visit.path, "period", example, _keep(visit.query, "period")
    )


def _period_choice(words: Words, period: Period) -> str:
    if period.grain is Grain.DAY or period.grain.first_weekday is not None:
        return words.period(period)
    return wording.period_name(words.lang, period)


def pickers(
    visit: Visit, words: Words, scope: Scope, links: Links, make: Callable[[Links], str], *, place: bool = True
) -> tuple[Picker, ...]:
    """The pickers of a page. make: the page's own URL under changed links."""
    compares = tuple(
        Choice(
            wording.before_name(words.lang, compare, scope.period.grain),
            make(links.at(vs=None if compare == "prev" else compare)),
            compare == scope.compare,
        )
        for compare in COMPARES
    )
    versus = Picker(words.t("picker.versus"), words.before(scope), (("", compares),))
    units = (_units(visit, words, scope, links, make),) if place and scope.units else ()
    return (*units, _periods(visit, words, scope, links, make), versus)


def filter_menus(
    words: Words, section: str, filters: Iterable[Filter], make: Callable[[str, str | None], str]
) -> tuple[Picker, ...]:
    """Filters as menus of plain links. section: where the words of fields and values stand in the message
    files. make: the page's URL with one filter changed."""

    def word(field: str, value: str, name: Text | None) -> str:
        return words.text(name) if name is not None else words.t(f"{section}.{field}.{value}")

    found = []
    for each in filters:
        if not each.choices and not each.chosen:
            continue
        every = Choice(words.t("all"), make(each.field, None), each.chosen == "")
        choices = tuple(
            Choice(
                f"{word(each.field, choice.value, choice.name)} {choice.count}",
                make(each.field, choice.value),
                choice.value == each.chosen,
            )
            for choice in each.choices
        )
        chosen = next((choice for choice in each.choices if choice.value == each.chosen), None)
        current = word(each.field, chosen.value, chosen.name) if chosen else words.t("all")
        found.append(Picker(words.t(f"{section}.filter.{each.field}"), current, (("", (every, *choices)),)))
    return tuple(found)
