"""The dynamic brief, pushed to those who lead: only indicators whose day was not like such days usually are (S002-011)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from ganzhi.base import wording
from ganzhi.base.messages import Lang, say
from ganzhi.base.settings import NotifySettings
from ganzhi.measure.views.panorama.brief import Brief, BriefRow
from ganzhi.store.outbox import NewNotice

READERS: Final = ("leader", "manager")
MOST_ROWS: Final = 12


def brief_notices(
    day: date, settings: NotifySettings, brief_of: Callable[[tuple[str, ...]], Brief]
) -> Iterator[NewNotice]:
    """A notice to each target that leads, once a day; none where nothing changed.

    brief_of: the brief of units, empty for the whole organisation.
    """
    for name, target in sorted(settings.targets.items()):
        if set(target.roles).isdisjoint(READERS):
            continue
        found = brief_of(target.units)
        changed = [row for row in found.rows if row.outside and row.now.value is not None and not row.now.withheld]
        if not changed:
            continue
        yield NewNotice(
            f"brief:{day.isoformat()}",
            target.channel,
            f"brief.{name}",
            {
                "target": name,
                "subject": say(target.lang, "notify.brief.subject", day=day, n=len(changed), of=found.asked),
                "text": _text(target.lang, changed, settings.portal_url),
                "data": {"brief": day.isoformat(), "changed": [row.subject.code for row in changed]},
            },
        )


def _text(lang: Lang, rows: Sequence[BriefRow], portal: str) -> str:
    lines = [_line(lang, row) for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        lines.append(say(lang, "notify.brief.more", n=len(rows) - MOST_ROWS))
    return "\n".join([*lines, f"{portal.rstrip('/')}/overview"] if portal else lines)


def _line(lang: Lang, row: BriefRow) -> str:
    def shown(value: float) -> str:
        return str(wording.quantity(lang, value, row.subject.unit_of_value, row.subject.decimals))

    way = "plain" if row.better is None else "better" if row.better else "worse"
    return say(
        lang,
        f"notify.brief.{way}",
        name=row.subject.name.in_(lang),
        value=shown(row.now.value or 0.0),
        low=shown(row.low),
        high=shown(row.high),
    )
