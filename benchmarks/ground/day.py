"""A workplace that holds a generated day, and copies of it that can be refreshed again and again.

Rows come into the manifest the way a load puts them there: one file of a partition with a ledger row and
an arrival. A copy shares the files of its original by hard links and has a store of its own, so that
every measured refresh begins with the same state.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.ground.transactions import DAY, FEED, Organisation, write_day
from ganzhi.base.ids import new_id
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import Change, NewFile
from ganzhi.warehouse.disk import sha256_of
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import NOW, make_workplace

DEFAULT_MEMORY_MB = 1024
"""Memory of a session of the engine in a workspace whose settings nobody has touched."""


def catalogue_of(organisation: Organisation, indicators: Mapping[str, Indicator] | None = None) -> Catalogue:
    """The pack over the generated organisation, with other indicators where given."""
    pack = load_catalogue("telecom", None)
    shown = pack.indicators if indicators is None else dict(indicators)
    return replace(pack, units=dict(organisation.units()), indicators=shown, topics={})


def place_at(folder: Path, catalogue: Catalogue, memory_mb: int = DEFAULT_MEMORY_MB) -> Workplace:
    """The workplace in a folder, made if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    return make_workplace(folder, catalogue, threads=len(os.sched_getaffinity(0)), memory_mb=memory_mb)


def add_day(
    workplace: Workplace, rows: int, organisation: Organisation, *, day: date = DAY, first: int = 0, feed: str = FEED
) -> None:
    """Generate a file of a day and let it count."""
    arriving = workplace.root / "arriving.parquet"
    write_day(arriving, rows, organisation, day=day, first=first)
    add_file(workplace, arriving, day, feed)


def add_file(workplace: Workplace, arriving: Path, day: date, feed: str = FEED) -> None:
    """Let the rows of a Parquet file count, which is moved into the warehouse."""
    found, wanted = pq.read_schema(arriving), rows_schema(workplace.catalogue.feed(feed))
    if found.names != wanted.names:
        raise AssertionError(f"{feed}: generated columns {found.names}, expected {wanted.names}")
    sha, table, load = sha256_of(arriving), f"rows/{feed}", new_id()
    relative = f"data/{table}/{day.isoformat()}/{sha[:32]}.parquet"
    target = workplace.files.root / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving.rename(target)
    rows = pq.read_metadata(target).num_rows
    file = NewFile(table, day.isoformat(), relative, sha, rows, target.stat().st_size)
    arrival = Arrival(feed, "generated", day, "", load, rows)
    record = LoadRecord(
        id=load,
        feed=feed,
        mapping="generated",
        file=f"{load}.csv",
        content_sha256=sha,
        state="accepted",
        read=rows,
        accepted=rows,
        duplicate=0,
        replaced=0,
        rejected=0,
        filtered=0,
        blanked=0,
        noted=0,
        first_day=day,
        last_day=day,
        started_at=NOW,
        finished_at=NOW,
        catalogue_version=workplace.catalogue.version,
    )
    workplace.store.manifest.commit(Change("load", add=(file,), load=record, arrivals=(arrival,)))


def copy_place(original: Path, copy: Path) -> Path:
    """A place of equal content in a new folder."""
    if copy.exists():
        shutil.rmtree(copy)
    shutil.copytree(original / "warehouse", copy / "warehouse", copy_function=os.link)
    for file in original.glob("store.sqlite*"):
        shutil.copy2(file, copy)
    return copy
