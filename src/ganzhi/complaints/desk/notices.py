"""That a limit runs out, or has run out: told once for each ticket, limit and target, through the outbox (S000-089, S003-003).

A notice is named by ticket, limit and its end: told again only when the end has moved. Limits that ran out more than a
day ago are not told, so that the first run on an old stock of tickets warns of nothing that is past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.access.rights import Viewer
from ganzhi.base.messages import Lang, say
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.facts import above
from ganzhi.complaints.desk.gather import Joined, gather, join
from ganzhi.complaints.desk.limits import Limit
from ganzhi.complaints.desk.process.fault_desk import FaultDesk
from ganzhi.complaints.desk.views import FaultRow
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import States
from ganzhi.store.outbox import NewNotice
from ganzhi.warehouse.workplace import Workplace

READERS: Final = ("handler", "manager")
"""Roles that are told."""
PAST: Final = timedelta(days=1)
SYSTEM: Final = Viewer("desk", "desk", "analyst", (), frozenset({"macro", "dynamic", "list"}))
"""For whom the schedule reads tickets; what it tells a target is of the target's units."""


def warn_of_limits(workplace: Workplace, states: States, settings: NotifySettings) -> int:
    """Put a notice of every limit that runs out, or just has, into the outbox; how many of them are new.

    Nothing is asked where nobody is to be told.
    """
    if not any(set(each.roles) & set(READERS) for each in settings.targets.values()):
        return 0
    found = gather(Reader(workplace, states, SYSTEM))
    directory = Directory(workplace.catalogue, found.now.astimezone(workplace.zone).date(), workplace.zone)
    acts = workplace.store.desk.of_many("ticket", [each.id for each in found.tickets])
    joined = join(workplace.catalogue, found, acts, directory)
    tickets = notices(workplace.catalogue, joined, directory, settings, workplace.zone)
    faults = fault_notices(workplace.catalogue, FaultDesk(workplace).faults(SYSTEM).rows, settings, workplace.zone)
    return workplace.store.outbox.enqueue((*tickets, *faults))


def warned(limits: Iterable[Limit]) -> Iterator[Limit]:
    """The limits of a ticket that somebody is to be told of now."""
    for each in limits:
        if each.ended is None and each.left is not None and each.urgency in ("soon", "over") and each.left > -PAST:
            yield each


def notices(
    catalogue: Catalogue, joined: Mapping[str, Joined], directory: Directory, settings: NotifySettings, zone: ZoneInfo
) -> Iterator[NewNotice]:
    """A notice of each limit of an open ticket that runs out or has, to each target that is to know."""
    targets = sorted((name, each) for name, each in settings.targets.items() if set(each.roles) & set(READERS))
    if not targets:
        return
    for name, each in sorted(joined.items()):
        if each.stands.closed:
            continue
        within = set(above(catalogue, each.ticket.unit))
        for limit in warned(each.limits.all):
            for target, told in targets:
                if told.units and not within.intersection(told.units):
                    continue
                yield NewNotice(
                    f"ticket:{name}",
                    told.channel,
                    f"{change_of(limit)}.{target}",
                    {
                        "target": target,
                        "subject": _say(told.lang, "subject", each, limit, directory, zone),
                        "text": _text(told.lang, each, limit, directory, zone, settings.portal_url),
                        "data": _data(name, each, limit),
                    },
                )


def fault_notices(
    catalogue: Catalogue, faults: Iterable[FaultRow], settings: NotifySettings, zone: ZoneInfo
) -> Iterator[NewNotice]:
    """A notice of each fault whose limit runs out or has, to each target that is to know."""
    targets = sorted((name, each) for name, each in settings.targets.items() if set(each.roles) & set(READERS))
    for row in faults:
        if row.kept is not None or row.urgency not in ("soon", "over") or row.left <= -PAST:
            continue
        within = set(above(catalogue, row.unit))
        for target, told in targets:
            if told.units and not within.intersection(told.units):
                continue
            due = f"{row.due.astimezone(zone):%Y-%m-%d %H:%M}"
            subject = say(told.lang, f"desk.fault_notice.subject_{row.urgency}", title=row.title, due=due)
            lines = [
                subject,
                say(
                    told.lang, "desk.notice.with", department=row.department_name.in_(told.lang), owner=row.owner or "–"
                ),
            ]
            if settings.portal_url:
                lines.append(f"{settings.portal_url.rstrip('/')}/complaints/faults/{row.id}")
            data = {
                "fault": row.id,
                "due": row.due.isoformat(),
                "urgency": row.urgency,
                "department": row.department,
                "owner": row.owner,
                "unit": row.unit,
            }
            yield NewNotice(
                f"fault:{row.id}",
                told.channel,
                f"{row.urgency}.{row.due:%Y%m%d%H%M}.{target}",
                {"target": target, "subject": subject, "text": "\n".join(lines), "data": data},
            )


def change_of(limit: Limit) -> str:
    """What names a limit and its end."""
    return f"{limit.urgency}.{limit.why}.{limit.of}.{limit.due:%Y%m%d%H%M}"


def _say(lang: Lang, key: str, each: Joined, limit: Limit, directory: Directory, zone: ZoneInfo) -> str:
    assert limit.due is not None
    what = say(lang, f"desk.limit.{limit.why}", department=directory.name(limit.of).in_(lang))
    due = f"{limit.due.astimezone(zone):%Y-%m-%d %H:%M}"
    return say(lang, f"desk.notice.{key}_{limit.urgency}", id=each.ticket.id, limit=what, due=due)


def _text(lang: Lang, each: Joined, limit: Limit, directory: Directory, zone: ZoneInfo, portal: str) -> str:
    with_whom = directory.name(each.stands.department).in_(lang)
    lines = [
        _say(lang, "subject", each, limit, directory, zone),
        say(lang, "desk.notice.with", department=with_whom, owner=each.stands.owner or "–"),
    ]
    if portal:
        lines.append(f"{portal.rstrip('/')}/complaints/tickets/{each.ticket.id}")
    return "\n".join(lines)


def _data(name: str, each: Joined, limit: Limit) -> dict[str, object]:
    assert limit.due is not None
    return {
        "ticket": name,
        "limit": limit.why,
        "of": limit.of,
        "due": limit.due.isoformat(),
        "urgency": limit.urgency,
        "department": each.stands.department,
        "owner": each.stands.owner,
        "unit": each.ticket.unit,
    }
