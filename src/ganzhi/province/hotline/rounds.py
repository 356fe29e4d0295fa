"""The hotline's day in rounds of an hour, at night longer, so that who was not helped in one can call again in a later
one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.hotline import again
from ganzhi.province.hotline.answering import Answers, Asks, Floor, asks_of
from ganzhi.province.hotline.demand import Callers, callers_of_day, put_off
from ganzhi.province.hotline.sessions import MenuEvents, Sessions, in_menu
from ganzhi.province.hotline.staffing import Roster, learn, roster
from ganzhi.province.organisation import SKILLS
from ganzhi.province.scene import Scene, joined
from ganzhi.province.streams import Floats

ROUNDS_H: Final = (4, *range(7, 25))
"""The hours at which rounds end; before seven few call, and fewer call again."""
DELAYED_S: Final = 900
"""Who would call again within the same round does so in the first quarter hour of the next."""
RESOLVED_PLAIN: Final = 0.89
RESOLVED_GRIEVED: Final = 0.66
"""Share of contacts that agents resolve at once (ours; a first-contact resolution of 85 % is the catalogue's target)."""
RUDE_LOSS: Final = 0.14
"""Taken off the share resolved for each point a team is ruder."""
RUDE_FELT: Final = 0.35
"""Share of a rude team's callers who feel treated rudely, at one point."""


@dataclass(frozen=True, slots=True)
class Day:
    """All calls of a day: callers, their sessions in the menu, what became of those who asked for an agent, and who was
    on duty. `answers.caller` is a position among the callers. events: the menu's log, as far as it waits."""

    callers: Callers
    sessions: Sessions
    events: MenuEvents
    answers: Answers
    roster: Roster


@dataclass
class _Log:
    """What has happened so far today. number: of the day's first call. asks, askers: who has not queued yet."""

    number: int
    events: MenuEvents
    callers: list[Callers] = field(default_factory=list)
    sessions: list[Sessions] = field(default_factory=list)
    asks: list[Asks] = field(default_factory=list)
    askers: list[Callers] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)
    count: int = 0


def serve_day(scene: Scene) -> Day:
    """Let everybody call, and call again, until the day is over."""
    log = _Log(int(scene.numbers(1)[0]), MenuEvents(scene))
    _enter(scene, log, callers_of_day(scene), 0)
    planned = roster(scene, _unforeseen_apart(log))
    floor = Floor(scene, planned)
    midnight = scene.today.start + DAY_S
    for hour in ROUNDS_H:
        end = scene.today.start + hour * 3600
        asks, askers = joined(Asks, log.asks), joined(Callers, log.askers)
        due = (asks.left < end) | (end == midnight)
        if due.any():
            log.asks, log.askers = [asks.some(~due)], [askers.some(~due)]
            back = _round(scene, log, floor, asks.some(due), askers.some(due), end)
            _enter(scene, log, back, hour)
    answers = joined(Answers, log.answers)
    learn(scene, np.bincount(answers.skill, minlength=len(SKILLS)))
    return Day(joined(Callers, log.callers), joined(Sessions, log.sessions), log.events, answers, planned)


def _unforeseen_apart(log: _Log) -> Floats:
    """Calls for agents by skill, without those that an incident brings: nobody could have planned for them."""
    asks = joined(Asks, log.asks)
    return np.bincount(asks.skill[asks.blamed < 0], minlength=len(SKILLS)).astype(float)


def _enter(scene: Scene, log: _Log, callers: Callers, hour: int) -> None:
    """Let callers into the menu, and those again who get lost in it and call once more today."""
    if not len(callers.at):
        return
    rng = scene.rng("hotline", "menu", str(hour))
    while len(callers.at):
        sessions = in_menu(scene, rng, callers, log.number + log.count, log.events)
        asks = asks_of(scene, rng, callers, sessions, log.count)
        log.asks.append(asks)
        log.askers.append(callers.some(asks.caller - log.count))
        log.callers.append(callers)
        log.sessions.append(sessions)
        log.count += len(callers.at)
        callers = put_off(scene, again.after_menu(rng, callers, sessions))


def _round(scene: Scene, log: _Log, floor: Floor, asks: Asks, askers: Callers, end: int) -> Callers:
    """Answer the calls of one round; returns who calls again later today."""
    rng = scene.rng("hotline", "contact", str(end))
    answers = _settled(scene, rng, askers, floor.take(asks, floor.crowds(scene, asks)))
    log.answers.append(answers)
    number = log.number + asks.caller
    back = joined(
        Callers, [again.after_queue(rng, askers, number, answers), again.after_contact(rng, askers, number, answers)]
    )
    soon = back.at < end
    return put_off(scene, replace(back, at=np.where(soon, end + rng.integers(0, DELAYED_S, len(soon)), back.at)))


def _settled(scene: Scene, rng: np.random.Generator, askers: Callers, answers: Answers) -> Answers:
    """The same answers with how the contacts went: rude teams resolve less and insult some."""
    done = np.flatnonzero(answers.answered)
    teams = scene.places.agent_team[answers.agent[done]]
    if scene.levers.pulled("team.rude", scene.today.start, scene.today.start + 2 * DAY_S):
        codes = scene.places.team_codes
        rude, by = scene.levers.at("team.rude", answers.start[done], [codes[team] for team in teams])
    else:
        rude, by = np.zeros(len(done)), np.full(len(done), -1, dtype=np.int64)
    share = np.where(askers.felt[done] >= 0, RESOLVED_GRIEVED, RESOLVED_PLAIN) - RUDE_LOSS * rude
    resolved, insulted, cause = answers.resolved.copy(), answers.insulted.copy(), answers.rude.copy()
    resolved[done] = rng.random(len(done)) < share
    insulted[done] = (rng.random(len(done)) < RUDE_FELT * rude) & (askers.customer[done] >= 0)
    cause[done] = by
    return replace(answers, resolved=resolved, insulted=insulted, rude=cause)
