"""Samples of records behind findings, and what was found in them, as rows. Drawing is another room's matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.findings.records import Sample
from ganzhi.store.findings.tables import SampleRow

_DRAWN = ("rows", "phenomena")
"""Kept together in one column."""
_COLUMNS = tuple(getattr(SampleRow, name) for name in Sample.__slots__ if name not in _DRAWN)


def add_sample(connection: sa.Connection, sample: Sample) -> None:
    """Keep a sample in the caller's transaction."""
    values = {name: getattr(sample, name) for name in Sample.__slots__ if name not in _DRAWN}
    connection.execute(sa.insert(SampleRow).values(drawn=_drawn(sample), **values))


class Samples:
    """The samples of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, sample: Sample, by: str) -> Sample:
        """Keep a sample."""

        def work(connection: sa.Connection) -> None:
            if _get(connection, sample.id) is None:
                add_sample(connection, sample)

        detail = {"sample": sample.id, "rows": len(sample.rows), "of": sample.population}
        perform(self._database, Act(by, self._clock.now(), "finding.sample", sample.finding, detail), work)
        return sample

    def of(self, finding: str) -> tuple[Sample, ...]:
        """The samples of a finding, oldest first."""
        query = sa.select(*_COLUMNS, SampleRow.drawn).where(SampleRow.finding == finding).order_by(SampleRow.id)
        with self._database.read() as connection:
            return tuple(_sample(row) for row in connection.execute(query))

    def code(
        self, seen: Sample, causes: Mapping[str, str], by: str, phenomena: Mapping[str, str] | None = None
    ) -> Sample:
        """Note what was found in records of a sample (`load:line` to cause, to phenomenon); an empty text takes one back.

        Raises: InputError FND010 for a record that is not in the sample, STO005 when somebody coded it meanwhile.
        """
        seen_too = phenomena or {}
        strange = [row for row in {**causes, **seen_too} if row not in seen.rows]
        if strange:
            raise InputError([Issue("FND010", row[:64]) for row in strange])
        kept, noted = _merged(seen.causes, causes), _merged(seen.phenomena, seen_too)
        result = replace(seen, causes=kept, phenomena=noted, version=seen.version + 1)

        def work(connection: sa.Connection) -> None:
            change = sa.update(SampleRow).where(SampleRow.id == seen.id, SampleRow.version == seen.version)
            if (
                connection.execute(change.values(causes=kept, drawn=_drawn(result), version=result.version)).rowcount
                != 1
            ):
                raise InputError(Issue("STO005", seen.id))

        detail = {"sample": seen.id, "coded": len(kept), "of": len(seen.rows)}
        perform(self._database, Act(by, self._clock.now(), "finding.code", seen.finding, detail), work)
        return result


def _get(connection: sa.Connection, identity: str) -> str | None:
    return connection.scalar(sa.select(SampleRow.id).where(SampleRow.id == identity))


def _sample(row: Any) -> Sample:
    fields = row._asdict()
    drawn = fields.pop("drawn")
    return Sample(rows=tuple(drawn["rows"]), phenomena=drawn.get("phenomena", {}), **fields)


def _drawn(sample: Sample) -> dict[str, object]:
    found: dict[str, object] = {"rows": list(sample.rows)}
    return {**found, "phenomena": dict(sample.phenomena)} if sample.phenomena else found


def _merged(before: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    merged = {**before, **{row: check_text(text.strip()) for row, text in given.items()}}
    return {row: text for row, text in merged.items() if text}
