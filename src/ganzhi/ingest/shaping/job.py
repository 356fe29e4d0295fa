"""What one load is about: catalogue, feed, mapping, zone and time; and the mapping's expressions, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.expressions import Expr, parse
from ganzhi.catalogue.expressions.parse import Want
from ganzhi.catalogue.model.data import ColumnType, Feed, MappedColumn, Mapping
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.sender import ANYBODY, Sender
from ganzhi.ingest.shaping.localtime import has_marks
from ganzhi.warehouse.workplace import Workplace


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Job:
    """What is loaded into what, by which catalogue, where, when and by whom. expired: the last day whose rows were
    dropped."""

    catalogue: Catalogue
    feed_code: str
    mapping_code: str
    zone: ZoneInfo
    now: datetime
    expired: date | None = None
    sender: Sender = ANYBODY

    @classmethod
    def of(cls, workplace: Workplace, feed: str, mapping: str, sender: Sender = ANYBODY) -> Job:
        """A load that begins now."""
        states = workplace.store.manifest.snapshot().table(f"day/{feed}/add")
        dropped = max((file.partition for file in states if not file.inputs), default=None)
        expired = None if dropped is None else date.fromisoformat(dropped)
        return cls(workplace.catalogue, feed, mapping, workplace.zone, workplace.clock.now(), expired, sender)

    @property
    def earliest(self) -> date:
        """The first local day of which a row is accepted."""
        declared = self.feed.window.earliest
        return declared if self.expired is None else max(declared, self.expired + timedelta(days=1))

    @property
    def feed(self) -> Feed:
        """The feed that receives the rows."""
        return self.catalogue.feed(self.feed_code)

    @property
    def mapping(self) -> Mapping:
        """The mapping that is applied."""
        return self.catalogue.mappings[self.mapping_code]

    @property
    def window(self) -> tuple[date, date]:
        """First and last UTC day an accepted event time can lie on."""
        last = self.now.astimezone(UTC).date() + timedelta(days=self.feed.window.future_hours // 24 + 2)
        return self.earliest - timedelta(days=1), last

    def zone_of(self, mapped: MappedColumn) -> ZoneInfo:
        """Zone of a local time stamp."""
        return ZoneInfo(mapped.zone or self.mapping.zone or self.zone.key)

    def has_mark(self, mapped: MappedColumn) -> bool:
        """Whether local times of a column may exist twice or never."""
        local = mapped.clock is not None or (mapped.epoch is None and mapped.zone != "offset")
        return local and has_marks(self.zone_of(mapped), *self.window)


def expressions(job: Job) -> dict[str, Expr]:
    """Every expression of the mapping, checked over its source columns: by feed column, `absent:<column>`, `where`."""
    mapping = job.mapping
    columns: dict[str, ColumnType] = dict.fromkeys(_declared_sources(mapping), "text")
    found: dict[str, Expr] = {}

    def read(key: str, text: str | None, want: Want) -> None:
        if text is not None:
            at = job.catalogue.place("mappings", job.mapping_code)
            found[key] = parse(text, columns, want=want, subject=job.mapping_code, at=at)

    for name, mapped in mapping.columns.items():
        read(name, mapped.expr, "any")
        read(f"absent:{name}", mapped.clock.absent_when if mapped.clock else None, "bool")
    read("where", mapping.where, "bool")
    return found


def _declared_sources(mapping: Mapping) -> list[str]:
    names = list(mapping.columns_expected)
    for mapped in mapping.columns.values():
        names += [
            name for name in (mapped.source, *((mapped.clock.date, mapped.clock.time) if mapped.clock else ())) if name
        ]
    return list(dict.fromkeys(names))


def used_sources(job: Job) -> tuple[str, ...]:
    """Source columns the mapping reads, in order of first use."""
    names: list[str] = []
    for mapped in job.mapping.columns.values():
        names += [
            name for name in (mapped.source, *((mapped.clock.date, mapped.clock.time) if mapped.clock else ())) if name
        ]
    for expr in expressions(job).values():
        names += expr.columns
    used = tuple(dict.fromkeys(names))
    folded = [name.casefold() for name in used]
    twice = [name for name in used if folded.count(name.casefold()) > 1]
    if twice:
        raise InputError(
            Issue("ING013", twice[0], job.catalogue.place("mappings", job.mapping_code), {"column": twice[0]})
        )
    return used
