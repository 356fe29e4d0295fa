"""The simulation: a province, its days, and the order of a day's work.

`phases` holds the literal list of what happens; a new kind of record is a new phase and a family of files. Memory
holds what is kept of every customer (some 130 bytes), the day's deals and contacts, and a piece of records; these go to
disk as they are made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from ganzhi.base.errors import InputError, Issue
from ganzhi.province.calendar import DAY_S, Today, days_of
from ganzhi.province.columns import words
from ganzhi.province.delivery.dirt import Dirt
from ganzhi.province.delivery.office import FileOffice
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.heap import give_back
from ganzhi.province.hotline.menu import WRAP_CODES, WRAP_NAMES
from ganzhi.province.incidents import INCIDENTS, Incident, placed
from ganzhi.province.levers import LEVERS, Levers
from ganzhi.province.organisation import CITIES, Organisation, build_organisation
from ganzhi.province.phases import BLOCK_PHASES, PROVINCE_PHASES
from ganzhi.province.population import build_population
from ganzhi.province.scene import Experiences, Scene, Sink, World, blocks_of

STORY: Final = "truth/simulation.json"
"""What was let loose; written last, so a folder without it is half a simulation."""
FIRST: Final = date(2012, 1, 2)
"""The default first day: sixty days from it end on 1 March 2012, the day of the source's incident."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to simulate. scale: 1 is ten million customers. incidents: kind and start day (None for its own place)."""

    scale: float
    days: int
    seed: int
    first: date = FIRST
    incidents: tuple[tuple[str, date | None], ...] = ()
    dirt: Dirt = field(default_factory=Dirt)


@dataclass(frozen=True, slots=True)
class Report:
    """What was made. rows: by feed."""

    rows: dict[str, int]
    files: int
    incidents: tuple[Incident, ...]


OnDay = Callable[[Today, int], None]
"""Told after each day: the day and how many there are."""


def build(request: Request) -> tuple[World, tuple[Incident, ...]]:
    """The world on the eve of the first day."""
    organisation = build_organisation(request.scale, request.seed)
    days = days_of(request.first, request.days)
    incidents, levers = placed(request.incidents, organisation, days[-1].day)
    _check_windows(incidents, days)
    people = build_population(organisation, request.seed, request.days)
    world = World(
        request.seed, request.scale, request.first, request.days, organisation, people, levers, blocks_of(len(people))
    )
    return world, incidents


def _check_windows(incidents: Sequence[Incident], days: Sequence[Today]) -> None:
    """Refuse an incident that has nothing to do with the simulated days (InputError CLI012)."""
    first, last = days[0].start, days[-1].start + DAY_S
    outside = [each for each in incidents if each.last <= first or each.first >= last]
    if outside:
        span = f"{days[0].day} – {days[-1].day}"
        raise InputError(
            [
                Issue("CLI012", e.name, params={"window": f"{iso(e.first)} – {iso(e.last)}", "days": span})
                for e in outside
            ]
        )


def live(world: World, sink: Sink, today: Today) -> None:
    """One day: every phase in order, then what everybody felt goes into the truth."""
    scene = Scene(world, today, sink)
    for block in range(len(world.blocks)):
        for phase in BLOCK_PHASES:
            phase(scene.for_block(block))
        give_back()
    for phase in PROVINCE_PHASES:
        phase(scene)
        if len(world.blocks) > 1:
            give_back()
    _remember(scene)


def _remember(scene: Scene) -> None:
    felt = scene.notes(Experiences)
    if len(felt.kind):
        scene.know(
            "experiences",
            kind=words(felt.kind, [kind.name.lower() for kind in Felt]),
            customer_id=scene.people.customer_ids(felt.customer),
            felt_at=felt.at,
            strength=np.round(felt.strength, 4),
            incident=felt.cause,
            ref=felt.ref,
        )


def simulate(root: Path, request: Request, on_day: OnDay | None = None) -> Report:
    """Write the province's files into `root` (new or empty), with the truth beside them.

    `delivered/<yyyymmdd>/` holds the files by day of arrival, `later/` what arrives after the last day, `catalogue/`
    what a workspace has to know (units, occasions, names of codes), `truth/` what an examiner may know.
    """
    world, incidents = build(request)
    days = days_of(request.first, request.days)
    office = FileOffice(root, request.seed, days[-1].day, world.levers, request.dirt)
    for today in days:
        office.begin(today)
        live(world, office, today)
        office.end()
        if on_day is not None:
            on_day(today, len(days))
    office.finish()
    _write_units(root / "catalogue", world.organisation)
    write_occasions(root / "catalogue", incidents, world.levers)
    _write_wrap_codes(root / "catalogue")
    _write_story(root, request, incidents, world.levers)
    return Report(dict(sorted(office.rows.items())), office.files, incidents)


def _write_units(folder: Path, organisation: Organisation) -> None:
    """The organisation as a workspace's catalogue file."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# The organisation of the simulated province.", "units:"]
    for code, zh, en, level, above in organisation.units():
        lines.append(
            f"  {code}: {{name: {{zh: {json.dumps(zh, ensure_ascii=False)}, en: {json.dumps(en)}}}, level: {level}, parent: {above}}}"
        )
    (folder / "units.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_wrap_codes(folder: Path) -> None:
    """The hotline's own tree of contact reasons, named in a workspace's catalogue."""
    lines = ["# Wrap-up codes of the simulated hotline.", "dimensions:", "  wrap_code:", "    values:"]
    for code, (zh, en) in zip(WRAP_CODES, WRAP_NAMES, strict=True):
        lines.append(f"      {code}: {{zh: {json.dumps(zh, ensure_ascii=False)}, en: {json.dumps(en)}}}")
    (folder / "wrap_codes.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_occasions(folder: Path, incidents: Sequence[Incident], levers: Levers) -> None:
    """What the operator knew beforehand of the incidents, as a workspace's calendar: releases and campaigns."""
    lines = ["# Releases and campaigns of the simulated province.", "occasions:"]
    for number, each in enumerate(incidents):
        said = INCIDENTS[each.name].announced
        if said is None:
            continue
        first, last = (iso(second)[:10] for second in (each.first, each.last - 1))
        places = sorted({place for pull in levers.pulls if pull.incident == number for place in pull.places or ()})
        of_campaign = f', last: "{last}"}}], units: [{", ".join(places)}]' if said.kind == "campaign" else "}]"
        lines.append(
            f"  {said.kind}.{each.name.replace('-', '_')}: {{name: {{zh: {json.dumps(said.zh, ensure_ascii=False)},"
            f' en: {json.dumps(said.en)}}}, kind: {said.kind}, days: [{{first: "{first}"{of_campaign}}}'
        )
    if len(lines) > 2:
        (folder / "occasions.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_story(root: Path, request: Request, incidents: Sequence[Incident], levers: Levers) -> None:
    """What was let loose, with which numbers, and how customers were made to behave."""
    told: dict[str, Any] = {
        "scale": request.scale,
        "seed": request.seed,
        "first": request.first.isoformat(),
        "days": request.days,
        "cities": {code: share for code, _, _, share in CITIES},
        "incidents": [
            {
                "number": number,
                "name": each.name,
                "zh": INCIDENTS[each.name].zh,
                "story": INCIDENTS[each.name].story,
                "harmless": INCIDENTS[each.name].harmless,
                "first": iso(each.first),
                "last": iso(each.last),
                "running": each.running,
                "pulls": [
                    {
                        "lever": pull.lever,
                        "means": LEVERS[pull.lever],
                        "first": iso(pull.first),
                        "last": iso(pull.last),
                        "size": pull.size,
                        "places": sorted(pull.places) if pull.places is not None else None,
                        "shape": pull.shape,
                    }
                    for pull in levers.pulls
                    if pull.incident == number
                ],
            }
            for number, each in enumerate(incidents)
        ],
        "behaviour": {
            kind.name.lower(): {name: getattr(meaning, name) for name in meaning.__slots__}
            for kind, meaning in MEANING.items()
        },
    }
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    (root / STORY).write_text(text, encoding="utf-8")


def iso(second: int) -> str:
    """A moment of local wall clock as text, YYYY-MM-DDTHH:MM:SS."""
    return str(np.datetime64(second, "s"))
