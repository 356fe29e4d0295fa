"""A small organisation with warning rules, and evaluations to be heard."""

from __future__ import annotations

from typing import Any

from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.warning import Publication, WarningRule
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.improve.findings import Findings, Person
from ganzhi.improve.heard import Heard, hear
from ganzhi.improve.rules import Rules
from ganzhi.store.findings.records import Finding
from ganzhi.store.open import Store
from tests.store.conftest import HandClock

ANN = Person("ann", "owner")
HAN = Person("han", "handler")
GRADES = (None, "blue", "yellow", "orange", "red")


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def catalogue() -> Catalogue:
    """Province 10 over cities 11 and 12; a rule that is published in four steps, and one that says nothing."""
    units = {
        code: Unit.model_validate({"name": words(code), "level": level, "parent": parent})
        for code, level, parent in (("10", "province", None), ("11", "city", "10"), ("12", "city", "10"))
    }
    step: dict[str, Any] = {
        "roles": ["owner"],
        "channels": ["portal", "mail"],
        "acknowledge_min": 60,
        "feedback_min": 480,
    }
    loud = Publication.model_validate(
        {
            "name": words("loud"),
            "blue": step | {"acknowledge_min": 1440, "feedback_min": 4320},
            "yellow": step | {"repeat_min": 30, "escalate": ["manager", "leader"]},
            "orange": step | {"roles": ["owner", "manager"], "channels": ["portal", "mail", "sms"]},
            "red": step
            | {"roles": ["owner", "leader"], "acknowledge_min": 15, "approval": "handler", "escalate": ["leader"]},
            "quiet": {"first": "22:00", "last": "07:00", "grades": ["blue", "yellow"]},
        }
    )
    rules = {
        code: WarningRule.model_validate(
            {"name": words(code), "level": "product", "indicator": "complaint.count", "owner": words("数据部"), **more}
        )
        for code, more in {"volume": {"publication": "loud"}, "plain": {}}.items()
    }
    found: dict[str, Any] = {"units": units, "publications": {"loud": loud}, "warning_rules": rules}
    return Catalogue.of("test 1+000000000000", found)


def signal(
    grade: int = 1,
    *,
    rule: str = "volume",
    unit: str = "11",
    day: int = 20,
    verdict: str = "",
    why: str = "beyond_limit",
    by: dict[str, str] | None = None,
    value: float = 60,
) -> dict[str, Any]:
    """One evaluation, as `ganzhi warn run --format json` writes it."""
    word = verdict or ("warned" if grade else "quiet")
    return {
        "rule": rule, "indicator": "complaint.count", "unit": unit, "slice": by or {}, "period": f"2026-11-{day:02}",
        "value": value, "expected": 40.0, "limits": {"blue": 55.0}, "chance": 0.001, "adjusted": 0.002,
        "excess_absolute": value - 40, "excess_relative": value / 40 - 1, "drift_sigmas": None,
        "made": {"how": "counts", "history": 600, "fell_back": None, "month": "2026-11", "dispersion": 1.2},
        "crossed": GRADES[grade], "grade": None if word == "withheld" and why == "discovery" else GRADES[grade],
        "verdict": word, "reasons": [{"code": why, "params": {"unit": "10"}}] if grade else [],
        "catalogue_version": "test 1+000000000000",
    }  # fmt: skip


def evaluated(grade: int = 1, **more: Any) -> Heard:
    """The same, as it is heard."""
    return hear(signal(grade, **more))


class Town:
    """Findings of a store, with short ways to make and move them."""

    def __init__(self, store: Store, clock: HandClock, **more: Any) -> None:
        self.store = store
        self.clock = clock
        self.findings = Findings(store, Rules(catalogue()), **more)

    def raised(self, grade: int = 1, **more: Any) -> Finding:
        """What one evaluation leads to."""
        (found,) = self.findings.hear([evaluated(grade, **more)])
        return found

    def now(self, finding: Finding) -> Finding:
        return self.store.findings.get(finding.id)

    def acts(self, finding: Finding) -> list[str]:
        return [entry.act for entry in self.store.findings.history(finding.id)]

    def checking(self, grade: int = 1, **more: Any) -> Finding:
        """A finding on its way up to the check of its effect."""
        found = self.raised(grade, **more)
        for act in ("acknowledge", "analyse", "feedback", "check"):
            form = {"phenomenon": "a", "analysis": "b", "measures": "c"} if act == "feedback" else None
            found = self.findings.act(found, act, ANN, feedback=form)
        return found
