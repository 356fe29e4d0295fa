"""The incidents that can be let loose on the province, each a literal set of pulls with its story.

An incident is named on the command line; its window is placed relative to the simulation's last day, so that
some are over and some still running at the end, unless it is given a date of its own. Sizes are ours unless
a source is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from ganzhi.province.calendar import DAY_S, EPOCH
from ganzhi.province.levers import Levers, Pull, Shape
from ganzhi.province.organisation import Organisation

Draft = tuple[str, int, int, float, tuple[str, ...] | None]
"""lever, first and last second after the incident's start, size, places (None is everywhere)."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An occasion of the operator's calendar: a release on the first day of an incident, or a campaign on all of its days in
    the places where it is."""

    kind: Literal["release", "campaign"]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of incident. days_before_end: its start, counted back from the last day (0 is the last day).
    day: its own date, where the source gives one. lasts_h: hours. story: what happens, in both languages.
    drafts: the levers it pulls, given the organisation. growing: sizes grow from nothing over the window.
    harmless: it looks like an incident and is none. announced: what the operator's calendar says of it beforehand."""

    zh: str
    en: str
    days_before_end: int
    starts_h: float
    lasts_h: float
    story: str
    drafts: Callable[[Organisation], Sequence[Draft]]
    day: date | None = None
    growing: bool = False
    harmless: bool = False
    announced: Announced | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident of one simulation: kind by name, window in seconds (half-open), whether it runs past the end."""

    name: str
    first: int
    last: int
    running: bool


def _hour(hours: float) -> int:
    return round(hours * 3600)


def _everywhere(*parts: tuple[str, float], lasts_h: float) -> Callable[[Organisation], Sequence[Draft]]:
    return lambda _: [(lever, 0, _hour(lasts_h), size, None) for lever, size in parts]


def _recharge_2012(_: Organisation) -> Sequence[Draft]:
    whole = _hour(17)
    return [
        ("orders.invalid", 0, whole, 0.42, None),
        ("database.load", _hour(1), whole, 0.42, None),
        ("hop.late_s", _hour(2), whole, 2_600.0, ("billing",)),
        ("hop.lost", _hour(3), whole, 0.012, ("billing",)),
    ]


def _of_team(organisation: Organisation) -> Sequence[Draft]:
    team = organisation.team_codes[-1]
    return [("team.rude", 0, _hour(24 * 9), 1.6, (team,))]


def _of_hall(lever: str, size: float, lasts_h: float, hall: int) -> Callable[[Organisation], Sequence[Draft]]:
    return lambda places: [(lever, 0, _hour(lasts_h), size, (places.hall_codes[hall % len(places.hall_codes)],))]


def _kiosks(places: Organisation) -> Sequence[Draft]:
    return [("kiosk.no_paper", 0, _hour(60), 0.7, tuple(places.hall_codes[::6]))]


INCIDENTS: Final[dict[str, Kind]] = {
    "recharge-2012": Kind(
        "充值未到账", "Recharges not credited", 0, 7, 17,
        "A release makes billing recompute the validity of funds on the first of the month; invalid notices flood in, "
        "database connections run out, credit and resume come late, over half an hour (S000-074, S000-075).",
        _recharge_2012, day=date(2012, 3, 1),
        announced=Announced("release", "计费版本上线：重算资金有效期", "Billing release: validity of funds recomputed"),
    ),
    "sms-delay": Kind(
        "短信网关时延", "SMS gateway delay", 18, 14, 30, "The gateway queues; reminders and notices come hours late.",
        _everywhere(("sms.late_s", 5_400.0), ("sms.lost", 0.03), lasts_h=30),
    ),
    "provisioning-errors": Kind(
        "开通平台出错", "Provisioning errors", 25, 9, 56, "One network element refuses a share of all orders.",
        lambda _: [("provisioning.failed", 0, _hour(56), 0.28, ("vas",)), ("provisioning.failed", 0, _hour(56), 0.05, ("hlr",))],
    ),
    "plan-campaign": Kind(
        "套餐活动误解", "Confusing campaign", 16, 8, 24 * 8, "An offer in two cities is understood as something else.",
        lambda _: [("campaign.confused", 0, _hour(24 * 8), 0.22, ("NW", "JH"))],
        announced=Announced("campaign", "新春套餐优惠", "New-year plan offer"),
    ),
    "hall-understaffed": Kind(
        "月初厅内缺员", "Hall under-staffed", 1, 0, 24 * 4, "Half of a hall's clerks are missing as the month starts.",
        _of_hall("hall.absent", 0.5, 24 * 4, 0),
    ),
    "kiosk-paper": Kind("自助终端缺纸", "Kiosks out of paper", 8, 10, 60, "Kiosks of several halls run out of paper.", _kiosks),
    "bulk-opening": Kind(
        "工号批量开户", "Bulk activation", 12, 0, 24 * 3, "One staff account opens accounts for nobody.",
        _of_hall("staff.bulk_openings", 90.0, 24 * 3, 5),
    ),
    "sp-unrequested": Kind(
        "合作业务未经订购", "Services nobody ordered", 22, 0, 24 * 10, "A content partner activates services without request.",
        lambda _: [("partner.unrequested", 0, _hour(24 * 10), 2.4, ("SP-07",))],
    ),
    "port-spam": Kind(
        "集团端口垃圾短信", "Group-port spam", 10, 9, 32, "A group port is misused for advertising.",
        _everywhere(("port.spam", 26.0), lasts_h=32),
    ),
    "team-ratings": Kind("班组评价骤降", "Rating collapse of a team", 9, 0, 24 * 9, "One hotline team treats callers badly.", _of_team),
    "menu-change": Kind(
        "菜单改版", "Hidden menu function", 14, 0, 24 * 14, "A menu change hides a function callers look for.",
        lambda _: [("menu.hidden", 0, _hour(24 * 14), 0.65, ("balance",))],
        announced=Announced("release", "语音菜单改版", "New voice menu"),
    ),
    "competitor-offer": Kind(
        "竞争对手优惠", "Competitor's offer", 20, 0, 24 * 20, "A competitor makes an offer in two cities.",
        lambda _: [("competitor.offer", 0, _hour(24 * 20), 9.0, ("WX", "TY"))],
    ),
    "delivery-late": Kind(
        "数据迟到与缺失", "Data late and short", 5, 0, 24 * 2, "A feed comes two days late, another short.",
        lambda _: [
            ("delivery.late_days", 0, _hour(24 * 2), 2.0, ("queue_tickets", "sms_receipts")),
            ("delivery.short", 0, _hour(24 * 2), 0.4, ("enquiries",)),
        ],
    ),
    "slow-drift": Kind(
        "处理时长缓升", "Slow drift of handling times", 40, 0, 24 * 40, "Handling at the hotline slows down day by day.",
        lambda _: [("wait.drift", 0, _hour(24 * 40), 0.35, ("hotline",))], growing=True,
    ),
    "holiday-peak": Kind(
        "节前正常高峰", "Normal holiday peak", 0, 0, 24 * 7, "The week before Spring Festival: much more of everything, and nothing wrong.",
        lambda _: [("load.peak", 0, _hour(24 * 7), 0.30, ("WX", "TY"))], day=date(2012, 1, 15), harmless=True,
    ),
    "network-outage": Kind(
        "基站退服", "Cells out of service", 6, 16, 7, "A power failure takes a third of a county's cells.",
        lambda places: [("network.down", 0, _hour(7), 0.35, (places.county_codes[3],))],
    ),
    "bill-error": Kind(
        "账单差错", "Wrong bills", 28, 0, 24 * 28, "A tariff table is wrong in one city; some bills carry a charge too much.",
        lambda _: [("bill.wrong", 0, _hour(24 * 28), 0.03, ("SL",))],
    ),
    "unrecorded": Kind(
        "有诉未录", "Complaints not recorded", 3, 0, 24 * 4,
        "Agents leave out a fifth of the records: most contacts are still coded as complaints, some as enquiries.",
        _everywhere(("records.skipped", 0.2), lasts_h=24 * 4),
    ),
}  # fmt: skip
"""Every incident by name."""


def window(name: str, day: date | None, last_day: date) -> tuple[int, int]:
    """The seconds of an incident, half-open; day: its start, None for the kind's own place before the last day."""
    kind = INCIDENTS[name]
    start_day = day or kind.day or last_day - timedelta(days=kind.days_before_end)
    first = (start_day - EPOCH).days * DAY_S + _hour(kind.starts_h)
    return first, first + _hour(kind.lasts_h)


def falls_into(name: str, first_day: date, last_day: date) -> bool:
    """Whether an incident in its own place has to do with these days, both included."""
    first, last = window(name, None, last_day)
    return first < ((last_day - EPOCH).days + 1) * DAY_S and last > (first_day - EPOCH).days * DAY_S


def placed(
    named: Sequence[tuple[str, date | None]], organisation: Organisation, last_day: date
) -> tuple[tuple[Incident, ...], Levers]:
    """The incidents of a simulation with their windows, and the levers they pull.

    named: kind and start day (None for the kind's own place), in order; an incident's position is its number.
    """
    incidents: list[Incident] = []
    pulls: list[Pull] = []
    end = ((last_day - EPOCH).days + 1) * DAY_S
    for number, (name, day) in enumerate(named):
        kind = INCIDENTS[name]
        first, last = window(name, day, last_day)
        incidents.append(Incident(name, first, last, running=last >= end))
        shape: Shape = "growing" if kind.growing else "constant"
        pulls += [
            Pull(lever, number, first + a, first + b, size, None if where is None else frozenset(where), shape)
            for lever, a, b, size, where in kind.drafts(organisation)
        ]
    return tuple(incidents), Levers(tuple(pulls))
