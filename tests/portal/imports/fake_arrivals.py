"""Made-up arrivals: sources by day, loads, refused rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.arrival import ArrivalPage, DayArrival, LoadRow, RejectedRow, RejectsPage, SourceArrival
from tests.portal import numbers as n


@dataclass(frozen=True)
class Arrivals:
    """What arrived, in a variant of the fake house. attack: what a hostile file says, empty in the other variants."""

    variant: str
    named: Callable[[Text], Text]
    attack: str

    def load(self) -> LoadRow:
        return LoadRow(
            id="019b0000-0000-7000-8000-000000000001",
            feed="calls",
            feed_name=n.text("话务记录", "Call records"),
            mapping="anonymous_bank",
            file=self.attack or "january.txt.gz",
            state="accepted",
            read=31599,
            accepted=31564,
            duplicate=0,
            replaced=0,
            rejected=35,
            filtered=0,
            blanked=33,
            noted=2,
            first_day=date(1999, 1, 1),
            last_day=date(1999, 1, 31),
            finished_at=n.NOW,
            reasons=(("ING021", 33), ("ING030", 2)),
        )

    def arrival(self) -> ArrivalPage:
        if self.variant == "empty":
            return ArrivalPage((), (), 0, "telecom 0.1+4f2a9c01d7be")
        dice = random.Random(1)
        days = tuple(
            DayArrival(here, None if here in n.MISSING else dice.randint(500, 1400), 1050.0, day == 14)
            for day in range(31)
            for here in (date(1999, 1, 1) + timedelta(days=day),)
        )
        owner = n.text("热线平台组", "Hotline platform team")
        sources = (
            SourceArrival(
                "calls",
                self.named(n.text("话务记录", "Call records")),
                "short",
                owner,
                "day",
                30,
                date(1999, 1, 31),
                n.NOW,
                31564,
                days,
            ),
            SourceArrival(
                "tickets", n.text("投诉工单", "Complaint tickets"), "never", None, "hour", 6, None, None, 0, ()
            ),
        )
        loads = (self.load(), replace(self.load(), id="x2", state="rejected", rejected=0, reasons=()))
        return ArrivalPage(sources, loads, 2, "telecom 0.1", streams=n.STREAMS)

    def rejects(self, load: str, page: int) -> RejectsPage:
        if load != self.load().id:
            raise InputError(Issue("ING404", load[:64]))
        raw = self.attack or "AA0101\t33116\t9664491\t2\tPS\t990101\t0:00:31"
        rows = tuple(RejectedRow("january.txt.gz", 1000 + k, "ivr_s", "-7", "ING021", None, raw) for k in range(35))
        return RejectsPage(self.load(), rows, 35, page, 1)
