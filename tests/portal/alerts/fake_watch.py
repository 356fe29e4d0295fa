"""Ports of what surrounds warnings, over two made-up versions of thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, period_at
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade
from ganzhi.numerics.association import Lead
from ganzhi.portal.ports.watch import ThresholdPorts, WatchPorts
from ganzhi.store.findings.records import Threshold
from ganzhi.warn.breaks import Breaks, Broken, Near
from ganzhi.warn.footfall.today import HallToday, SlotRow
from ganzhi.warn.leading import Leading, LeadingReport
from ganzhi.warn.limits.desk import Decision
from ganzhi.warn.limits.views import LineRow, RuleRow, Skipped, ThresholdsPage, VersionPage, VersionRow
from ganzhi.warn.surroundings import CalendarPage, Marked, Moved, MovesPage, OccasionPage
from tests.portal import numbers as n

WAITING, HOLDING = (f"019b0000-0000-7000-8000-0000000001{place:02}" for place in (1, 2))
LIMITS: dict[Grade, float] = {"blue": 262.0, "yellow": 281.0, "orange": 300.0, "red": 318.0}


class Watch:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named
        self.done: list[tuple[str, ...]] = []

    def ports(self) -> WatchPorts:
        empty = self.variant == "empty"
        return WatchPorts(
            thresholds=ThresholdPorts(self.page, self.version, self.propose, self.decide, self.take_in, self.table),
            calendar=lambda month: calendar_of(month, empty=empty),
            occasion=lambda code: occasion_of(code, empty=empty),
            moves=lambda code, _unit: moves_of(code, empty=empty),
            hall=lambda unit, day: hall_of(unit, day, named=self._named, empty=empty),
        )

    def _row(self, identity: str) -> VersionRow:
        waiting = identity == WAITING
        return VersionRow(
            id=identity,
            rule="complaints.volume",
            rule_name=self._named(n.text("投诉量", "Complaint volume")),
            number=2 if waiting else 1,
            state="proposed" if waiting else "approved",
            first=date(1999, 2 if waiting else 1, 1),
            holds=not waiting,
            later=False,
            lines=2,
            proposed_by="warn" if waiting else "ann",
            decided_by=None if waiting else "bob",
            decided_at=None if waiting else n.NOW,
            made_at=n.NOW,
            reason="month 1999-02",
            source="month 1999-02",
            note="",
            version=1,
            grade="yellow",
            new=(12, 3, 1) if waiting else (7, None, None),
            old=(15, 8, 2) if waiting else None,
        )

    def page(self) -> ThresholdsPage:
        empty = self.variant == "empty"
        holding = self._row(HOLDING)
        rules = (
            RuleRow(
                "complaints.volume", holding.rule_name, None if empty else holding, proposable=True, declared=False
            ),
            RuleRow("hall.wait", self._named(n.text("等候", "Waits")), None, proposable=False, declared=True),
        )
        waiting = () if empty else (self._row(WAITING),)
        return ThresholdsPage(rules, waiting, () if empty else (holding,), ("1999-01", "1999-02"), may=True)

    def version(self, given: str) -> VersionPage:
        if given not in (WAITING, HOLDING):
            raise InputError(Issue("FND014", given[:64]))
        basis = {
            "how": "model", "days": 700, "mean_daily": 240.5, "mean_monthly": 7215.0, "growth": 0.031, "before": 1,
            "old_daily": LIMITS, "old_monthly": {},
            "tried": {"grade": "yellow", "days": 365, "told": 4, "new": {"alarms": 12, "false": 3, "missed": 1}, "old": None},
        }  # fmt: skip
        cut = ((n.text("来电类型", "Call type"), self._named(n.text("个人业务", "Private"))),)
        place = self._named(n.UNITS["AB"])
        more = {grade: limit * 30 for grade, limit in LIMITS.items()}
        lines = (
            LineRow("AB", place, (), LIMITS, {g: v + 40 for g, v in LIMITS.items()}, more, basis),
            LineRow("AB", place, cut, LIMITS, {}, {}, basis | {"how": "recent", "days": 40, "growth": None}),
        )
        skipped = (Skipped(place, cut, "too_little_history", {"days": "9", "needed": "28"}),)
        acts = ("approve", "reject") if given == WAITING else ()
        empty = self.variant == "empty"
        return VersionPage(
            self._row(given), "count", 0, (1, 26), () if empty else lines, () if empty else skipped, 3, acts
        )

    def _kept(self, what: str, identity: str) -> Threshold:
        self.done.append((what, identity))
        return Threshold(identity, "complaints.volume", 2, {}, "proposed", "warn", "x", "", n.NOW, None, None, "", 1)

    def propose(self, code: str, month: date, grade: Grade) -> Threshold:
        if code != "complaints.volume":
            raise InputError(Issue("WRN037", code[:64]))
        return self._kept(f"propose {month} {grade}", WAITING)

    def decide(self, given: str, what: Decision, seen: int, note: str) -> Threshold:
        if seen != self.version(given).row.version:
            raise InputError(Issue("FND015", given, params={"state": "approved", "by": "bob"}))
        return replace(self._kept(what, given), note=note)

    def take_in(self, name: str, content: bytes) -> tuple[Threshold, ...]:
        if not content.startswith(b"rule,"):
            raise InputError(Issue("WRN038", name[:64], params={"lacking": "rule", "strange": "x"}))
        return (self._kept("import", WAITING),)

    def table(self, form: str) -> bytes:
        return b"rule,from\r\n" if form == "csv" else b"PK"


def hall_of(unit: str, day: date | None, *, named: Callable[[Text], Text], empty: bool) -> HallToday | None:
    """A hall at a quarter past ten: two periods over, one of them too long a wait, two to come."""
    if unit != "AB-2":
        raise InputError(Issue("REQ012", unit, params={"near": "AB-2"}))
    if empty:
        return None
    on = day or date(1999, 1, 20)
    made = (
        (9, 0, 12.0, 9.5, 14.0, 3.0, 130.0, None),
        (9, 30, 19.0, 11.0, 14.0, 3.0, 910.0, "yellow"),
        (10, 0, None, 12.5, 6.0, 2.0, 1500.0, "orange"),
        (10, 30, None, 9.0, 8.0, 2.0, 2e9, "red"),
    )
    rows = tuple(
        SlotRow(
            period_at(Grain.HALF_HOUR, datetime(on.year, on.month, on.day, h, m, tzinfo=n.ZONE), n.ZONE),
            came,
            expected,
            capacity,
            desks,
            wait,
            grade,
            hidden=False,
        )
        for h, m, came, expected, capacity, desks, wait, grade in made
    )
    return HallToday(
        unit,
        named(n.UNITS["AB-2"]),
        on,
        "halls.footfall_ahead",
        named(n.text("客流超出接待能力", "Footfall beyond capacity")),
        next(row[1] for row in n.ROWS if row[1].code == "hotline.calls"),
        "calls",
        rows,
        2,
        True,
        True,
        31,
        52.5,
        340.0,
        8,
        600.0,
        3,
    )


RELEASE = "release.billing"
SPAN = Marked(
    RELEASE,
    "release",
    n.text("计费新版本上线", "New billing release"),
    date(1999, 1, 8),
    date(1999, 1, 10),
    False,
    (),
    (),
)


def _broken(near: tuple[Near, ...]) -> Broken:
    return Broken("hotline.answer_rate", date(1999, 1, 11), 92.5, 81.0, 0.002, 0.004, near)


def breaks_found(found: tuple[Broken, ...]) -> Breaks:
    return Breaks(date(1998, 2, 1), date(1999, 1, 31), 40, 0.1, found)


def calendar_of(month: date | None, *, empty: bool) -> CalendarPage:
    first = (month or date(1999, 1, 1)).replace(day=1)
    bills = Marked("billing", "billing", n.text("出账日", "Bills"), first, first, True, (n.UNITS["AB"],), ())
    return CalendarPage(first, () if empty else (bills, SPAN), date(1998, 12, 1), date(1999, 2, 1), (date(1999, 1, 1),))


def occasion_of(code: str, *, empty: bool) -> OccasionPage:
    if code not in (RELEASE, "billing"):
        raise InputError(Issue("WRN042", code[:64], params={"near": RELEASE}))
    near = (Near(RELEASE, "release", SPAN.name, SPAN.first, "first", 3),)
    about = n.subject("hotline.answer_rate", "接通率", "Answer rate", "%", "higher")
    release = code == RELEASE
    moved = (Moved(about, _broken(near)),) if release and not empty else ()
    return OccasionPage(
        code, "release" if release else "billing", SPAN.name, n.text("版本单 17", "Release note 17"), (SPAN,) if release else (),
        None if release else 1, n.UNITS["AB"], breaks_found(()) if release else None, moved,
    )  # fmt: skip


def moves_of(code: str, *, empty: bool) -> MovesPage:
    about = n.subject("hotline.answer_rate", "接通率", "Answer rate", "%", "higher")
    if not code.startswith("hotline."):
        raise InputError(Issue("REQ010", code[:64], params={"near": about.code}))
    near = (Near(RELEASE, "release", SPAN.name, SPAN.first, "first", 3),)
    rows = tuple(
        Leading("hotline.calls", Lead(0, lag, r, 230, 221.4, 1e-5, 0.004, 0.31, 118, 0.07, lag == 4), r > 0)
        for lag, r in ((4, 0.42), (9, -0.2))
    )
    report = LeadingReport(
        about.code, "AB", date(1998, 2, 1), date(1999, 1, 31), 350, not empty, 30, 2, 420, () if empty else rows
    )
    other = n.subject("hotline.calls", "来话量", "Calls", "count", "lower")
    found = () if empty else (_broken(near), _broken(()))
    return MovesPage(about, "AB", n.UNITS["AB"], breaks_found(found), report, {other.code: other})
