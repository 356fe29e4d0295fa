"""Intake: whether every complaint is recorded (S001-014), and the one flow of all that customers come with (S001-015).

A contact whose code says that a complaint was made has to have a record; so has a bad rating whose words say so. Both are
looked for in the log of contacts and in ratings, whatever the channel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.access.shown.masking import mask
from ganzhi.compile.tickets.intake import CONTACTS, RATINGS, comments_sql, contacts_sql
from ganzhi.compile.tickets.rows import FEEDS, Kind, flow_sql
from ganzhi.complaints.recognise.text import LONGEST, cleaned, masked
from ganzhi.complaints.recognise.words import Words
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.tickets.read import KINDS, members_of, rows_of
from ganzhi.complaints.tickets.repeats import above
from ganzhi.measure.build.scope import Reader
from ganzhi.numerics.intervals import Interval, wilson

BAD_SCORE: Final = 2
"""Ratings up to this are bad ones, as the feed has it."""
Found = Literal["code", "words"]


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A contact without the record it asks for. how: by its code, or by the words of a bad rating. who, text: never shown.
    words: those that say so. named: the number of a record that there is not. origin: load and line of the contact."""

    id: str
    how: Found
    at: datetime
    unit: str
    who: str | None = field(repr=False)
    channel: str | None
    code: str | None
    business: str | None
    product: str | None
    team: str | None
    agent: str | None
    named: str | None
    text: str | None = field(repr=False)
    words: tuple[str, ...]
    origin: tuple[str, int]

    @property
    def customer(self) -> str | None:
        """The customer, masked."""
        found = mask(self.who, "personal")
        return None if found is None else str(found)

    @property
    def content(self) -> str:
        """What was said, with numbers covered."""
        return masked((self.text or "")[:LONGEST])


@dataclass(frozen=True, slots=True)
class UnitIntake:
    """A unit below: contacts that ask for a record, and those without; None where too few to be shown."""

    unit: str
    contacts: int
    missing: int | None


@dataclass(frozen=True, slots=True)
class Intake:
    """Completeness of a unit. contacts: whose code asks for a record. missing: without one; None where too few to be
    shown. recorded: share with one, with 95 %; None without contacts. said: bad ratings whose words ask for one and that
    have none. found: all of them, the oldest first; () without list depth. codes: contacts and missing ones by code."""

    unit: str
    since: datetime
    until: datetime
    contacts: int
    missing: int | None
    recorded: Interval | None
    said: int | None
    found: tuple[Unrecorded, ...]
    codes: Mapping[str, tuple[int, int]]
    units: tuple[UnitIntake, ...]

    @property
    def rate(self) -> float | None:
        """Share of contacts with a record."""
        return None if self.missing is None or not self.contacts else 1 - self.missing / self.contacts


def missing(reader: Reader, unit: str, since: datetime, until: datetime) -> Intake:
    """Contacts of [since, until) without the record they ask for. A contact of the last hours may still get one: its
    record is looked for within the declared hours.

    Raises: InputError REQ012 for a unit out of reach.
    """
    catalogue = reader.workplace.catalogue
    rules = rules_of(catalogue)
    reader.ground.unit(unit)
    kinds: list[Kind] = [kind for kind in KINDS if any(kind in each for each in rules.intake.values())]
    counts, rows, comments = [], [], []
    feeds = [each for each in (CONTACTS, RATINGS) if each in catalogue.feeds]
    if kinds and feeds:
        within = int(float(rules.intake_hours) * 3600)
        with rows_of(reader, [*feeds, *(FEEDS[kind] for kind in kinds)]) as session:
            session.register("members", members_of(reader, (unit,)))
            if CONTACTS in feeds:
                asked = (dict(rules.intake), since, until, within)
                counts = session.query(contacts_sql(*asked, counted=True)).to_pylist()
                rows = session.query(contacts_sql(*asked, counted=False)).to_pylist()
            if RATINGS in feeds:
                comments = session.query(comments_sql(kinds, since, until, within, BAD_SCORE)).to_pylist()
    said = [one for row in comments if (one := _by_words(reader, row)) is not None]
    found = sorted([*(_by_code(row) for row in rows), *said], key=lambda each: (each.at, each.id))
    least = 1 if reader.viewer.may("list") else SMALLEST_CELL
    lost, contacts = len(rows), sum(row["n"] for row in counts)
    return Intake(
        unit=unit,
        since=since,
        until=until,
        contacts=contacts,
        missing=_shown(lost, least),
        recorded=wilson(contacts - lost, contacts) if contacts and _shown(lost, least) is not None else None,
        said=_shown(len(said), least),
        found=tuple(found) if least == 1 else (),
        codes=_by(counts, "code") if least == 1 else {},
        units=_below(reader, unit, counts, least),
    )


def _shown(count: int, least: int) -> int | None:
    return count if count >= least or not count else None


def _by_code(row: Mapping[str, Any]) -> Unrecorded:
    return Unrecorded(
        id=row["contact_id"], how="code", at=row["taken_at"], unit=row["unit"], who=row["who"], channel=row["channel"],
        code=row["code"], business=row["business"], product=row["product"], team=row["team"], agent=row["agent"],
        named=row["named"], text=None, words=(), origin=(row["_load"] or "", row["_line"] or 0),
    )  # fmt: skip


def _by_words(reader: Reader, row: Mapping[str, Any]) -> Unrecorded | None:
    """A bad rating, when words of it say that something is wrong or was told before."""
    day = row["taken_at"].astimezone(reader.workplace.zone).date()
    hits = Words.of(reader.workplace.catalogue).find(cleaned(row["said"]), day)
    words = tuple(dict.fromkeys(each.form for each in hits if each.purpose in ("intent", "again", "escalation")))
    if not words:
        return None
    return Unrecorded(
        id=row["contact_id"], how="words", at=row["taken_at"], unit=row["unit"], who=row["who"], channel=row["channel"],
        code=None, business=row["business"], product=row["product"], team=row["team"], agent=row["agent"], named=None,
        text=row["said"], words=words, origin=(row["_load"] or "", row["_line"] or 0),
    )  # fmt: skip


def _by(counts: Sequence[Mapping[str, Any]], side: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in counts:
        n, lost = found.get(row[side], (0, 0))
        found[row[side]] = (n + row["n"], lost + row["missing"])
    return found


def _below(reader: Reader, unit: str, counts: Sequence[Mapping[str, Any]], least: int) -> tuple[UnitIntake, ...]:
    below = reader.ground.children(unit)
    rows: dict[str, list[int]] = {}
    for each, (n, lost) in _by(counts, "unit").items():
        top = above(reader.workplace.catalogue, each, below)
        if top is not None:
            own = rows.setdefault(top, [0, 0])
            own[0] += n
            own[1] += lost
    small = any(0 < lost < least for _, lost in rows.values())
    return tuple(UnitIntake(code, rows[code][0], None if small else rows[code][1]) for code in below if code in rows)


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in over one channel (S001-015). tickets: of each kind. replied, closed: those of them that were."""

    channel: str | None
    tickets: Mapping[Kind, int]
    replied: int
    closed: int


def flow(
    reader: Reader, unit: str, since: datetime, until: datetime, kinds: Collection[Kind] = KINDS
) -> tuple[Flow, ...]:
    """Complaints, trouble reports and needs received in [since, until) by channel, from intake to feedback; the channel
    with most first. Raises: InputError REQ012; AccessError without list depth."""
    reader.viewer.require("list")
    reader.ground.unit(unit)
    rows: dict[str | None, dict[Kind, Mapping[str, int]]] = {}
    with rows_of(reader, [FEEDS[kind] for kind in KINDS if kind in kinds]) as session:
        session.register("members", members_of(reader, (unit,)))
        for kind in KINDS:
            if kind in kinds:
                for row in session.query(flow_sql(kind, since, until)).to_pylist():
                    rows.setdefault(row["channel"], {})[kind] = row
    found = [
        Flow(
            channel,
            {kind: row["n"] for kind, row in own.items()},
            sum(row["replied"] for row in own.values()),
            sum(row["closed"] for row in own.values()),
        )
        for channel, own in rows.items()
    ]
    return tuple(sorted(found, key=lambda each: (-sum(each.tickets.values()), each.channel or "")))
