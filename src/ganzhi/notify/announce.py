"""From what was done about a finding to the notices in the outbox, written in the transaction that does it.

The words are made then, in each target's language: what is sent tomorrow says what was true when it was decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ganzhi.base.messages import Lang, say
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.model.warning import Publication
from ganzhi.improve.heard import grade_name
from ganzhi.improve.rules import Rules
from ganzhi.notify.route import Route, is_crisis, route
from ganzhi.store.findings.records import Entry, Finding
from ganzhi.store.outbox import NewNotice


@dataclass(frozen=True, slots=True)
class Announcer:
    """Makes notices under a catalogue's rules to the targets of the settings."""

    rules: Rules
    settings: NotifySettings
    zone: ZoneInfo

    def __call__(self, finding: Finding, entry: Entry) -> Iterable[NewNotice]:
        """The notices of one line of history; none for acts that nobody need be told of."""
        way = self.route(finding, entry)
        for told in way.told:
            lang: Lang = self.settings.targets[told.target].lang
            yield NewNotice(
                finding.id,
                told.channel,
                f"{entry.number}.{entry.act}.{told.target}",
                {
                    "target": told.target,
                    "subject": self.subject(lang, finding, entry, way),
                    "text": self.text(lang, finding, entry, way),
                    "data": self.data(finding, entry, way),
                },
                told.due,
                None if told.withheld is None else told.withheld.code,
            )

    def route(self, finding: Finding, entry: Entry) -> Route:
        """Who is told of a line of history."""
        return route(
            finding,
            entry.act,
            self.rules.publication(finding.rule),
            targets=self.settings.targets,
            above=self.rules.above(finding.unit),
            now=entry.at,
            zone=self.zone,
            escalate_to=str(entry.detail.get("role", "")) if entry.act == "escalate" else "",
        )

    def subject(self, lang: Lang, finding: Finding, entry: Entry, way: Route) -> str:
        """One line: what happened, to what, where."""
        grade = say(lang, f"findings.grade.{grade_name(finding.grade or finding.told or finding.highest)}")
        what = "asks" if way.asks is not None else entry.act
        return say(
            lang,
            f"notify.subject.{what}",
            grade=grade,
            rule=self.rule_name(lang, finding),
            unit=self.unit(lang, finding),
        )

    def text(self, lang: Lang, finding: Finding, entry: Entry, way: Route) -> str:
        """A few lines: when, how much, by when, what is said outside, where to look."""
        zone = self.zone
        lines = [say(lang, "notify.line.period", period=finding.last_period)]
        facts = entry.detail.get("facts")
        if isinstance(facts, dict):
            lines.append(
                say(
                    lang,
                    "notify.line.value",
                    value=_number(facts.get("value")),
                    expected=_number(facts.get("expected")),
                )
            )
        if finding.due is not None:
            lines.append(say(lang, "notify.line.due", due=f"{finding.due.astimezone(zone):%Y-%m-%d %H:%M}"))
        publication = self.rules.publication(finding.rule)
        if any(reason.code == "crisis" for reason in way.why) and publication is not None:
            lines.append(say(lang, "notify.line.crisis", wording=_wording(publication, finding, lang)))
        lines.append(say(lang, "notify.line.id", id=finding.id))
        if self.settings.portal_url:
            lines.append(f"{self.settings.portal_url.rstrip('/')}/alerts/{finding.id}")
        return "\n".join(lines)

    def data(self, finding: Finding, entry: Entry, way: Route) -> dict[str, object]:
        """The same for programs."""
        return {
            "finding": finding.id,
            "act": entry.act,
            "asks": way.asks,
            "at": entry.at.isoformat(),
            "grade": grade_name(finding.grade) if finding.grade else None,
            "state": finding.state,
            "rule": finding.rule,
            "indicator": finding.indicator,
            "unit": finding.unit,
            "slice": finding.slice,
            "period": finding.last_period,
            "due": None if finding.due is None else finding.due.isoformat(),
        }

    def rule_name(self, lang: Lang, finding: Finding) -> str:
        """The rule in words; its code where the catalogue has it no more."""
        rule = self.rules.rule(finding.rule)
        return finding.rule if rule is None else rule.name.in_(lang)

    def unit(self, lang: Lang, finding: Finding) -> str:
        """The unit in words, with the slice."""
        unit = self.rules.catalogue.units.get(finding.unit)
        name = finding.unit if unit is None else unit.name.in_(lang)
        return name if finding.slice == "{}" else f"{name} {finding.slice}"


def _wording(publication: Publication, finding: Finding, lang: Lang) -> str:
    return publication.crisis.wording.in_(lang) if publication.crisis and is_crisis(publication, finding.grade) else ""


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else "–"
