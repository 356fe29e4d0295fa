"""What runs when: the schedule as one literal table, and the loop that works it off.

A schedule's due times are computed from the clock alone, fired once among all processes (a row of
the store per due time) and worked off as leased jobs, so any number of processes may run this
loop. What was missed while nothing ran is done once and the rest recorded as skipped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from ganzhi.access.rights import ROLES, Viewer
from ganzhi.base.errors import GanzhiError
from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.minutes import is_minute_rule, minute_feeds, minute_rules
from ganzhi.complaints.desk.notices import warn_of_limits
from ganzhi.complaints.reports.document import KINDS
from ganzhi.complaints.reports.due import Maker, units_kept
from ganzhi.improve.clocks import tick
from ganzhi.improve.daily import Daily, daily, make_report, reports_made
from ganzhi.improve.findings import Findings
from ganzhi.improve.heard import hear_all
from ganzhi.improve.rules import Rules
from ganzhi.ingest.stream.counting import kept_since
from ganzhi.measure.build.imports.desk import sweep_uploads
from ganzhi.measure.build.panorama.brief import brief, watched
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.known import arrived_days
from ganzhi.measure.open import States, open_states
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.tables import GRAINS
from ganzhi.measure.refresh import fold, refresh
from ganzhi.measure.reported.close import Rule, close_due
from ganzhi.measure.states.retention import expire
from ganzhi.measure.views.panorama.brief import Brief
from ganzhi.measure.views.query import PageQuery
from ganzhi.notify.brief import brief_notices
from ganzhi.notify.complaints import complaint_notices, units_told
from ganzhi.notify.report import READERS, report_notices
from ganzhi.report.support.due import SupportMaker
from ganzhi.store.findings.records import Finding
from ganzhi.store.jobs import Claim, NewJob
from ganzhi.store.leases import LeaseLostError, is_gone, worker_name
from ganzhi.store.manifest import Snapshot
from ganzhi.trace.ivr.run import has_menu
from ganzhi.trace.ivr.run import run as rebuild_sessions
from ganzhi.trace.run import run as link_chains
from ganzhi.warehouse.compact import compact
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.evaluate import Judges, evaluate_days, rules_in_force
from ganzhi.warn.limits.desk import ThresholdDesk
from ganzhi.warn.limits.inforce import in_force
from ganzhi.wiring import Workspace, findings_of, send_notices

LEASE_S = 120.0
"""So long a job of a process that vanished waits before another takes it over; see `Jobs.abandon` for the same machine."""
IDLE_S = 1.0
JOBS_KEPT_DAYS = 30
JUDGED_BACK_DAYS = 3
"""Days before the last on which anything arrived that are judged again, for what came late."""
JUDGED_FIRST_DAYS = 7
"""The same, when a process judges a rule for the first time: what happened while nothing ran."""
REPORTED_AFTER = timedelta(hours=8)
"""So long after its end a day's report is made; what arrives later stands in the next."""
JUDGED_AGAIN = timedelta(hours=24)
"""After so long rules are judged again, whether anything was computed meanwhile or not."""

Work = Callable[[Workspace], object]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A kind of job and how often it is due.

    every_s: interval; due times are its multiples since 1970-01-01 UTC, so all processes agree.
    None takes the workspace's `serve.refresh_every_s`. first: pages wait for it, so it goes before all else that is due.
    """

    kind: str
    every_s: int | None
    work: Work
    first: bool = False


def _sweep(workspace: Workspace) -> None:
    clock = workspace.workplace.clock
    workspace.workplace.store.jobs.forget(clock.now() - timedelta(days=JOBS_KEPT_DAYS))
    sweep_uploads(workspace.workplace)
    for feed in minute_feeds(workspace.workplace.catalogue):
        since = kept_since(clock.now(), workspace.workplace.zone)
        workspace.workplace.store.minutes.drop_before(feed, since)
    sweep(workspace.workplace, grace_s=workspace.settings.keep.retired_hours * 3600.0)


def _compact(workspace: Workspace) -> None:
    place: Workplace = workspace.workplace
    fold(place)
    for table in place.store.manifest.snapshot().tables():
        if table.startswith(("rows/", "quarantine/")):
            compact(place, table)


def _expire(workspace: Workspace) -> None:
    if workspace.settings.keep.drop_expired:
        expire(workspace.workplace)


def _ivr(workspace: Workspace) -> None:
    if has_menu(workspace.workplace):
        rebuild_sessions(workspace.workplace)


def _close(workspace: Workspace) -> None:
    close_due(workspace.workplace, closing_rules(workspace.settings))


def closing_rules(settings: Settings) -> tuple[Rule, ...]:
    """After how many days periods are closed by themselves, as the settings declare it."""
    after, own = settings.close.model_dump(), settings.operator_week
    rules = [(grain, after[f"{grain.value}_after_days"]) for grain in GRAINS]
    rules += [(own, after["operator_week_after_days"])] if own is not None else []
    return tuple(Rule(grain, days) for grain, days in rules if days)


def feeds_below(catalogue: Catalogue, indicator: str) -> tuple[str, ...]:
    """The feeds that an indicator and all that supports it are computed from, sorted."""
    seen: set[str] = set()
    below = [indicator]
    while below:
        code = below.pop()
        if code not in seen:
            seen.add(code)
            below += catalogue.children(code)
    return tuple(sorted({feed for code in seen if (feed := catalogue.indicator(code).feed) is not None}))


def last_arrival(place: Workplace, indicator: str) -> date | None:
    """The last day on which anything arrived of what an indicator is computed from; None when nothing did. What was
    brought in of times past does not count: nobody is warned of it."""
    days = (_live_days(place, feed) for feed in feeds_below(place.catalogue, indicator))
    return max((day for of_feed in days for day in of_feed), default=None)


def _live_days(place: Workplace, feed: str) -> Iterator[date]:
    """The days of which anything arrived, but not only of times past."""
    arrived = (day for day, (share, _) in arrived_days(place, feed).items() if share)
    past = {code for code, each in place.catalogue.mappings.items() if each.past and each.feed == feed}
    if not past:
        yield from arrived
        return
    live = {each.day for each in place.store.ledger.arrivals(feed) if each.mapping not in past}
    yield from (day for day in arrived if day in live)


@dataclass
class Judging:
    """Judges warning rules when something was computed since, and lets what they say become findings.

    What was learnt of series is kept from turn to turn, for one store. done: per rule the state files that were judged,
    and when; a rule whose feeds did not change rests. Judged twice is the same as judged once, so a turn that was cut short is simply done again.
    """

    store: str = ""
    judges: Judges = field(default_factory=Judges)
    done: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def __call__(self, workspace: Workspace) -> None:
        """Judge every rule that is due; what cannot be judged is reported once all others were."""
        place = workspace.workplace
        if self.store != place.store.id:
            self.store, self.judges, self.done = place.store.id, Judges(), {}
        snapshot, now = place.store.manifest.snapshot(), place.clock.now()
        streamed = {each.feed for each in place.store.streams.all()}
        codes = [code for code in place.catalogue.warning_rules if not self._is_elsewhere(place, code, streamed)]
        standing = {code: self._standing(place, snapshot, code) for code in codes}
        due = [code for code, state in standing.items() if self._due(code, state, now)]
        failed: GanzhiError | None = None
        if not due:
            return
        with open_states(place, snapshot=snapshot) as reading:
            findings = findings_of(workspace, reading)
            for code in due:
                try:
                    self._judge(place, reading, findings, code)
                    self.done[code] = (standing[code], now)
                except GanzhiError as error:
                    failed = failed or error
        if failed is not None:
            raise failed

    @staticmethod
    def _is_elsewhere(place: Workplace, code: str, streamed: Collection[str]) -> bool:
        """Whether a rule is judged as values come: always when it is finer than a quarter of an hour, else where its
        feed is a stream."""
        rule = place.catalogue.warning_rules[code]
        feed = place.catalogue.indicator(rule.indicator).feed
        return is_minute_rule(rule) and (rule.grain is not Grain.QUARTER_HOUR or feed in streamed)

    def report(self, workspace: Workspace) -> None:
        """Make each level's daily report once its day is over and every rule was judged in this process (S003-015)."""
        place = workspace.workplace
        streamed = {each.feed for each in place.store.streams.all()}
        codes = {code for code in rules_in_force(place.catalogue) if not self._is_elsewhere(place, code, streamed)}
        if self.store != place.store.id or not codes <= set(self.done):
            return
        for level in READERS:
            rules = minute_rules(place.catalogue) | {code: place.catalogue.warning_rules[code] for code in self.done}
            of_level = [code for code, rule in rules.items() if rule.level == level]
            arrived = [last_arrival(place, place.catalogue.warning_rules[code].indicator) for code in of_level]
            last = max((day for day in arrived if day is not None), default=None)
            if last is not None:
                _make_report(workspace, level, last if _is_over(place, last) else last - timedelta(days=1))

    @staticmethod
    def _standing(place: Workplace, snapshot: Snapshot, code: str) -> str:
        """A word for the state files of the rule's feeds and the thresholds it judges by."""
        approved = repr(in_force(place.store, code).standing)
        feeds = feeds_below(place.catalogue, place.catalogue.warning_rules[code].indicator)
        starts = tuple(f"day/{feed}/" for feed in feeds)
        return digest(
            approved,
            *(str(file.id) for name in snapshot.tables() if name.startswith(starts) for file in snapshot.table(name)),
        )

    def _due(self, code: str, state: str, now: datetime) -> bool:
        last = self.done.get(code)
        return last is None or last[0] != state or now - last[1] >= JUDGED_AGAIN

    def _judge(self, place: Workplace, reading: States, findings: Findings, code: str) -> None:
        last = last_arrival(place, place.catalogue.warning_rules[code].indicator)
        if last is None:
            return
        back = JUDGED_BACK_DAYS if code in self.done else JUDGED_FIRST_DAYS
        for signals in evaluate_days(place, reading, code, last - timedelta(days=back - 1), last, self.judges):
            findings.hear(hear_all([each.as_json() for each in signals]))


def _is_over(place: Workplace, day: date) -> bool:
    """Whether so much time has passed since a local day that its report can be made."""
    return place.clock.now() >= datetime.combine(day, time(), place.zone) + timedelta(days=1) + REPORTED_AFTER


def _make_report(workspace: Workspace, level: str, day: date) -> None:
    place = workspace.workplace
    store, rules = place.store, Rules(place.catalogue)
    made = [each for each in reports_made(store) if each.level == level]
    if any(each.day >= day for each in made):
        return
    since = max((each.made_at for each in made), default=datetime.fromtimestamp(0, UTC))
    codes = {code for code, rule in place.catalogue.warning_rules.items() if rule.level == level}

    def daily_of(units: tuple[str, ...]) -> Daily:
        def keep(finding: Finding) -> bool:
            concerned = not units or not set(units).isdisjoint(rules.above(finding.unit))
            return finding.rule in codes and concerned

        return daily(store, since, keep=keep)

    store.outbox.enqueue(report_notices(level, day, workspace.settings.notify, daily_of))
    if level == "product":
        _push_brief(workspace, day)
    make_report(store, level, day)


def _thresholds(workspace: Workspace) -> None:
    """Propose the next month's thresholds of every rule that can have them, once (S003-013)."""
    place = workspace.workplace
    with open_states(place) as reading:
        desk = ThresholdDesk(place, lambda: open_states(place))
        for code in rules_in_force(place.catalogue):
            last = last_arrival(place, place.catalogue.warning_rules[code].indicator)
            if last is not None:
                desk.propose_due(code, last, reading)


def _clocks(workspace: Workspace) -> None:
    feeds = minute_feeds(workspace.workplace.catalogue)
    if not feeds:
        tick(findings_of(workspace))
        return
    # What was raised as values came has no sample yet: its records are in states since the last refresh.
    with open_states(workspace.workplace, feeds) as reading:
        tick(findings_of(workspace, reading))


def _tickets(workspace: Workspace) -> None:
    """Warn of limits of complaint tickets before they run out (S000-089)."""
    with open_states(workspace.workplace) as states:
        warn_of_limits(workspace.workplace, states, workspace.settings.notify)


def _deliver(workspace: Workspace) -> None:
    """Send what is due; without targets in the settings there is nothing in the outbox."""
    send_notices(workspace)


def _push_brief(workspace: Workspace, day: date) -> None:
    """Tell those who lead which indicators were not as usual on a day (S002-011)."""
    place = workspace.workplace
    catalogue = place.catalogue
    topics = sorted(catalogue.topics, key=lambda code: (catalogue.topics[code].order, code))

    def brief_of(units: tuple[str, ...]) -> Brief:
        with open_states(place) as states:
            reader = Reader(place, states, Viewer("warn", "warn", "leader", units, ROLES["leader"].rights))
            scope = scope_of(reader, PageQuery(None, day.isoformat(), None, None))
            return brief(reader, scope, watched(catalogue, topics, reader.fed))

    place.store.outbox.enqueue(brief_notices(day, workspace.settings.notify, brief_of))


JUDGING = Judging()
"""What this process has learnt of series and judged."""

REPORTS = Maker()
"""Which reports of complaints this process has made, or found to say what they said."""


def _complaint_reports(workspace: Workspace) -> None:
    """Make the reports of complaints that are due; the intake report once every rule was judged in this process."""
    place, settings = workspace.workplace, workspace.settings.notify
    judged = JUDGING.store == place.store.id and bool(JUDGING.done)
    root = place.catalogue.root_unit
    with open_states(place) as states:
        told = units_told(settings, root, frozenset(place.catalogue.units))
        REPORTS.turn(
            place,
            states,
            units_kept(place.catalogue, told, workspace.settings.keep.report_levels),
            [kind for kind in KINDS if judged or kind != "intake"],
            lambda kind, unit, period, report, number: complaint_notices(
                kind, unit, period, report, number, settings, root
            ),
        )


SUPPORT = SupportMaker()
"""Which monthly reports on support services this process has made, or found to say what they said."""


SCHEDULE: tuple[Scheduled, ...] = (
    Scheduled("ivr", 900, _ivr),
    Scheduled("trace", 900, lambda open_: link_chains(open_.workplace)),
    Scheduled("refresh", None, lambda open_: refresh(open_.workplace), first=True),
    Scheduled("warn", None, JUDGING),
    Scheduled("reports", 300, JUDGING.report),
    Scheduled("complaint_reports", 900, _complaint_reports),
    Scheduled("support_reports", 3600, lambda open_: SUPPORT.make_due(open_.workplace, open_.settings.notify)),
    Scheduled("clocks", 60, _clocks),
    Scheduled("tickets", 300, _tickets),
    Scheduled("thresholds", 6 * 3600, _thresholds),
    Scheduled("notify", 30, _deliver),
    Scheduled("compact", 3600, _compact),
    Scheduled("publish", 3600, lambda open_: publish(open_.workplace), first=True),
    Scheduled("expire", 24 * 3600, _expire),
    Scheduled("sweep", 6 * 3600, _sweep),
    Scheduled("close", 3600, _close),
)
"""The whole schedule; nothing else starts work by itself."""


def due_times(every_s: int, after: datetime | None, now: datetime) -> tuple[datetime, ...]:
    """Multiples of the interval after `after`, up to now; only the last one when nothing was fired yet.

    >>> [t.minute for t in due_times(60, datetime(2026, 1, 1, 0, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 3, tzinfo=UTC))]
    [2, 3]
    """
    step = timedelta(seconds=every_s)
    last = datetime.fromtimestamp(now.timestamp() // every_s * every_s, UTC)
    if after is None or after >= last:
        return (last,) if after is None else ()
    count = min(int((last - after) / step), 10_000)
    return tuple(last - step * back for back in reversed(range(count)))


class Runner:
    """Fires what is due and works off jobs, one at a time, until told to stop.

    on_failure: told of every job that failed, with the error; the job itself is retried by the store.
    """

    def __init__(
        self,
        workspace: Workspace,
        schedule: Sequence[Scheduled] = SCHEDULE,
        on_failure: Callable[[str, GanzhiError], None] | None = None,
    ) -> None:
        self._workspace = workspace
        self._schedule = {each.kind: each for each in schedule}
        self._on_failure = on_failure
        self._worker = worker_name()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.last_turn: datetime | None = None

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 10.0) -> bool:
        """Ask the loop to stop after the job in hand; whether it has stopped in time."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(wait_s)
        return self._thread is None or not self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self.turn()
            except GanzhiError as error:
                self._report("schedule", error)
                worked = False
            if not worked:
                self._stopping.wait(IDLE_S)

    def turn(self) -> bool:
        """Fire what is due, then work off one job; whether there was one. At the first turn, what processes of this machine
        that live no more had begun is taken over, and what pages wait for is due: the dictionary may have changed."""
        jobs = self._workspace.workplace.store.jobs
        first = [each.kind for each in self._schedule.values() if each.first]
        if self.last_turn is None:
            jobs.abandon(is_gone)
            for kind in first:
                jobs.enqueue(NewJob(kind, "schedule"))
        self.last_turn = self._workspace.workplace.clock.now()
        self._fire()
        claim = jobs.claim(self._worker, first, LEASE_S) or jobs.claim(self._worker, tuple(self._schedule), LEASE_S)
        if claim is None:
            return False
        self._work(claim)
        return True

    def _fire(self) -> None:
        jobs = self._workspace.workplace.store.jobs
        now = self._workspace.workplace.clock.now()
        for each in self._schedule.values():
            every_s = each.every_s or self._workspace.settings.serve.refresh_every_s
            *missed, last = due_times(every_s, jobs.last_fired(each.kind), now) or (None,)
            for due_at in missed:
                if due_at is not None:
                    jobs.skip(each.kind, due_at, "a later due time stands for it")
            if last is not None:
                jobs.fire(each.kind, last, NewJob(each.kind, "schedule"))

    def _work(self, claim: Claim) -> None:
        jobs = self._workspace.workplace.store.jobs
        try:
            with self._kept_alive(claim):
                self._schedule[claim.kind].work(self._workspace)
            jobs.finish(claim)
        except LeaseLostError as error:
            self._report(claim.kind, error)
        except GanzhiError as error:
            self._report(claim.kind, error)
            jobs.fail(claim, str(error))

    @contextmanager
    def _kept_alive(self, claim: Claim) -> Iterator[None]:
        """Extend the lease for as long as the work takes; a lost lease shows when the job is finished."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(LEASE_S / 3):
                try:
                    self._workspace.workplace.store.jobs.heartbeat(claim, LEASE_S)
                except GanzhiError as error:
                    self._report(claim.kind, error)

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _report(self, kind: str, error: GanzhiError) -> None:
        if self._on_failure is not None:
            self._on_failure(kind, error)
