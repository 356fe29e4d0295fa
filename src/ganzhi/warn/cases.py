"""Text cases of warning rules: a series of values and the state expected at each step.

    # a comment
    case  a day that crosses is held for two quiet days
    rule  complaints.volume          (settings of a declared rule; may be left out)
    set   hold=2 persist=1 side=high least=5 least_share=0.2 drift=none
    normal mean=20 dispersion=1.8    (or: limits blue=40 yellow=50 orange=60 red=70)
      20               -
      62               red     beyond_limit
      24               red     held
      ?                red     held        (an unknown value)
      40 +outside      red                 (with an impact factor)

A step is a value, impact factors with a plus sign, the grade in force (`-` for none), and reasons that must be among
those given. Everything after `#` is a comment. Cases end where the next begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import GRADES, Grade, LeastExcess, WarningRule
from ganzhi.numerics.alarm.counts import at_least, middle
from ganzhi.numerics.alarm.drift import Drift, as_normal
from ganzhi.warn.baseline import Expectation, by_limits, count_limits
from ganzhi.warn.engine import MOST_OF_A_DAY
from ganzhi.warn.grade import Factor, State, after, crossing, tails_of
from ganzhi.warn.signal import REASONS, Made, Reason

FACTORS = ("places", "class", "outside", "batch")
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One line: the value (None is unknown), impact factors, the grade expected, reasons that must be among them."""

    line: int
    value: float | None
    factors: tuple[Factor, ...]
    state: Grade | None
    reasons: tuple[str, ...]


@dataclass
class Case:
    """A case. mean, dispersion: of counts; limits: fixed ones instead."""

    name: str
    line: int
    rule: WarningRule
    mean: float | None = None
    dispersion: float = 1.0
    limits: dict[Grade, float] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that came out otherwise. missing: reasons that were expected and not given."""

    case: str
    line: int
    expected: Grade | None
    found: Grade | None
    missing: tuple[str, ...]


PLAIN_RULE = WarningRule(
    name=Text(zh="用例", en="Case"), level="product", indicator="case.value", owner=Text(zh="用例", en="Case")
)


def read_cases(text: str, name: str, rules: Mapping[str, WarningRule]) -> list[Case]:
    """The cases of a file.

    Raises: InputError WRN020 for every line that cannot be read.
    """
    if len(text) > MOST_BYTES:
        raise InputError(Issue("WRN020", name, Location(name), {"why": f"> {MOST_BYTES}"}))
    reader = _Reader(name, rules)
    for number, line in enumerate(text.splitlines(), 1):
        if words := line.partition("#")[0].split():
            reader.take(number, words)
    if reader.issues or not reader.cases:
        raise InputError(reader.issues or [Issue("WRN020", name, Location(name), {"why": "case"})])
    return reader.cases


class _Reader:
    def __init__(self, name: str, rules: Mapping[str, WarningRule]) -> None:
        self._name, self._rules = name, rules
        self.cases: list[Case] = []
        self.issues: list[Issue] = []

    def take(self, number: int, words: list[str]) -> None:
        """One line that says something."""
        head, *rest = words
        try:
            if head == "case":
                self.cases.append(Case(" ".join(rest), number, PLAIN_RULE))
            elif head == "rule":
                self.cases[-1].rule = self._rules[rest[0]]
            elif head == "set":
                self.cases[-1].rule = _changed(self.cases[-1].rule, _pairs(rest))
            elif head in ("normal", "limits"):
                _given(self.cases[-1], head, _pairs(rest))
            else:
                self.cases[-1].steps.append(_step(number, words))
        except (ValueError, KeyError, IndexError, InvalidOperation):
            why = " ".join(words)[:80]
            self.issues.append(Issue("WRN020", head[:40], Location(self._name, number), {"why": why}))


def _pairs(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not value or key in found:
            raise ValueError(word)
        found[key] = value
    return found


def _changed(rule: WarningRule, given: Mapping[str, str]) -> WarningRule:
    """A rule with some settings changed."""
    update: dict[str, Any] = {}
    least = rule.least.model_dump()
    for key, value in given.items():
        match key:
            case "hold" | "persist":
                update[key] = int(value)
            case "side" if value in ("high", "low"):
                update[key] = value
            case "least" | "least_share":
                least["absolute" if key == "least" else "relative"] = Decimal(value)
            case "drift":
                update["drift_sigmas"] = None if value == "none" else Decimal(value)
            case _:
                raise ValueError(key)
    whole = {**rule.model_dump(), **update, "least": LeastExcess(**least)}
    return WarningRule.model_validate(whole)


def _given(case: Case, head: str, pairs: Mapping[str, str]) -> None:
    numbers = {key: float(value) for key, value in pairs.items()}
    if head == "limits" and set(numbers) <= set(GRADES):
        case.limits = {grade: numbers[grade] for grade in GRADES if grade in numbers}
    elif head == "normal" and set(numbers) <= {"mean", "dispersion"} and numbers["mean"] > 0:
        case.mean, case.dispersion = numbers["mean"], numbers.get("dispersion", 1.0)
        at_least(0, case.mean, case.dispersion)  # refuses a dispersion below 1
    else:
        raise ValueError(head)


def _step(number: int, words: list[str]) -> Step:
    value = None if words[0] == "?" else float(words[0])
    if value is not None and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", words[0]):
        raise ValueError(words[0])
    factors = tuple(word[1:] for word in words[1:] if word.startswith("+"))
    state, *reasons = [word for word in words[1:] if not word.startswith("+")]
    if not set(factors) <= set(FACTORS) or state not in ("-", *GRADES) or not set(reasons) <= set(REASONS):
        raise ValueError(" ".join(words))
    grade = None if state == "-" else cast("Grade", state)
    return Step(number, value, cast("tuple[Factor, ...]", factors), grade, tuple(reasons))


def run_case(case: Case) -> Iterator[Difference]:
    """The steps of a case that come out otherwise than expected."""
    state, drift = State(), Drift()
    for step in case.steps:
        expectation = _expectation(case, step.value)
        if expectation.deviate is not None:
            drift = drift.after(min(expectation.deviate, MOST_OF_A_DAY))
        factors: dict[Factor, str] = dict.fromkeys(step.factors, "case")
        sigmas = drift.sigmas if expectation.deviate is not None else None
        found = crossing(case.rule, step.value, expectation, drift=sigmas, factors=factors)
        state, why = after(case.rule, state, found)
        given = {reason.code for reason in (*found.reasons, *why)}
        missing = tuple(reason for reason in step.reasons if reason not in given)
        if state.grade != step.state or missing:
            yield Difference(case.name, step.line, step.state, state.grade, missing)


def _expectation(case: Case, value: float | None) -> Expectation:
    rule = case.rule
    if case.mean is None:
        if not case.limits:
            return Expectation(None, {}, None, None, Made("none", 0, Reason("no_limits")))
        return by_limits(case.limits, value)
    tails = tails_of(rule)
    limits = count_limits(case.mean, case.dispersion, tails, side=rule.side)
    made = Made("counts", dispersion=case.dispersion)
    if value is None:
        return Expectation(case.mean, limits, None, None, made)
    count, mean, phi = int(value), case.mean, case.dispersion
    above = rule.side == "high"
    chance = at_least(count, mean, phi) if above else min(1.0, 1.0 - at_least(count + 1, mean, phi))
    deviate = as_normal(count, mean, phi) if 0 < middle(count, mean, phi) < 1 else 0.0
    return Expectation(mean, limits, chance, deviate if above else -deviate, made)
