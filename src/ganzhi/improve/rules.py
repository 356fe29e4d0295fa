"""How warnings of a rule are made known, by grade: the step that holds, and the clocks it sets (S003-011). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ganzhi.catalogue.model.warning import Publication, PublicationStep, WarningRule
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.improve.heard import grade_name
from ganzhi.store.findings.records import Finding, Silence

ACKNOWLEDGE_WITHIN: Final = timedelta(hours=24)
FEEDBACK_WITHIN: Final = timedelta(hours=72)
"""Where the rule of publication says nothing: every finding has a clock."""

MEASURES_WITHIN: Final = timedelta(days=7)
CHECK_WITHIN: Final = timedelta(days=7)
"""Until measures that were agreed are carried out, and until their effect is checked, unless a day is named."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a catalogue, as far as the life cycle needs them."""

    catalogue: Catalogue

    def rule(self, code: str) -> WarningRule | None:
        """The warning rule; None when the catalogue has none of that code (any more)."""
        return self.catalogue.warning_rules.get(code)

    def publication(self, code: str) -> Publication | None:
        """How a rule's warnings are made known; None when it does not say."""
        rule = self.rule(code)
        if rule is None or rule.publication is None:
            return None
        return self.catalogue.publications.get(rule.publication)

    def step(self, code: str, grade: int) -> PublicationStep | None:
        """What is to be done at a grade of a rule; None when nobody is to be told."""
        publication = self.publication(code)
        found: PublicationStep | None = getattr(publication, grade_name(grade)) if publication and grade else None
        return found

    def owner(self, code: str) -> str:
        """Who looks after a rule's warnings; the rule's code where the catalogue does not say."""
        rule = self.rule(code)
        return code if rule is None else rule.owner.zh

    def above(self, unit: str) -> tuple[str, ...]:
        """A unit and those above it, up to the root."""
        return tuple(self._path(unit))

    def _path(self, unit: str) -> Iterator[str]:
        seen: set[str] = set()
        at: str | None = unit
        while at is not None and at not in seen:
            yield at
            seen.add(at)
            at = self.catalogue.units[at].parent if at in self.catalogue.units else None

    def silence(self, finding: Finding, silences: tuple[Silence, ...]) -> Silence | None:
        """The first of these silences that a finding is under."""
        return self.silence_of(finding.rule, finding.unit, finding.slice, silences)

    def silence_of(self, rule: str, unit: str, slice_text: str, silences: tuple[Silence, ...]) -> Silence | None:
        """The first of these silences that a series is under."""
        if not silences:
            return None
        path = self.above(unit)
        for each in silences:
            if each.rule in ("", rule) and (not each.unit or each.unit in path) and each.slice in ("", slice_text):
                return each
        return None


def acknowledge_within(step: PublicationStep | None) -> timedelta:
    """How long a finding may wait to be taken up."""
    return ACKNOWLEDGE_WITHIN if step is None else timedelta(minutes=step.acknowledge_min)


def feedback_within(step: PublicationStep | None) -> timedelta:
    """How long after it was made known the feedback form may take."""
    return FEEDBACK_WITHIN if step is None else timedelta(minutes=step.feedback_min)


def remind_after(step: PublicationStep | None, now: datetime) -> datetime | None:
    """When a finding that nobody took up is told again; None for never."""
    return None if step is None or step.repeat_min is None else now + timedelta(minutes=step.repeat_min)
