"""That a daily report was made, told to everybody of the roles it is for, each counting what concerns them (S003-016)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from ganzhi.base.messages import Lang, say
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.improve.daily import Daily
from ganzhi.improve.heard import grade_name
from ganzhi.store.outbox import NewNotice

READERS: Final[Mapping[str, tuple[str, ...]]] = {"product": ("owner",), "centre": ("handler", "manager")}
"""Roles that a level's report is sent to: all product owners, and those who run the service centre."""


def report_notices(
    level: str, day: date, settings: NotifySettings, daily_of: Callable[[tuple[str, ...]], Daily]
) -> Iterator[NewNotice]:
    """A notice to each target that has one of the report's roles. daily_of: the report of units and all below, empty for all."""
    for name, target in sorted(settings.targets.items()):
        if set(target.roles).isdisjoint(READERS[level]):
            continue
        counts, lang = _counts(daily_of(target.units)), target.lang
        link = f"/alerts/daily/{day.isoformat()}" + (f"?level={level}" if level != "product" else "")
        yield NewNotice(
            f"report:{level}:{day.isoformat()}",
            target.channel,
            f"report.{name}",
            {
                "target": name,
                "subject": _say(lang, "subject", level, day, counts),
                "text": _text(lang, level, day, counts, settings.portal_url, link),
                "data": {"report": level, "day": day.isoformat(), **counts},
            },
        )


def _counts(found: Daily) -> dict[str, int]:
    grades = Counter(grade_name(each.finding.grade) for each in found.working if each.finding.grade)
    return {
        "new": sum(each.new for each in found.working),
        "repeated": sum(not each.new for each in found.working),
        "closed": len(found.closed),
        "kept": len(found.kept_back),
        **{grade: grades[grade] for grade in GRADES},
    }


def _say(lang: Lang, key: str, level: str, day: date, counts: Mapping[str, int]) -> str:
    return say(lang, f"notify.report.{key}", level=say(lang, f"notify.report.level.{level}"), day=day, **counts)


def _text(lang: Lang, level: str, day: date, counts: Mapping[str, int], portal: str, link: str) -> str:
    lines = [_say(lang, "subject", level, day, counts), _say(lang, "text", level, day, counts)]
    return "\n".join([*lines, f"{portal.rstrip('/')}{link}"] if portal else lines)
