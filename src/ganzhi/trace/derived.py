"""How rows that are made from other rows stand in the ledger: a load of their own for each day.

So what arrived of their feeds is known as of any other; a day that is made again counts by how much it grew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from ganzhi.base.ids import digest, new_id
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import FileRef, NewFile
from ganzhi.warehouse.workplace import Workplace


def made_load(
    workplace: Workplace,
    mapping: str,
    name: str,
    files: Sequence[NewFile],
    old: Sequence[FileRef],
    began: datetime,
) -> tuple[LoadRecord, tuple[Arrival, ...]]:
    """The load of a day's rows, and what arrived with it. mapping: what the ledger calls the way they came about. name: whose
    rows they are; the load's feed is that of the first file. old: the files that these replace."""
    code, day = new_id(), date.fromisoformat(files[0].partition)
    before = {file.table: file.rows for file in old}
    rows = sum(file.rows for file in files)
    arrivals = tuple(
        Arrival(
            feed_of(file), mapping, date.fromisoformat(file.partition), "", code, max(0, file.rows - before.get(file.table, 0))
        )
        for file in files
    )  # fmt: skip
    load = LoadRecord(
        id=code,
        feed=feed_of(files[0]),
        mapping=mapping,
        file=f"{name} {day}",
        content_sha256=digest(code, *(file.sha256 for file in files)),
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
        started_at=began,
        finished_at=workplace.clock.now(),
        catalogue_version=workplace.catalogue.version,
    )
    return load, arrivals


def feed_of(file: NewFile) -> str:
    """The feed whose rows a file holds."""
    return file.table.partition("/")[2]
