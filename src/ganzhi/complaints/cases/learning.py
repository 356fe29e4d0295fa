"""Around the library: trainings with tests, meetings, and requests for functions of the platform (S003-036 to 038).

A training takes place at least once a quarter and ends with a test; small meetings once a quarter, large ones once a
year; requests are collected for four stages of the platform: collection, management, presentation, analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Literal, get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.cases.content import LONGEST_NAME, LONGEST_TEXT, LONGEST_TITLE, names_somebody
from ganzhi.numerics.pairs.signedrank import Paired, compare
from ganzhi.store.cases.records import Register, RegisterKind
from ganzhi.store.cases.registers import CaseRegisters

TrainingTopic = Literal["introduction", "demonstration", "hot_complaints", "cases", "tools"]
TOPICS: Final[tuple[TrainingTopic, ...]] = get_args(TrainingTopic)
"""业务简介、业务功能演示、投诉热点讲解、投诉案例分析、投诉支撑工具功能介绍."""
EventState = Literal["planned", "held", "cancelled"]
EVENT_STATES: Final[tuple[EventState, ...]] = get_args(EventState)
Size = Literal["small", "large"]
SIZES: Final[tuple[Size, ...]] = get_args(Size)
Stage = Literal["collection", "management", "presentation", "analysis"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
RequestState = Literal["collected", "submitted", "accepted", "built", "declined"]
REQUEST_STATES: Final[tuple[RequestState, ...]] = get_args(RequestState)
MOST_RESULTS: Final = 500
MOST_POINTS: Final = 1_000
Standing = Literal["held", "untested", "planned", "due", "missed"]
"""held: as asked; untested: held, without the results of a test; planned: its day is to come; due: nothing is planned and
the period runs; missed: the period is over."""


@dataclass(frozen=True, slots=True)
class Result:
    """Points of one participant before and after."""

    participant: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Training:
    """A training. topics: what it deals with; held_on: None until it was held."""

    title: str
    topics: tuple[TrainingTopic, ...]
    audience: str = ""
    trainer: str = ""
    note: str = ""
    held_on: date | None = None
    results: tuple[Result, ...] = ()

    @property
    def effect(self) -> Paired | None:
        """What the test shows, participant by participant; None without results."""
        if not self.results:
            return None
        return compare([each.before for each in self.results], [each.after for each in self.results])


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting to exchange experience. minutes: what came of it."""

    title: str
    size: Size
    agenda: str = ""
    minutes: str = ""
    held_on: date | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A function that somebody needs of the platform. stage: of the platform it belongs to; answer: of who decided."""

    title: str
    text: str
    stage: Stage
    asked_by: str = ""
    answer: str = ""


Said = Training | Meeting | Request


@dataclass(frozen=True)
class Kept:
    """A record with what it says."""

    register: Register
    said: Any


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A quarter or a year of what has to take place in it. key: such as 2026-Q4; first, last: its days."""

    key: str
    first: date
    last: date
    standing: Standing
    held: int


# -- keeping ---------------------------------------------------------------------------------------


def to_json(said: Said) -> dict[str, Any]:
    """As the store keeps it."""
    return {
        name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for name, value in asdict(said).items()
    }


def said_of(kind: RegisterKind, kept: Mapping[str, Any]) -> Said:
    """What a record says."""
    day = kept.get("held_on")
    held = None if day is None else date.fromisoformat(day)
    if kind == "training":
        results = tuple(Result(**each) for each in kept["results"])
        return Training(**{**kept, "topics": tuple(kept["topics"]), "held_on": held, "results": results})
    return Meeting(**{**kept, "held_on": held}) if kind == "meeting" else Request(**kept)


def list_kept(registers: CaseRegisters, kind: RegisterKind) -> tuple[Kept, ...]:
    """The records of a kind, newest first."""
    return tuple(Kept(each, said_of(kind, each.content)) for each in registers.list(kind))


def kind_of(said: Said) -> RegisterKind:
    """Which register it belongs to."""
    return "training" if isinstance(said, Training) else "meeting" if isinstance(said, Meeting) else "request"


def first_state(said: Said) -> str:
    """The state a record begins in."""
    return "collected" if isinstance(said, Request) else "planned"


def add(registers: CaseRegisters, said: Said, *, by: str, due: date | None = None) -> Kept:
    """Write a record down. InputError CAS001, CAS012, CAS013, CAS020 to CAS022."""
    check(said, first_state(said), due)
    made = registers.add(kind_of(said), first_state(said), to_json(said), by=by, due=due)
    return Kept(made, said)


def change(
    registers: CaseRegisters, seen: Register, said: Said, *, by: str, state: str, due: date | None, note: str = ""
) -> Kept:
    """Change a record; errors as of `add`, and CaseChangedError."""
    check(said, state, due)
    done = registers.change(seen, by=by, state=state, content=to_json(said), due=due, note=note)
    return Kept(done, said)


def check(said: Said, state: str, due: date | None) -> None:
    """Refuse what may not be kept, everything at once."""
    issues = [Issue("CAS001", "title")] if not said.title.strip() else []
    texts = {name: value for name, value in asdict(said).items() if isinstance(value, str)}
    for name, value in texts.items():
        most = LONGEST_TITLE if name == "title" else LONGEST_TEXT
        if len(value) > most:
            issues.append(Issue("CAS012", name, params={"most": str(most)}))
        if names_somebody(value):
            issues.append(Issue("CAS013", name))
    known: Sequence[str] = REQUEST_STATES if isinstance(said, Request) else EVENT_STATES
    issues += _unknown("state", state, known)
    if isinstance(said, Request):
        issues += _unknown("stage", said.stage, STAGES)
        if not said.text.strip():
            issues.append(Issue("CAS001", "text"))
    else:
        issues += _event_issues(said, state, due)
    if issues:
        raise InputError(issues)


def _unknown(name: str, value: str, known: Sequence[str]) -> list[Issue]:
    params = {"value": value[:40] or "–", "known": ", ".join(known)}
    return [] if value in known else [Issue("CAS020", name, params=params)]


def _event_issues(said: Training | Meeting, state: str, due: date | None) -> Iterable[Issue]:
    if due is None:
        yield Issue("CAS001", "due")
    if (state == "held") != (said.held_on is not None):
        yield Issue("CAS021", "held_on")
    if isinstance(said, Meeting):
        yield from _unknown("size", said.size, SIZES)
    else:
        yield from _training_issues(said)


def _training_issues(said: Training) -> Iterable[Issue]:
    if not said.topics or not set(said.topics) <= set(TOPICS):
        yield Issue(
            "CAS020", "topics", params={"value": ", ".join(said.topics)[:40] or "–", "known": ", ".join(TOPICS)}
        )
    names = [each.participant.strip() for each in said.results]
    if len(names) > MOST_RESULTS:
        yield Issue("CAS012", "results", params={"most": str(MOST_RESULTS)})
    for name in names:
        if not name or len(name) > LONGEST_NAME or names_somebody(name) or names.count(name) > 1:
            yield Issue("CAS022", "results", params={"value": name[:40] or "–"})


def results_in(text: str) -> tuple[Result, ...]:
    r"""Results as they are typed in: one participant a line, points before and after behind the name.

    Raises: InputError CAS022 for every line that is none.
    >>> results_in("A01 60 85\nA02, 72.5, 80")[1]
    Result(participant='A02', before=72.5, after=80.0)
    """
    read = [(line, _result(line)) for line in text.splitlines() if line.strip()]
    issues = [Issue("CAS022", "results", params={"value": line.strip()[:40]}) for line, each in read if each is None]
    if issues:
        raise InputError(issues)
    return tuple(each for _, each in read if each is not None)


def _result(line: str) -> Result | None:
    parts = line.replace(",", " ").replace("，", " ").replace("\t", " ").split()
    try:
        before, after = (float(each) for each in parts[-2:])
    except ValueError:
        return None
    fits = len(parts) > 2 and 0 <= before <= MOST_POINTS and 0 <= after <= MOST_POINTS
    return Result(" ".join(parts[:-2]), before, after) if fits else None


def results_text(results: Iterable[Result]) -> str:
    """Results as `results_in` reads them."""
    return "\n".join(f"{each.participant} {each.before:g} {each.after:g}" for each in results)


# -- the calendar ----------------------------------------------------------------------------------


def quarter_of(day: date) -> tuple[str, date, date]:
    """The quarter of a day: key, first and last day."""
    number = (day.month - 1) // 3
    first = date(day.year, 3 * number + 1, 1)
    after = date(day.year + (number == 3), (3 * number + 3) % 12 + 1, 1)
    return f"{day.year}-Q{number + 1}", first, after - timedelta(days=1)


def year_of(day: date) -> tuple[str, date, date]:
    """The year of a day."""
    return str(day.year), date(day.year, 1, 1), date(day.year, 12, 31)


def periods(kept: Sequence[Kept], today: date, per: Literal["quarter", "year"], back: int = 4) -> tuple[PeriodRow, ...]:
    """How the periods up to today's stand, newest first; none before the first record was planned."""
    period = quarter_of if per == "quarter" else year_of
    days = [each.register.due for each in kept if each.register.due is not None]
    begins = min([*days, today])
    found: list[PeriodRow] = []
    day = today
    while len(found) < back:
        key, first, last = period(day)
        if last < begins:
            break
        found.append(_row(kept, key, first, last, today))
        day = first - timedelta(days=1)
    return tuple(found)


def _row(kept: Sequence[Kept], key: str, first: date, last: date, today: date) -> PeriodRow:
    held = [each.said for each in kept if each.said.held_on is not None and first <= each.said.held_on <= last]
    planned = any(
        each.register.state == "planned"
        and each.register.due is not None
        and max(first, today) <= each.register.due <= last
        for each in kept
    )
    untested = bool(held) and all(isinstance(each, Training) and not each.results for each in held)
    standing: Standing = (
        "untested" if untested else "held" if held else "missed" if last < today else "planned" if planned else "due"
    )
    return PeriodRow(key, first, last, standing, len(held))


def late(kept: Kept, today: date) -> bool:
    """Whether its day has gone by without it."""
    return kept.register.state == "planned" and kept.register.due is not None and kept.register.due < today


def held(said: Training | Meeting, day: date, **more: Any) -> Training | Meeting:
    """The same, held on a day. more: results, or minutes."""
    return replace(said, held_on=day, **more)
