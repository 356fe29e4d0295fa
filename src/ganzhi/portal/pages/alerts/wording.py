"""Warnings in words: what and where, how far out, why, how much time is left."""

from __future__ import annotations

from collections.abc import Iterable

from ganzhi.base import wording
from ganzhi.base.messages import catalogue, say
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.improve.pages.views import AlertRow, Judged, Why
from ganzhi.portal.links import Links, url
from ganzhi.portal.present import UNKNOWN, Words

PATH = "/alerts"


def alert_link(identity: str) -> str:
    """The page of a warning."""
    return f"{PATH}/{identity}"


def indicator_link(row: AlertRow) -> str | None:
    """The indicator at the moment of the alert; None where there is no such page."""
    if row.subject is None:
        return None
    by = next(iter(row.slice), None)
    key = row.first.key if row.first.grain.minutes is None else row.first.first_day.isoformat()
    return Links(row.unit, key).indicator(row.indicator, by=by)


def subject_name(words: Words, row: AlertRow) -> str:
    """The indicator's name, with the part of it that is out."""
    name = row.indicator if row.subject is None else words.text(row.subject.name)
    cut = words.t("list_comma").join(words.text(value) for _, value in row.cut)
    return f"{name} · {cut}" if cut else name


def amount(words: Words, row: AlertRow, value: float | None) -> str:
    """A value of the row's indicator."""
    if value is None:
        return UNKNOWN
    return wording.exact_text(value) if row.subject is None else str(words.value(row.subject, value))


def value_text(words: Words, row: AlertRow, judged: Judged) -> str:
    """What was measured, or that it is hidden."""
    return words.t("withheld") if judged.hidden else amount(words, row, judged.value)


def fact(words: Words, row: AlertRow) -> str:
    """One fact of the latest evaluation: value, what was expected, by how much it is out."""
    judged = row.judged
    if judged is None:
        return words.t("alerts.no_evidence")
    value = value_text(words, row, judged)
    if judged.expected is None:
        grade = row.grade or row.highest
        if grade not in judged.limits:
            return value
        return words.t(
            "alerts.fact_limit", value=value, grade=words.level(grade), limit=amount(words, row, judged.limits[grade])
        )
    if judged.excess_relative is None:
        return words.t("alerts.fact", value=value, expected=amount(words, row, judged.expected))
    return words.t(
        "alerts.fact_excess",
        value=value,
        expected=amount(words, row, judged.expected),
        excess=words.per_cent(judged.excess_relative),
    )


def left_text(words: Words, row: AlertRow) -> str:
    """The time left, or for how long it has been overdue."""
    if row.left_s is None:
        return words.t("alerts.over_since") if row.overdue else ""
    span = wording.duration(words.lang, row.left_s)
    return words.t("alerts.overdue_by", span=span) if row.left_s < 0 else words.t("alerts.left", span=span)


def reason_text(words: Words, why: Why) -> str:
    """A reason as a sentence; a person's own words as they are."""
    params: dict[str, object] = {**why.params, **{name: words.text(text) for name, text in why.names.items()}}
    if params.get("grade") in GRADES:
        params["grade"] = say(words.lang, f"warn.grade.{params['grade']}")
    known = catalogue(words.lang)
    key = f"warn.reason.{why.code}"
    if why.code == "in_parent" and ("unit" not in params or "grade" not in params):
        return words.t("alerts.why.in_parent", unit=params["unit"]) if "unit" in params else words.t("alerts.why.part")
    if key in known:
        return (
            say(words.lang, key, **params)
            if _filled(known[key], params)
            else words.t("alerts.why.plain", code=why.code)
        )
    own = f"portal.alerts.why.{why.code}"
    return say(words.lang, own) if own in known else why.code


def _filled(text: str, params: dict[str, object]) -> bool:
    """Whether everything that a sentence needs is there."""
    rest = text
    for name in params:
        rest = rest.replace("{" + name + "}", "")
    return "{" not in rest


def reasons_text(words: Words, judged: Judged) -> str:
    """All reasons of an evaluation, in the order they acted."""
    return words.t("alerts.join").join(reason_text(words, each) for each in judged.reasons)


def one_in(words: Words, chance: float | None) -> str:
    """A chance as one in so many.

    A chance too small for the model to tell is said to be so.
    """
    if chance is None:
        return UNKNOWN
    if chance < 1e-12:
        return words.t("alerts.chance_least")
    if chance >= 0.1:
        return words.per_cent(chance)
    return words.t("alerts.one_in", n=words.count(round(1 / chance, 0)))


def fired_text(words: Words, row: AlertRow, judged: Judged) -> str:
    """The sentence of what fired: what, when, how much, what was expected, which limit, how likely."""
    grade = row.highest
    parts = [
        words.t(
            "alerts.fired",
            what=f"{words.text(row.unit_name)} {subject_name(words, row)}",
            period=words.period(judged.period),
            value=value_text(words, row, judged),
        )
    ]
    if judged.expected is not None:
        parts.append(words.t("alerts.fired_expected", expected=amount(words, row, judged.expected)))
    if grade in judged.limits:
        limit = amount(words, row, judged.limits[grade])
        parts.append(words.t("alerts.fired_limit", grade=words.level(grade), limit=limit))
    if judged.chance is not None and judged.how == "counts":
        parts.append(words.t("alerts.fired_chance", chance=one_in(words, judged.chance)))
    return words.t("alerts.comma").join(parts) + words.t("alerts.stop")


def made_text(words: Words, judged: Judged) -> str:
    """How the expectation was made."""
    text = words.t(f"alerts.made.{judged.how}", n=judged.history, version=judged.threshold or "–")
    return text if judged.fell_back is None else f"{text} ({reason_text(words, judged.fell_back)})"


def list_link(**conditions: str | int | None) -> str:
    """The list under conditions."""
    return url(PATH, conditions)


def kinds_text(words: Words, kinds: Iterable[str]) -> str:
    """Kinds of channels by name."""
    named = catalogue(words.lang)
    return words.t("list_comma").join(named.get(f"portal.alerts.kind.{kind}", kind) for kind in kinds)


def held_text(words: Words, code: str) -> str:
    """Why a notice was not sent at once."""
    return catalogue(words.lang).get(f"portal.alerts.held.{code}", code)
