"""Where evaluations become findings, and people deal with them until they are closed (S003-007 to S003-018).

Each act is one transaction of the store: the finding, its line of history, the notices it causes and the entry in the
audit trail. Which act is possible is decided by `cycle`, what an evaluation changes by `decide`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.improve.crisis import carried_out
from ganzhi.improve.cycle import KEPT_BACK, step
from ganzhi.improve.decide import PROGRAM, Circumstances, decide, made_known
from ganzhi.improve.effect import Effect, effect
from ganzhi.improve.heard import Heard
from ganzhi.improve.rules import CHECK_WITHIN, MEASURES_WITHIN, Rules, feedback_within
from ganzhi.store.findings.findings import Announce, nobody
from ganzhi.store.findings.records import Change, Entry, Feedback, Finding, Move, Sample, Series, State
from ganzhi.store.open import Store

Draw = Callable[[Finding], Sample | None]
"""From a finding to a sample of the records behind it; None where there are none to draw from."""

PARTS: Final = ("phenomenon", "analysis", "measures")
MOST_OPEN: Final = 100_000


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts. role: as accounts have it; decides who may let a warning out that needs approval."""

    login: str
    role: str


class Findings:
    """The findings of a store under the rules of a catalogue.

    announce: who is to be told of what was done, by default nobody. draw: the sample of a new finding, by default none.
    """

    def __init__(self, store: Store, rules: Rules, announce: Announce = nobody, draw: Draw | None = None) -> None:
        self.store = store
        self.rules = rules
        self.announce = announce
        self._draw = draw

    def hear(self, heard: Sequence[Heard]) -> tuple[Finding, ...]:
        """Raise, update, merge, keep back or let lapse what evaluations say; the findings they concern.

        Heard twice is the same as heard once. Larger units come first, so that their parts find them.
        """
        known = {each.series for each in self.store.findings.list(limit=MOST_OPEN)}
        silences = self.store.silences.at(self.store.clock.now())
        found: dict[str, Finding] = {}
        for each in sorted(heard, key=lambda one: (one.period, len(self.rules.above(one.series.unit)))):
            out = each.grade > 0 and each.verdict in ("warned", "withheld")
            if not out and each.series not in known:
                continue
            now = self.store.clock.now()
            silence = self.rules.silence_of(each.series.rule, each.series.unit, each.series.slice, silences)
            around = Circumstances(self.rules, now, silence, self._parent(each))
            finding = self.store.findings.take(each.series, PROGRAM, _decider(each, around), self.announce)
            if finding is not None:
                self._let_parts_go(finding)
                known.add(finding.series)
                found[finding.id] = finding
        self.draw_samples(found.values())
        return tuple(found.values())

    def draw_samples(self, findings: Iterable[Finding]) -> int:
        """Draw the sample of each finding that has none yet; how many were drawn (S003-017)."""
        drawn = 0
        for finding in findings:
            if self._draw is None or not finding.open or self.store.samples.of(finding.id):
                continue
            sample = self._draw(finding)
            if sample is not None:
                self.store.samples.add(sample, PROGRAM)
                drawn += 1
        return drawn

    def act(
        self,
        seen: Finding,
        name: str,
        by: Person,
        *,
        reason: str = "",
        until: datetime | None = None,
        owner: str = "",
        parent: str = "",
        feedback: Mapping[str, str] | None = None,
        despite: bool = False,
        step_number: int = 0,
    ) -> Finding:
        """Do something about a finding as a person.

        until: by when it is carried out (`feedback`) or looked at again (`check`). owner: for `assign`. parent: for
        `merge`. feedback: the form's three parts. despite: close although no effect is shown. step_number: of the crisis plan, for `carry_out`.
        Raises: InputError FND003 to FND009 for what is not possible, FndingChangedError when somebody was quicker.
        """
        after = step(seen.state, name, by="person", reason=reason)
        detail: dict[str, object] = {}
        if name in ("publish", "announce"):
            values = self._letting_out(seen, name, by, detail)
        elif name == "merge":
            values = self._merging(seen, self.store.findings.get(parent), detail)
        elif name == "close":
            values = {"due": None, "remind_at": None}
            detail |= {"effect": self._effect_for_closing(seen, despite=despite).as_json()}
        elif name == "carry_out":
            values = {}
            detail["step"] = carried_out(self.rules, seen, self.store.findings.history(seen.id), step_number)
        elif name == "assign":
            if not owner.strip():
                raise InputError(Issue("FND012", "owner"))
            detail |= {"from": seen.owner, "to": owner.strip()}
            values = {"owner": owner.strip()}
        else:
            values = self._clock_of(seen, name, after, until)
        if name in ("feedback", "check"):
            detail["period"] = seen.last_period
        form = _form(feedback or {}) if name == "feedback" else None
        move = Move(name, after, reason.strip(), detail, values)
        moves = (move, *self._let_out_at_once(seen, move, by))
        done = self.store.findings.change(seen, by.login, Change(moves, feedback=form), self.announce)
        self._let_parts_go(done)
        return done

    def effect(self, finding: Finding) -> Effect:
        """What the evaluations say about the measures so far."""
        history = self.store.findings.history(finding.id)
        measured = _last(history, "feedback")
        evidence = self.store.findings.evidence(finding.id)
        if measured is None:
            return effect(evidence, ())
        since = _last(history, "check") or measured
        first, last = str(measured.detail["period"]), str(since.detail["period"])
        return effect([e for e in evidence if e.period <= first], [e for e in evidence if e.period > last])

    def _parent(self, heard: Heard) -> Finding | None:
        """The open finding, of the nearest unit above with the same rule and slice, that stands by itself."""
        if heard.reason("in_parent") is None:
            return None
        series = heard.series
        for unit in self.rules.above(series.unit)[1:]:
            found = self.store.findings.open_of(Series(series.rule, unit, series.slice))
            if found is not None and found.state not in KEPT_BACK:
                return found
        return None

    def _letting_out(self, seen: Finding, name: str, by: Person, detail: dict[str, object]) -> dict[str, object]:
        wanted = self.rules.step(seen.rule, seen.grade)
        if wanted is not None and wanted.approval is not None and by.role != wanted.approval:
            params = {"act": name, "role": wanted.approval, "given": by.role}
            raise InputError(Issue("FND006", name, params=params))
        detail |= {"role": by.role, "roles": [] if wanted is None else list(wanted.roles)}
        if name == "announce":
            return {"told": seen.grade}
        return made_known(seen, wanted, self.store.clock.now())

    def _merging(self, seen: Finding, parent: Finding, detail: dict[str, object]) -> dict[str, object]:
        why = "itself" if parent.id == seen.id else parent.state if parent.state in ("closed", *KEPT_BACK) else ""
        if why:
            raise InputError(Issue("FND007", parent.id, params={"why": why}))
        detail |= {"parent": parent.id, "unit": parent.unit}
        return {"parent": parent.id, "due": None, "remind_at": None}

    def _effect_for_closing(self, seen: Finding, *, despite: bool) -> Effect:
        found = self.effect(seen)
        if found.verdict != "shown" and not despite:
            raise InputError(Issue("FND009", seen.id, params={"verdict": found.verdict}))
        return found

    def _clock_of(self, seen: Finding, name: str, after: State, until: datetime | None) -> dict[str, object]:
        """What becomes of the clock; every state in which somebody has to act has one."""
        now = self.store.clock.now()
        wanted = self.rules.step(seen.rule, seen.grade or seen.highest)
        if after in ("closed", *KEPT_BACK):
            return {"due": None, "remind_at": None}
        match name:
            case "acknowledge":
                published = _last(self.store.findings.history(seen.id), "publish")
                start = now if published is None else published.at
                return {"due": max(start + feedback_within(wanted), now), "remind_at": None}
            case "resume":
                return {"due": now + feedback_within(wanted)}
            case "feedback":
                return {"due": until or now + MEASURES_WITHIN}
            case "check":
                return {"due": until or now + CHECK_WITHIN}
            case "split" | "resurface" | "release":
                back: dict[str, object] = {"due": now, "parent": None}
                return back
            case _:
                return {}

    def _let_out_at_once(self, seen: Finding, move: Move, by: Person) -> tuple[Move, ...]:
        """What a person let go of is made known with it, unless that needs an approval they cannot give."""
        wanted = self.rules.step(seen.rule, seen.grade)
        if move.act not in ("split", "resurface", "release") or not seen.grade:
            return ()
        if wanted is not None and wanted.approval not in (None, by.role):
            return ()
        after = step(move.after, "publish", by="person")
        detail: dict[str, object] = {"role": by.role, "roles": [] if wanted is None else list(wanted.roles)}
        return (Move("publish", after, move.reason, detail, made_known(seen, wanted, self.store.clock.now())),)

    def _let_parts_go(self, parent: Finding) -> None:
        """A closed finding closes its parts; those that are out themselves stand by themselves from now on."""
        if not parent.open:
            for child in self.store.findings.children(parent.id):
                self.let_go(child, parent)

    def let_go(self, child: Finding, parent: Finding) -> None:
        """Close a part of a closed finding, or let it stand by itself when it is still out."""
        detail = {"parent": parent.id}
        now = self.store.clock.now()

        def decide_child(found: Finding | None, _since: Entry | None) -> Change | None:
            if found is None or found.id != child.id or found.state != "merged":
                return None
            name = "split" if found.grade > 0 else "follow"
            after = step("merged", name, by="program", reason="parent_closed")
            values = {"parent": None, "due": now} if name == "split" else {}
            return Change((Move(name, after, "parent_closed", detail, values),))

        done = self.store.findings.take(child.series, PROGRAM, decide_child, self.announce)
        if done is not None:
            self._let_parts_go(done)


def _decider(heard: Heard, around: Circumstances) -> Callable[[Finding | None, Entry | None], Change | None]:
    return lambda found, since: decide(found, since, heard, around)


def _last(history: Sequence[Entry], act: str) -> Entry | None:
    return next((each for each in reversed(history) if each.act == act), None)


def _form(given: Mapping[str, str]) -> Feedback:
    """The feedback form; InputError FND005 for every part that is missing."""
    parts = {name: str(given.get(name, "")).strip() for name in PARTS}
    lacking = [Issue("FND005", name) for name, text in parts.items() if not text]
    if lacking:
        raise InputError(lacking)
    return Feedback(**parts)
