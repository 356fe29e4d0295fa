"""Service problems (S000-098): apart from complaints and faults, with links to them. Fixed for one case, or for the whole
class (S000-088); a solution within a declared limit of the report, then its effect is followed (S003-003); closed only
after neighbouring elements and processes were looked at for side effects (S000-090).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.analysis.effects import Difference, difference
from ganzhi.complaints.desk.acts import PROBLEM_ACTS, Mode, ProblemState, possible
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.gather import coded
from ganzhi.complaints.desk.limits import pressing
from ganzhi.complaints.desk.story import Held, moment, told
from ganzhi.complaints.desk.views import FaultRow, ProblemPage, ProblemRow
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.worktime import Calendar
from ganzhi.store.desk.acts import DeskAct, standing


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as its acts leave it. solved_at: when the solution that stands was given. checked: whether side effects
    were looked for since then, and none is left open. reproduced: whether it could be brought about again, as last found."""

    id: str
    title: str
    mode: Mode
    state: ProblemState
    reported_at: datetime
    category: str | None
    product: str | None
    unit: str
    owner: str
    solution: str
    solved_at: datetime | None
    checked: bool
    links: tuple[tuple[str, str], ...]
    version: int
    reproduced: Held | None = None


def read_problem(acts: Sequence[DeskAct]) -> Problem | None:
    """A problem from its acts, in order; None where none opens it."""
    found: Problem | None = None
    for act in standing(acts):
        if act.act == "open":
            found = _opened(act)
        elif found is not None:
            found = _after(found, act)
    return None if found is None else replace(found, version=acts[-1].number)


def _opened(act: DeskAct) -> Problem:
    links = tuple(("complaint", each) for each in told(act, "ticket").split() if each)
    return Problem(
        act.subject, told(act, "title"), cast("Mode", told(act, "mode") or "case"), "open", moment(act, "reported_at") or act.at,
        told(act, "category") or None, told(act, "product") or None, told(act, "unit"), act.actor, "", None,
        checked=False, links=links, version=act.number,
    )  # fmt: skip


def _after(problem: Problem, act: DeskAct) -> Problem:
    link = (told(act, "kind"), told(act, "ref"))
    match act.act:
        case "link":
            return replace(problem, links=tuple(dict.fromkeys((*problem.links, link))))
        case "unlink":
            return replace(problem, links=tuple(each for each in problem.links if each != link))
        case "mode":
            return replace(problem, mode=cast("Mode", told(act, "mode")))
        case "assign":
            return replace(problem, owner=told(act, "owner"))
        case "reproduce":
            return replace(problem, reproduced=Held(told(act, "found"), told(act, "reason"), act.actor, act.at))
        case "solution":
            return replace(problem, state="solved", solution=told(act, "reason"), solved_at=act.at, checked=False)
        case "check":
            return replace(problem, checked=told(act, "clean") == "yes")
        case "track":
            return replace(problem, state="tracking")
        case "resume":
            return replace(problem, state="open", solved_at=None, checked=False)
        case "close":
            return replace(problem, state="closed")
    return problem


def row_of(catalogue: Catalogue, problem: Problem, calendar: Calendar, now: datetime) -> ProblemRow:
    """A problem as a list shows it. calendar: that working days are counted by."""
    due = calendar.due(problem.reported_at, rules_of(catalogue).solution_limit)
    left, urgency, kept = pressing(problem.reported_at, due, problem.solved_at, now)
    unit = catalogue.units.get(problem.unit)
    return ProblemRow(
        id=problem.id,
        title=problem.title,
        mode=problem.mode,
        state=problem.state,
        reported_at=problem.reported_at,
        due=due,
        left=left,
        urgency=urgency,
        kept=kept,
        category=problem.category,
        category_name=coded(catalogue, "complaint_categories", problem.category),
        product=problem.product,
        unit=problem.unit,
        unit_name=Text(zh=problem.unit or "–", en=problem.unit or "–") if unit is None else unit.name,
        owner=problem.owner,
        links=problem.links,
        checked=problem.checked,
        version=problem.version,
    )


Counts = Callable[[Problem, date, date], Sequence[int]]
"""Complaints of what a problem is about on each day that has data, from a day up to another, which is left out."""


def page_of(
    catalogue: Catalogue,
    acts: Sequence[DeskAct],
    directory: Directory,
    now: datetime,
    counts: Counts,
    faults: Sequence[FaultRow] = (),
    *,
    may: bool,
) -> ProblemPage:
    """One problem. faults: that were opened for it. may: whether the viewer may act."""
    problem = read_problem(acts)
    assert problem is not None
    kept = standing(acts)
    last = kept[-1] if len(kept) > 1 else None
    forms = tuple(
        each
        for each in possible(PROBLEM_ACTS, problem.state)
        if (each.act != "undo" or last is not None) and (each.act != "unlink" or problem.links)
    )
    return ProblemPage(
        row=row_of(catalogue, problem, directory.office, now),
        now=now,
        acts=tuple(acts),
        forms=forms if may else (),
        solution=problem.solution,
        checks=tuple(each for each in kept if each.act == "check"),
        effect=_effect(problem, directory, now, counts, rules_of(catalogue).effect_days),
        reproduced=problem.reproduced,
        faults=tuple(faults),
        undo=last,
    )


def _effect(problem: Problem, directory: Directory, now: datetime, counts: Counts, most: int) -> Difference | None:
    """Complaints before the report against those after the solution, of equally many whole days."""
    if problem.solved_at is None:
        return None
    zone = directory.zone
    first = problem.solved_at.astimezone(zone).date() + timedelta(days=1)
    days = max(min((now.astimezone(zone).date() - first).days, most), 0)
    reported = problem.reported_at.astimezone(zone).date()
    before = counts(problem, reported - timedelta(days=days), reported)
    return difference(before, counts(problem, first, first + timedelta(days=days)))


def ordered(rows: Iterable[ProblemRow]) -> tuple[ProblemRow, ...]:
    """Open problems before solved and closed ones, those with least time left first."""
    states = ("open", "solved", "tracking", "closed")
    return tuple(sorted(rows, key=lambda row: (states.index(row.state), row.left, row.id)))


def day_moment(text: str, directory: Directory) -> datetime:
    """The beginning of a local day, written as YYYY-MM-DD."""
    return datetime.combine(date.fromisoformat(text), time(), directory.zone).astimezone(UTC)
