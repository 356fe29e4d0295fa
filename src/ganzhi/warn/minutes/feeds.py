"""All rules of a feed that are judged as values come, with what they have learnt; one per feed and process.

Reads from the store what changed since the last time, whoever changed it, so that files, streams and replays are judged
alike. Counts that are behind the rows are counted anew first. Once a day, and when the catalogue changes, everything is
learnt again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from ganzhi.compile.minutes import minute_plan
from ganzhi.ingest.stream.counting import kept_since, recount
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.limits.inforce import InForce, in_force
from ganzhi.warn.minutes.past import Past, read_past
from ganzhi.warn.minutes.watch import Now, Watch
from ganzhi.warn.signal import Signal

ASKED_EVERY: Final = timedelta(seconds=30)
"""How often approved thresholds are looked up."""


class FeedWatch:
    """The watches of one feed."""

    def __init__(self, workplace: Workplace, feed: str) -> None:
        self._workplace, self.feed = workplace, feed
        self._watches: list[Watch] = []
        self._learnt: tuple[date, str] | None = None
        self._approved: dict[str, InForce] = {}
        self._asked: datetime | None = None
        self._seen = 0

    def prepare(self) -> None:
        """Count what is behind and learn the past, before the first turn has to wait for it."""
        if minute_plan(self._workplace.catalogue, self.feed) is not None:
            recount(self._workplace, self.feed)
            self._learn(self._workplace.clock.now())

    def turn(self) -> Iterator[list[Signal]]:
        """The signals of what changed since the last turn, rule by rule and period by period."""
        place = self._workplace
        plan = minute_plan(place.catalogue, self.feed)
        if plan is None:
            return
        now = place.clock.now()
        head = place.store.minutes.head(self.feed)
        if head is None or head.mark != plan.mark:
            recount(place, self.feed)
            self._learnt = None
        if self._is_decided(now, plan.rules):
            self._learnt = None
        self._learn(now)
        head, number, counts = place.store.minutes.read(self.feed, self._seen, self._first_minute())
        if head is None or head.mark != plan.mark:
            return  # somebody has changed rows in this very moment; they are counted next time
        self._seen = max(self._seen, number)
        at = Now(now, self.heard_until(), head.since)
        for watch in self._watches:
            watch.put(counts)
            yield from watch.judge(at)

    def _is_decided(self, now: datetime, codes: Sequence[str]) -> bool:
        """Whether thresholds were approved or put back since they were asked for; looked up once in a while."""
        if self._asked is not None and timedelta() <= now - self._asked < ASKED_EVERY:
            return False
        self._asked = now
        return any(in_force(self._workplace.store, code) != self._approved.get(code) for code in codes)

    def heard_until(self) -> datetime | None:
        """Up to when all that happened is believed to have come, by what the feed's streams say."""
        streams = self._workplace.store.streams.all()
        heard = [each.heard_until for each in streams if each.feed == self.feed and each.state != "stopped"]
        known = [each for each in heard if each is not None]
        return min(known) if known and len(known) == len(heard) else None

    def _first_minute(self) -> int:
        return min((watch.first_minute for watch in self._watches), default=0)

    def _learn(self, now: datetime) -> None:
        """Make the watches, when there are none of this day and catalogue."""
        place = self._workplace
        plan = minute_plan(place.catalogue, self.feed)
        assert plan is not None
        today = now.astimezone(place.zone).date()
        if self._learnt == (today, plan.mark):
            return
        self._approved = {code: in_force(place.store, code) for code in plan.rules}
        place.store.minutes.drop_before(self.feed, kept_since(now, place.zone))
        pasts: dict[int, Past] = {}
        at = Now(now, None, now)
        self._watches = []
        for code in plan.rules:
            minutes = place.catalogue.warning_rules[code].grain.minutes or 0
            if minutes not in pasts:
                pasts[minutes] = read_past(place, plan, today, minutes)
            self._watches.append(
                Watch(place.catalogue, plan, code, place.zone, pasts[minutes], at, self._approved[code])
            )
        self._learnt, self._seen = (today, plan.mark), 0
