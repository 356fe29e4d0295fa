"""Parts of a number as a caller may see them: those of few events are withheld from whoever lacks list depth.

The rule is `measure.build.cells.rule`; here it is applied to lists of observations and scores. What is
withheld has null for n, value, numerator and denominator (n is null for no other reason). Parts of parts would tell
parts, so without list depth a number may be cut in one way at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from ganzhi.access.rights import Viewer
from ganzhi.measure.build.cells.above import withheld_above
from ganzhi.measure.build.cells.rule import withheld_parts
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import Observation
from ganzhi.measure.score import Scored
from ganzhi.measure.views.parts import Basis

Json = dict[str, object]


def may_count(viewer: Viewer) -> bool:
    """Whether a viewer may count the records anyway, so that nothing is withheld."""
    return viewer.may("list")


def check_cut(viewer: Viewer, cuts: int) -> None:
    """Raise AccessError for a number that is cut in several ways at once by a viewer without list depth."""
    if cuts > 1:
        viewer.require("list")


def as_seen(found: Sequence[Observation], reader: Reader, basis: Basis) -> list[Json]:
    """Observations as the reader's viewer may see them. found: all parts of each number, of one cut by slice or by
    place; those of units that are withheld among their siblings are withheld, and all their parts."""
    above = withheld_above(reader, found, basis)
    seen = _parts_as_seen(found, reader.viewer)
    return [
        hidden_observation(json) if (each.code, each.unit, each.period) in above else json
        for each, json in zip(found, seen, strict=True)
    ]


def _parts_as_seen(found: Sequence[Observation], viewer: Viewer) -> list[Json]:
    if may_count(viewer) or not found:
        return [each.as_json() for each in found]
    by_slice = any(each.slice for each in found)
    if not by_slice and len({each.unit for each in found}) == 1:
        return [each.as_json() for each in found]

    def number(each: Observation) -> Hashable:
        return (each.unit, each.period.start) if by_slice else each.period.start

    def part(each: Observation) -> Hashable:
        return tuple(each.slice.items()) if by_slice else each.unit

    out = _withheld((number(e), e.code, part(e), e.n if e.completeness else None) for e in found)
    return [hidden_observation(each.as_json()) if out(number(each), part(each)) else each.as_json() for each in found]


def scores_as_seen(found: Sequence[Scored], reader: Reader, basis: Basis, *, children: bool) -> list[Json]:
    """Scores as the reader's viewer may see them; a score is withheld with the value that it was formed from, among its
    siblings or above them."""
    observed = [each.observation for each in found if each.observation is not None]
    above = withheld_above(reader, observed, basis)
    seen = _scores_as_seen(found, reader.viewer, children=children)
    return [
        hidden_score(json) if each.observation is not None and (each.code, each.unit, each.period) in above else json
        for each, json in zip(found, seen, strict=True)
    ]


def _scores_as_seen(found: Sequence[Scored], viewer: Viewer, *, children: bool) -> list[Json]:
    if may_count(viewer) or not children:
        return [each.as_json() for each in found]
    own = [(each.period.start, each.code, each.unit, each.observation) for each in found]
    out = _withheld((at, code, unit, o.n if o.completeness else None) for at, code, unit, o in own if o is not None)
    return [
        hidden_score(each.as_json())
        if each.observation is not None and out(each.period.start, each.unit)
        else each.as_json()
        for each in found
    ]


def _withheld(
    parts: Iterable[tuple[Hashable, str, Hashable, int | None]],
) -> Callable[[Hashable, Hashable], bool]:
    """Whether a part of a number is withheld: in one indicator, and then in all, because the number of one may be the
    denominator of another."""
    tables: dict[Hashable, dict[str, dict[Hashable, int | None]]] = {}
    for number, code, part, n in parts:
        tables.setdefault(number, {}).setdefault(code, {})[part] = n
    out: dict[Hashable, frozenset[Hashable] | None] = {}
    for number, by_code in tables.items():
        found: frozenset[Hashable] | None = frozenset()
        for of_code in by_code.values():
            places, names = withheld_parts(list(of_code.values())), list(of_code)
            if places is None or found is None:
                found = None
            else:
                found |= {names[place] for place in places}
        out[number] = found

    def is_out(number: Hashable, part: Hashable) -> bool:
        names = out.get(number, frozenset())
        return names is None or part in names

    return is_out


def hidden_observation(observation: Json) -> Json:
    """An observation that is withheld."""
    return {**observation, **dict.fromkeys(("numerator", "denominator", "n", "value"))}


def hidden_score(score: Json) -> Json:
    """A score that is withheld with the observation it was formed from, when it tells one."""
    observation = score["observation"]
    nothing = dict.fromkeys(("score", "unclipped", "level", "coverage"))
    of = hidden_observation(observation) if isinstance(observation, dict) else None
    return {**score, **nothing, "contributions": [], "observation": of}
