"""What an evaluation of a warning rule says, as the life cycle hears it: the JSON object of `ganzhi warn run`.

Warnings are judged in another room; what comes from there is a record. Refuses what is not one (FND103).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.store.columns import json_text
from ganzhi.store.findings.records import Series

Verdict = Literal["quiet", "warned", "withheld", "unknown"]
VERDICTS: Final[tuple[Verdict, ...]] = ("quiet", "warned", "withheld", "unknown")


@dataclass(frozen=True, slots=True)
class Heard:
    """One evaluation.

    grade: 0 none to 4 red, in force; of a withheld one the grade that it would have. reasons: codes with what their
    sentences need, in order. content: the whole record, as evidence.
    """

    series: Series
    indicator: str
    period: str
    grade: int
    verdict: Verdict
    reasons: tuple[Mapping[str, Any], ...]
    catalogue_version: str
    content: Mapping[str, object]

    @property
    def why(self) -> str:
        """The code of the last reason, which decided; the verdict without any."""
        return str(self.reasons[-1]["code"]) if self.reasons else self.verdict

    def reason(self, code: str) -> Mapping[str, Any] | None:
        """What the sentence of a reason needs; None when it is not among them."""
        return next((each.get("params", {}) for each in self.reasons if each["code"] == code), None)


def rank(grade: object) -> int:
    """0 for none, 1 blue to 4 red; ValueError for anything else.

    >>> rank(None), rank("red")
    (0, 4)
    """
    return 0 if grade is None else GRADES.index(grade) + 1


def grade_name(found: int) -> str:
    """The grade's word of a rank above 0."""
    return GRADES[found - 1]


def hear(document: Mapping[str, Any]) -> Heard:
    """Read one record.

    Raises: InputError FND103 for what is none.
    """
    try:
        verdict: Verdict = document["verdict"]
        own, crossed = rank(document["grade"]), rank(document.get("crossed"))
        reasons = tuple(document.get("reasons", ()))
        texts = [document[name] for name in ("rule", "indicator", "unit", "period", "catalogue_version")]
        by = document["slice"]
        if verdict not in VERDICTS or not all(isinstance(each, str) and each for each in texts):
            raise _not_a_signal("verdict, rule, indicator, unit, period, catalogue_version")
        if not isinstance(by, dict) or not all(isinstance(each, dict) and "code" in each for each in reasons):
            raise _not_a_signal("slice, reasons")
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _not_a_signal(str(error)) from None
    rule, indicator, unit, period, version = texts
    grade = {"warned": own, "withheld": own or crossed}.get(verdict, own)
    return Heard(
        Series(rule, unit, json_text(by)), indicator, period, grade, verdict, reasons, version, dict(document)
    )  # fmt: skip


def hear_all(documents: object) -> list[Heard]:
    """Read a list of records, all or none."""
    if not isinstance(documents, Sequence) or isinstance(documents, str):
        raise _not_a_signal("[…]")
    issues: list[Issue] = []
    found: list[Heard] = []
    for each in documents:
        try:
            found.append(hear(each))
        except InputError as error:
            issues.extend(error.issues)
    if issues:
        raise InputError(issues[:20])
    return found


def _not_a_signal(detail: str) -> InputError:
    return InputError(Issue("FND103", "signal", params={"detail": detail[:200]}))
