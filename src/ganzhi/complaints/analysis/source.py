"""Where a complaint or a hot spot comes from: back through what is declared to process, step, system and department, and
through records to what its customer did and what campaigns, releases and faults stood before it (S001-024).

What stands near in time is said to stand near. Nothing here says that one thing caused another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.analyses.complaints import complaint_sql, named_sql
from ganzhi.complaints.analysis.counts import value_name
from ganzhi.complaints.analysis.evidence import Evidence, evidence_of
from ganzhi.complaints.analysis.near import BACK, Near, Standing, near_feeds, near_of, standing_before, standing_feeds
from ganzhi.complaints.analysis.partition import domains_of
from ganzhi.complaints.analysis.rows import COMPLAINTS, rows, rows_within
from ganzhi.complaints.hotspots import ALL, Cell, hot_spots
from ganzhi.complaints.recognise.text import cleaned, masked
from ganzhi.measure.build.scope import Reader

LinkKind = Literal["category", "process", "commercial_process", "step", "system", "department", "product"]
NETWORK: Final = "network"
"""The domain of complaints for which faults of the network are looked at."""
MOST_PROCESSES: Final = 3
"""Processes of a hot spot that are followed back."""
MOST_DEPARTMENTS: Final = 5


@dataclass(frozen=True, slots=True)
class Link:
    """Something a complaint leads back to. via: the entry it hangs on. how: as the record says, as it is declared.
    count: of a hot spot the complaints whose records name it."""

    kind: LinkKind
    code: str
    name: Text
    how: Literal["recorded", "declared"]
    via: str = ""
    note: Text | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The complaint itself; said: masked. load, line: where it stands."""

    complaint: str
    received_at: datetime
    unit: str
    unit_name: Text
    category: str
    category_name: Text
    product: str
    product_name: Text | None
    said: str
    load: str
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """about: of one complaint; of a hot spot where and period instead. spots: hot spots of that day that hold it.
    first, last: within which near things were looked for. listed: whether records are told."""

    about: About | None
    unit: str
    unit_name: Text
    period: Period
    where: Mapping[str, str]
    count: int
    links: tuple[Link, ...]
    near: tuple[Near, ...]
    standing: tuple[Standing, ...]
    spots: tuple[Cell, ...]
    evidence: tuple[Evidence, ...]
    first: datetime
    last: datetime


def source_of(reader: Reader, complaint: str) -> Source:
    """Of one complaint. Raises: AccessError without list depth; InputError CRP002 for one that is not there, or out of
    reach: told alike."""
    reader.viewer.require("list")
    row = _record(reader, complaint)
    catalogue, received, unit = reader.workplace.catalogue, row["received_at"], str(row["unit"])
    assert isinstance(received, datetime)
    category, product, process = (str(row.get(name) or "") for name in ("category", "product", "process"))
    zone = reader.workplace.zone
    day, week = (period_of_day(grain, received.astimezone(zone).date(), zone) for grain in (Grain.DAY, Grain.WEEK))
    links = _links(
        reader,
        [(process, None)] if process else [],
        category,
        product,
        [(str(row["department"]), None)] if row.get("department") else [],
    )
    if not process and row.get("commercial_process"):
        links = (*links, _commercial(reader, str(row["commercial_process"]), "recorded"))
    systems = {each.code for each in links if each.kind == "system"}
    network = _of_network(reader, category)
    feeds = {**near_feeds(reader, received), **standing_feeds(reader, received, received, network=network)}
    with rows_within(reader, feeds) as session:
        near = near_of(reader, session, str(row["customer_id"] or ""), complaint, received)
        contacted = {each.campaign for each in near if each.campaign}
        standing = standing_before(
            reader, session, unit, systems, {process} - {""}, product, contacted, received, received, network=network
        )
    about = About(
        complaint, received, unit, value_name(reader, "unit", unit), category, value_name(reader, "complaint_category", category), product,
        value_name(reader, "product", product) if product else None, masked(cleaned(str(row.get("content") or ""))), str(row["_load"]), int(str(row["_line"])),
    )  # fmt: skip
    return Source(
        about=about,
        unit=unit,
        unit_name=about.unit_name,
        period=day,
        where={},
        count=1,
        links=links,
        near=near,
        standing=standing,
        spots=_spots(reader, day, unit, category, product),
        evidence=evidence_of(
            reader, unit if unit in catalogue.units else reader.ground.top, week, process, category, product
        ),
        first=received - BACK,
        last=received,
    )


def source_of_spot(reader: Reader, unit: str, period: Period, where: Mapping[str, str]) -> Source:
    """Of the complaints of a unit, period and slice. Raises: InputError REQ012, or as `observe`."""
    name = reader.ground.unit(unit).name
    indicator = reader.workplace.catalogue.indicator(ALL)
    wrong = [side for side in where if side not in indicator.by]
    if wrong:
        raise InputError(Issue("CRP003", wrong[0], params={"known": ", ".join(indicator.by)}))
    category, product = where.get("complaint_category", ""), where.get("product", "")
    counts = _named(reader, unit, period, where)
    processes = _first(counts["process"], MOST_PROCESSES)
    departments = _first(counts["department"], MOST_DEPARTMENTS)
    least = None if reader.viewer.may("list") else 5
    links = tuple(
        each
        if least is None or each.count is None or each.count >= least
        else Link(each.kind, each.code, each.name, each.how, each.via, each.note)
        for each in _links(reader, processes, category, product, departments)
    )
    systems = {each.code for each in links if each.kind == "system"}
    network = _of_network(reader, category)
    with rows_within(reader, standing_feeds(reader, period.start, period.end, network=network)) as session:
        standing = standing_before(
            reader, session, unit, systems, {code for code, _ in processes}, product, set(), period.start, period.end, network=network
        )  # fmt: skip
    main = processes[0][0] if processes else ""
    return Source(
        about=None,
        unit=unit,
        unit_name=name,
        period=period,
        where=dict(where),
        count=counts["*"].get("", 0),
        links=links,
        near=(),
        standing=standing,
        spots=(),
        evidence=evidence_of(reader, unit, period, main, category, product),
        first=period.start - BACK,
        last=period.end,
    )


def _of_network(reader: Reader, category: str) -> bool:
    """Whether a category may have to do with the network: by its domain, where that is known."""
    return domains_of(reader).get(category, NETWORK) == NETWORK


def _record(reader: Reader, complaint: str) -> Mapping[str, object]:
    feed = reader.workplace.catalogue.feed(COMPLAINTS)
    with rows_within(reader, {COMPLAINTS: (None, None)}) as session:
        found = session.query(complaint_sql(tuple(feed.columns), complaint[:100])).to_pylist()
    if not found:
        raise InputError(Issue("CRP002", complaint[:64]))
    row: Mapping[str, object] = found[0]
    return row


def _named(reader: Reader, unit: str, period: Period, where: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Of the complaints of a slice how many name each process and department, and how many there are under `*`."""
    columns = {"complaint_category": "category", "complaint_kind": "kind"}
    declared = reader.workplace.catalogue.feed(COMPLAINTS).columns
    named = {columns.get(side, side): value for side, value in where.items()}
    conditions = {name: value for name, value in named.items() if name in declared}
    with rows(reader, unit, {COMPLAINTS: (period.first_day, period.last_day)}) as session:
        found = session.query(named_sql(period.start, period.end, conditions, ("process", "department"))).to_pylist()
    counts: dict[str, dict[str, int]] = {"process": {}, "department": {}, "*": {}}
    for row in found:
        counts[row["side"]][row["value"] or ""] = row["n"]
    return counts


def _first(counts: Mapping[str, int], most: int) -> list[tuple[str, int | None]]:
    """The most frequent, without those of whom nothing is recorded."""
    known = [(code, count) for code, count in counts.items() if code]
    return [(code, count) for code, count in sorted(known, key=lambda each: (-each[1], each[0]))[:most]]


def _links(
    reader: Reader,
    processes: Sequence[tuple[str, int | None]],
    category: str,
    product: str,
    departments: Sequence[tuple[str, int | None]],
) -> tuple[Link, ...]:
    """Through what is declared: category to department, process to steps and systems; and what records name."""
    catalogue = reader.workplace.catalogue
    found: list[Link] = []
    if category:
        found.append(Link("category", category, value_name(reader, "complaint_category", category), "recorded"))
    if product:
        found.append(Link("product", product, value_name(reader, "product", product), "recorded"))
    for code, count in processes:
        found += _of_process(reader, code, count)
    named = {name for name, _ in departments}
    for name, count in departments:
        found.append(Link("department", name, Text(zh=name, en=name), "recorded", count=count))
    for department in catalogue.departments.values():
        answers = any(category in each.categories and each.lead for each in department.answers_for)
        if category and answers and department.name.zh not in named and not named & set(department.written):
            found.append(Link("department", department.name.zh, department.name, "declared", via=category))
    return tuple(found)


def _of_process(reader: Reader, code: str, count: int | None) -> Iterator[Link]:
    catalogue = reader.workplace.catalogue
    process = catalogue.processes.get(code)
    if process is None:
        yield Link("process", code, Text(zh=code, en=code), "recorded", count=count)
        return
    yield Link("process", code, process.name, "recorded", note=process.owner, count=count)
    yield _commercial(reader, process.commercial_process, "declared", code)
    systems = dict.fromkeys(process.systems)
    for name, step in process.steps.items():
        system = catalogue.systems.get(step.system)
        yield Link("step", name, step.name, "declared", via=code, note=None if system is None else system.name)
        systems.setdefault(step.system)
    for each in systems:
        declared = catalogue.systems.get(each)
        name_ = Text(zh=each, en=each) if declared is None else declared.name
        yield Link("system", each, name_, "declared", via=code, note=None if declared is None else declared.owner)


def _commercial(reader: Reader, code: str, how: Literal["recorded", "declared"], via: str = "") -> Link:
    declared = reader.workplace.catalogue.commercial_processes.get(code)
    return Link(
        "commercial_process",
        code,
        value_name(reader, "commercial_process", code),
        how,
        via,
        None if declared is None else declared.owner,
    )


def _spots(reader: Reader, day: Period, unit: str, category: str, product: str) -> tuple[Cell, ...]:
    """Hot spots of the day, as the viewer's own top unit has them, that hold a complaint."""
    top = reader.ground.top
    above = set()
    at: str | None = unit
    while at is not None and at in reader.workplace.catalogue.units:
        above.add(at)
        at = reader.workplace.catalogue.units[at].parent
    held = {"reason": category, "product": product}

    def holds(cell: Cell) -> bool:
        return all(
            key in above if side == "place" else key == held[side]
            for side, key in zip(cell.sides, cell.keys, strict=True)
        )

    return tuple(each for each in hot_spots(reader, top, day).cells if each.grown and holds(each))
