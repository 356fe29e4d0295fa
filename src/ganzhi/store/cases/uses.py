"""How cases and manuals were used, and what was searched. Counted once for each occasion and person; not audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.ids import new_id
from ganzhi.store.cases.records import Counts, Search, UseAct
from ganzhi.store.cases.tables import CaseSearchRow, CaseUseRow
from ganzhi.store.database import Database

LONGEST_TEXT: Final = 400
"""Characters of a search that the log keeps."""
_SEARCH = tuple(getattr(CaseSearchRow, name) for name in Search.__slots__)


class CaseUses:
    """The uses and searches of one store's library."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def note(self, entries: Sequence[str], act: UseAct, *, occasion: str, by: str) -> None:
        """Count that somebody was shown, opened or used entries on an occasion; a second time counts nothing."""
        if not entries:
            return
        now = self._clock.now()
        rows = [
            {"entry": each, "act": act, "occasion": occasion, "by": by, "at": now, "helped": None}
            for each in dict.fromkeys(entries)
        ]
        self._database.once(
            lambda connection: connection.execute(
                self._database.upsert(CaseUseRow).values(rows).on_conflict_do_nothing()
            )
        )

    def judge(self, entry: str, *, helped: bool, occasion: str, by: str) -> None:
        """Keep whether an entry helped; the last judgement of a person on an occasion counts. It was used, too."""
        now = self._clock.now()
        used = {"entry": entry, "act": "used", "occasion": occasion, "by": by, "at": now, "helped": None}
        said = {**used, "act": "judged", "helped": int(helped)}
        key = ["entry", "act", "occasion", "by"]

        def work(connection: sa.Connection) -> None:
            connection.execute(self._database.upsert(CaseUseRow).values(used).on_conflict_do_nothing())
            row = self._database.upsert(CaseUseRow).values(said)
            connection.execute(
                row.on_conflict_do_update(index_elements=key, set_={"helped": said["helped"], "at": now})
            )

        self._database.once(work)

    def counts(self, since: datetime | None = None) -> Mapping[str, Counts]:
        """By entry how often it was used, from an instant on or ever; entries without any use are left out."""
        many = sa.func.count().label("n")
        helped = sa.func.coalesce(sa.func.sum(CaseUseRow.helped), 0).label("helped")
        query = sa.select(CaseUseRow.entry, CaseUseRow.act, many, helped, sa.func.max(CaseUseRow.at).label("last"))
        if since is not None:
            query = query.where(CaseUseRow.at >= since)
        found: dict[str, dict[str, tuple[int, int, datetime]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query.group_by(CaseUseRow.entry, CaseUseRow.act)):
                found.setdefault(row.entry, {})[row.act] = (row.n, int(row.helped), row.last)
        return {entry: _counts(by_act) for entry, by_act in found.items()}

    def used_on(self, occasion: str, by: str) -> Mapping[str, bool | None]:
        """The entries that a person used on an occasion, and whether they helped; None where nothing was said."""
        query = sa.select(CaseUseRow.entry, CaseUseRow.act, CaseUseRow.helped).where(
            CaseUseRow.occasion == occasion, CaseUseRow.by == by, CaseUseRow.act.in_(("used", "judged"))
        )
        found: dict[str, bool | None] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                found[row.entry] = bool(row.helped) if row.act == "judged" else found.get(row.entry)
        return found

    def log(self, text: str, *, by: str, category: str, product: str, found: int, best: str | None) -> str:
        """Keep a search; the text comes masked. Its id."""
        made = Search(
            new_id(), self._clock.now(), by, text[:LONGEST_TEXT], category, product, found, best
        )  # fmt: skip
        values = {name: getattr(made, name) for name in Search.__slots__}
        self._database.once(lambda connection: connection.execute(sa.insert(CaseSearchRow).values(**values)))
        return made.id

    def searches(self, limit: int = 200, *, without_answer: bool = False) -> tuple[Search, ...]:
        """The latest searches, newest first; all or those that nothing answered."""
        query = sa.select(*_SEARCH).order_by(CaseSearchRow.at.desc(), CaseSearchRow.id.desc()).limit(limit)
        if without_answer:
            query = query.where(CaseSearchRow.found == 0)
        with self._database.read() as connection:
            return tuple(Search(**row._asdict()) for row in connection.execute(query))


def _counts(by_act: Mapping[str, tuple[int, int, datetime]]) -> Counts:
    judged, helped = by_act.get("judged", (0, 0, None))[:2]
    worked = [last for act, (_, _, last) in by_act.items() if act in ("opened", "used", "judged")]
    return Counts(
        shown=by_act["shown"][0] if "shown" in by_act else 0,
        opened=by_act["opened"][0] if "opened" in by_act else 0,
        used=by_act["used"][0] if "used" in by_act else 0,
        helped=helped,
        not_helped=judged - helped,
        last_used=max(worked, default=None),
    )
