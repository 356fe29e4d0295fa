"""That a report of complaints was made, told to everybody of the roles it is for (S003-012, S003-016)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.access.rights import RoleName
from ganzhi.base.messages import say
from ganzhi.base.periods import Period
from ganzhi.base.settings import NotifySettings
from ganzhi.complaints.reports.build import REPORTS
from ganzhi.complaints.reports.document import Kind, Report
from ganzhi.complaints.reports.wording import remark_text, title
from ganzhi.store.outbox import NewNotice

PATHS: dict[Kind, str] = {
    "situation": "/complaints/daily/{period}",
    "intake": "/complaints/daily/{period}?level=product",
    "weekly": "/complaints/weekly/{period}",
    "monthly": "/complaints/monthly/{period}",
    "support": "/reports/support/{period}",
}


def complaint_notices(
    kind: Kind,
    unit: str,
    period: Period,
    report: Report,
    number: int,
    settings: NotifySettings,
    root: str,
    readers: tuple[RoleName, ...] | None = None,
) -> Iterator[NewNotice]:
    """A notice to each target that has one of the report's roles and this unit. A target without units is of the root.
    readers: the roles, by default those of a report of complaints."""
    roles = REPORTS[kind].readers if readers is None else readers
    for name, target in sorted(settings.targets.items()):
        if set(target.roles).isdisjoint(roles) or unit not in (target.units or (root,)):
            continue
        lang = target.lang
        subject = title(lang, kind, period)
        if number > 1:
            subject = say(lang, "creport.corrected", title=subject, number=number)
        link = PATHS[kind].format(period=period.key)
        if unit != root:
            link += f"{'&' if '?' in link else '?'}region={unit}"
        lines = [
            subject,
            f"{report.unit_name.in_(lang)}{say(lang, 'creport.colon')}{remark_text(lang, report.headline)}",
        ]
        lines += [f"{settings.portal_url.rstrip('/')}{link}"] if settings.portal_url else []
        yield NewNotice(
            f"report:{kind}:{unit}:{period.key}",
            target.channel,
            f"report.{name}.{number}",
            {
                "target": name,
                "subject": subject,
                "text": "\n".join(lines),
                "data": {"report": kind, "unit": unit, "period": period.key, "edition": number},
            },
        )


def units_told(settings: NotifySettings, root: str, known: frozenset[str]) -> tuple[str, ...]:
    """The units whose reports are made: the whole, and those that a target is told of."""
    named = {unit for target in settings.targets.values() for unit in target.units} & known
    return (root, *sorted(named - {root}))
