"""A workspace of two feeds and a few mappings for the tests of this room, and a look at all that a load changed."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ganzhi.base.clock import Clock, FixedClock
from ganzhi.catalogue.model.data import CodeList, Feed, Mapping, Unit
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest import quarantine
from ganzhi.ingest.load import load
from ganzhi.ingest.quarantine import Rejected
from ganzhi.ingest.report import LoadReport
from ganzhi.store.manifest import FileRef
from ganzhi.store.open import open_store
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.workplace import Workplace

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HEADER = "id,at,hall,kind,amount,fee,note"


def text(word: str) -> dict[str, str]:
    return {"zh": word, "en": word}


def column(kind: str, **more: Any) -> dict[str, Any]:
    return {"name": text("c"), "type": kind, **more}


VISITS: dict[str, Any] = {
    "name": text("visits"),
    "record": text("visit"),
    "key": ["id"],
    "time": "at",
    "unit": "hall",
    "columns": {
        "id": column("text", required=True),
        "at": column("timestamp", required=True),
        "hall": column("text", required=True),
        "kind": column("text", allowed="kinds"),
        "amount": column("int", min=0, max=1000),
        "fee": column("decimal", scale=2),
        "note": column("text"),
    },
    "window": {"earliest": "2020-01-01", "future_hours": 24},
    "rejected_limit": "1",
}
MAPPING: dict[str, Any] = {
    "name": text("plain"),
    "feed": "visits",
    "columns_expected": HEADER.split(","),
    "columns": {name: {"source": name} for name in HEADER.split(",")},
}
CODE_LISTS: dict[str, Any] = {
    "kinds": {
        "name": text("kinds"),
        "entries": [{"code": code, "to": code} for code in ("cash", "card", "other", "现金")],
    }
}
UNITS: dict[str, Any] = {
    "all": {"name": text("all"), "level": "province"},
    "h1": {"name": text("h1"), "level": "hall", "parent": "all"},
    "h2": {"name": text("h2"), "level": "hall", "parent": "all", "valid_from": "2026-02-01", "valid_to": "2026-10-31"},
}


def catalogue(
    *,
    feed: ReadOnly[str, Any] | None = None,
    mapping: ReadOnly[str, Any] | None = None,
    code_lists: ReadOnly[str, Any] | None = None,
    units: ReadOnly[str, Any] | None = None,
    version: str = "test 1+000000000000",
) -> Catalogue:
    """The catalogue of these tests, with parts of feed and mapping replaced."""
    lists = {**CODE_LISTS, **(code_lists or {})}
    return Catalogue.of(
        version,
        {
            "feeds": {"visits": Feed.model_validate({**VISITS, **(feed or {})})},
            "code_lists": {code: CodeList.model_validate(each) for code, each in lists.items()},
            "mappings": {"plain": Mapping.model_validate({**MAPPING, **(mapping or {})})},
            "units": {code: Unit.model_validate(each) for code, each in {**UNITS, **(units or {})}.items()},
        },
    )


def columns_with(**changed: Any) -> dict[str, Any]:
    """The mapping's columns, some of them replaced; None takes one out."""
    found = {**MAPPING["columns"], **changed}
    return {name: each for name, each in found.items() if each is not None}


def feed_columns_with(**changed: Any) -> dict[str, Any]:
    """The feed's columns with some of them replaced."""
    return {**VISITS["columns"], **changed}


def line(number: int, **values: str) -> str:
    """A good record, with some of its values replaced."""
    base = {
        "id": f"v{number}",
        "at": f"2026-03-{number % 28 + 1:02d} 09:00:00",
        "hall": "h1",
        "kind": "cash",
        "amount": str(number % 1000),
        "fee": "1.50",
        "note": "fine",
    }
    return ",".join({**base, **values}[name] for name in HEADER.split(","))


def csv(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    """A file of a header and lines."""
    return end.join((header, *lines, "")).encode()


@dataclass(frozen=True)
class State:
    """All that counts: files by table, and loads."""

    files: tuple[FileRef, ...]
    loads: tuple[str, ...]


@dataclass
class Desk:
    """An open workspace, with the shorthand the tests need."""

    root: Path
    workplace: Workplace = field(init=False)
    clock: Clock = field(default_factory=lambda: FixedClock(NOW))
    store_url: str = ""
    memory_mb: int = 512

    def __post_init__(self) -> None:
        (self.root / "in").mkdir(parents=True, exist_ok=True)
        self.workplace = Workplace(
            root=self.root,
            catalogue=catalogue(),
            store=open_store(self.store_url or f"sqlite:///{self.root / 'store.sqlite'}", self.clock),
            files=Files(self.root / "warehouse"),
            engine=DuckDBEngine(self.root / "warehouse", ZONE, memory_mb=self.memory_mb, threads=2),
            zone=ZONE,
            clock=self.clock,
        )

    def close(self) -> None:
        self.workplace.store.close()

    def use(self, **parts: Any) -> Desk:
        """Go on with another catalogue."""
        self.workplace = replace(self.workplace, catalogue=catalogue(**parts))
        return self

    def in_zone(self, name: str) -> Desk:
        """Go on in another zone."""
        self.workplace = replace(self.workplace, zone=ZoneInfo(name))
        return self

    def file(self, name: str, content: bytes) -> Path:
        path = self.root / "in" / name
        path.write_bytes(content)
        return path

    def load(self, content: bytes | Path, name: str = "visits.csv") -> LoadReport:
        path = content if isinstance(content, Path) else self.file(name, content)
        return load(self.workplace, "visits", [path], wait_s=5)[0]

    def rows(self, columns: str = "*") -> list[dict[str, Any]]:
        """All rows that count, in order of their keys; times as epoch seconds."""
        refs = self.workplace.store.manifest.snapshot().table("rows/visits")
        if not refs:
            return []
        schema = self.workplace.files.schema(refs[0])
        with self.workplace.engine.session({"rows": Relation(refs, schema)}) as session:
            listed = ", ".join(f'epoch("{c}")::BIGINT AS "{c}"' if c == "at" else f'"{c}"' for c in schema.names)
            sql = f"SELECT {columns} FROM (SELECT {listed} FROM rows) ORDER BY ALL"
            return [dict(row) for row in session.query(sql).to_pylist()]

    def content(self) -> list[tuple[Any, ...]]:
        """All rows that count without the load they came by."""
        return sorted(
            (tuple(v for k, v in row.items() if k not in ("_load", "_line")) for row in self.rows()), key=repr
        )

    def rejected(self) -> tuple[Rejected, ...]:
        return quarantine.rows(self.workplace, limit=1_000_000)[0]

    def state(self) -> State:
        snapshot = self.workplace.store.manifest.snapshot()
        return State(snapshot.files, tuple(r.id for r in self.workplace.store.ledger.loads(limit=10_000)))

    def leftovers(self) -> list[Path]:
        """Files in the staging folders: there must be none between loads."""
        folder = self.root / "warehouse" / "tmp"
        return list(folder.rglob("*")) if folder.exists() else []
