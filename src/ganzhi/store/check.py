"""What is wrong with a store, or needs somebody: for `ganzhi doctor` and the pages.

Reads only. Each check is one function and one line in `CHECKS`; a check that cannot run reports
why as its issue, and the others run all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, Issue
from ganzhi.store.audit import Audit
from ganzhi.store.database import Database
from ganzhi.store.migrations.run import revision
from ganzhi.store.models import CommitRow, FileRow, JobRow, ManifestHead, NoticeRow

OUTBOX_LATE: Final = timedelta(minutes=10)

Check = Callable[[Database, Clock], Iterator[Issue]]


def check(database: Database, clock: Clock) -> list[Issue]:
    """Run all checks; empty when the store is well."""
    found: list[Issue] = []
    for one in CHECKS:
        try:
            found.extend(one(database, clock))
        except EngineError as error:
            if error.issue not in found:
                found.append(error.issue)
    return found


def _schema(database: Database, _clock: Clock) -> Iterator[Issue]:
    with database.read() as connection:
        revision(connection)
    yield from ()


def _library(database: Database, _clock: Clock) -> Iterator[Issue]:
    if database.sqlite is not None and database.journal == "truncate":
        version = database.sqlite.sqlite_version
        yield Issue("STO008", "sqlite", params={"version": version}, severity="warning")


def _sound(database: Database, _clock: Clock) -> Iterator[Issue]:
    with database.read() as connection:
        if database.postgres:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            if encoding != "UTF8":
                yield Issue("STO024", database.location, params={"found": encoding})
            return
        for verdict in connection.exec_driver_sql("PRAGMA quick_check(10)").scalars():
            if verdict != "ok":
                yield Issue("STO006", database.location, params={"reason": str(verdict)[:300]})
        orphans = len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
        if orphans:
            yield Issue("STO023", database.location, params={"count": str(orphans)})


def _manifest(database: Database, _clock: Clock) -> Iterator[Issue]:
    with database.read() as connection:
        head = connection.execute(sa.select(ManifestHead.number, ManifestHead.next_file)).one_or_none()
        last, commits = connection.execute(
            sa.select(sa.func.coalesce(sa.func.max(CommitRow.number), 0), sa.func.count())
        ).one()
        top = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(FileRow.id), 0)))
    if head is None or not head.number == last == commits or head.next_file <= (top or 0):
        params = {"head": str(head and tuple(head)), "found": f"{commits} / {last} / {top}"}
        yield Issue("STO022", "manifest", params=params)


def _audit(database: Database, clock: Clock) -> Iterator[Issue]:
    yield from Audit(database, clock).verify()


def _dead_jobs(database: Database, _clock: Clock) -> Iterator[Issue]:
    dead = sa.select(JobRow.kind, sa.func.count()).where(JobRow.state == "dead")
    with database.read() as connection:
        for kind, count in connection.execute(dead.group_by(JobRow.kind).order_by(JobRow.kind)):
            yield Issue("STO013", kind, params={"count": str(count)}, severity="warning")


def _outbox(database: Database, clock: Clock) -> Iterator[Issue]:
    late = sa.and_(NoticeRow.state.in_(("waiting", "sending")), NoticeRow.created_at < clock.now() - OUTBOX_LATE)
    for code, where in (
        ("STO017", NoticeRow.state == "failed"),
        ("STO025", sa.and_(late, NoticeRow.withheld.is_(None))),
    ):
        query = sa.select(NoticeRow.channel, sa.func.count()).where(where)
        with database.read() as connection:
            for channel, count in connection.execute(query.group_by(NoticeRow.channel).order_by(NoticeRow.channel)):
                yield Issue(code, channel, params={"count": str(count)}, severity="warning")


CHECKS: Final[tuple[Check, ...]] = (_schema, _library, _sound, _manifest, _audit, _dead_jobs, _outbox)
