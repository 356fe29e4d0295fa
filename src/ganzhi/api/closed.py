"""Numbers of closed periods as they were reported, alone or beside what is known now, as a caller may see them.

The numbers are those of `ganzhi observe --as` and `ganzhi score --as`. Without list depth whole units and periods may be
asked, small ones withheld (`measure.build.cells.closed`); slices and values to date of what was reported take list depth,
because parts of two moments tell more than parts of one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from ganzhi.access.shown.hidden import Hidden
from ganzhi.api.cells import Json, as_seen, hidden_observation, hidden_score, scores_as_seen
from ganzhi.base.errors import InputError, Issue
from ganzhi.measure.build.cells.closed import Place, withheld_reported
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.reported.beside import (
    closed_periods,
    is_part,
    reported_alone,
    reported_beside,
    scores_alone,
    scores_beside,
)
from ganzhi.measure.score import ScoreRequest

Closed = Literal["reported", "both"]


def closed_observations(reader: Reader, request: ObserveRequest, shown: Closed, hidden: Hidden) -> list[Json]:
    """Observations as they were reported, or as known now with `reported` beside: null where nothing was.

    Raises: AccessError for parts without list depth; InputError as `reported_parts`.
    """
    if is_part(request.basis, request.by, request.where):
        reader.viewer.require("list")
    if shown == "reported":
        return _observations_alone(reader, request)
    pairs = reported_beside(reader.workplace, reader.states, request)
    then = [beside.then for _, beside in pairs if beside is not None]
    out = withheld_reported(reader, request.codes, {e.unit for e in then}, [*dict.fromkeys(e.period for e in then)])
    seen = as_seen([each for each, _ in pairs], reader, request.basis)
    found: list[Json] = []
    for (each, beside), now in zip(pairs, seen, strict=True):
        was = None if beside is None else _without_names(beside.as_json(), hidden)
        if was is not None and (now["n"] is None or (each.code, each.unit, each.period) in out):
            was = _unknown(was, "numerator", "denominator", "n", "value")
        found.append({**now, "reported": was})
    return found


def _observations_alone(reader: Reader, request: ObserveRequest) -> list[Json]:
    periods = closed_periods(reader.workplace, request.grain, request.first, request.last)
    then = reported_alone(reader.workplace, reader.states, request, periods)
    out = withheld_reported(reader, request.codes, {each.unit for each in then}, periods)
    return [
        hidden_observation(each.as_json()) if (each.code, each.unit, each.period) in out else each.as_json()
        for each in then
    ]


def closed_scores(reader: Reader, request: ScoreRequest, shown: Closed, hidden: Hidden) -> list[Json]:
    """Scores as they were reported, with what their children gave, or as known now with `reported` beside.

    Raises: InputError MEA024 for scores of slices and to date, which no closing keeps.
    """
    given: dict[str, object] = {"where": request.where, "basis": request.basis != "period"}
    issues = [Issue("MEA024", name) for name, value in given.items() if value]
    if issues:
        raise InputError(issues)
    if shown == "reported":
        return _scores_alone(reader, request)
    pairs = scores_beside(reader.workplace, reader.states, request)
    then = [beside.then for _, beside in pairs if beside is not None]
    periods = [*dict.fromkeys(each.period for each in then)]
    out = withheld_reported(reader, request.codes, {each.score.unit for each in then}, periods)
    seen = scores_as_seen([each for each, _ in pairs], reader, request.basis, children=request.children)
    found: list[Json] = []
    for (each, beside), now in zip(pairs, seen, strict=True):
        was = None if beside is None else _without_names(beside.as_json(), hidden)
        if was is not None and (_is_hidden(now) or (each.code, each.unit, each.period) in out):
            was = _unknown(was, "score", "unclipped", "level", "coverage", "n")
        found.append({**now, "reported": was})
    return found


def _is_hidden(score: Json) -> bool:
    of = score["observation"]
    return isinstance(of, dict) and of["n"] is None


def _scores_alone(reader: Reader, request: ScoreRequest) -> list[Json]:
    periods = closed_periods(reader.workplace, request.grain, request.first, request.last)
    then = scores_alone(reader.workplace, reader.states, request, periods)
    out: Collection[Place] = withheld_reported(reader, request.codes, {e.then.score.unit for e in then}, periods)
    found: list[Json] = []
    for each in then:
        score = each.then.score
        told = {**each.as_json(), "observation": None}
        found.append({**hidden_score(told), "n": None} if (score.code, score.unit, each.then.period) in out else told)
    return found


def _without_names(was: Json, hidden: Hidden) -> Json:
    """What was reported, without names of files that name units out of reach."""
    files = was["files"]
    assert isinstance(files, list)
    return {**was, "files": list(dict.fromkeys(hidden.file(name) for name in files))}


def _unknown(was: Json, *withheld: str) -> Json:
    """What was reported with its number withheld, and with it how the present one differs and why."""
    return {**was, **dict.fromkeys((*withheld, "difference")), "reasons": [], "files": []}
