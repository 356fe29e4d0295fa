from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ganzhi.base.errors import EngineError, GanzhiError, InputError, InternalError
from ganzhi.store.audit import AuditEntry, AuditHead
from ganzhi.store.models import AuditHeadRow, AuditRow
from ganzhi.store.open import Store

Tamper = Callable[[sa.Connection], object]


def _fill(store: Store, count: int = 6) -> None:
    for n in range(count):
        store.audit.append(f"user-{n}", "finding.close", f"finding {n}", {"reason": "已处理", "n": n})


def _disarm(connection: sa.Connection, postgres: bool) -> None:
    """What somebody with all rights would do first."""
    if postgres:
        connection.exec_driver_sql("DROP TRIGGER audit_append_only ON audit")
    else:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")


def _swap(connection: sa.Connection) -> None:
    for old, new in ((2, -1), (4, 2), (-1, 4)):
        connection.execute(sa.update(AuditRow).where(AuditRow.number == old).values(number=new))


def _cut(connection: sa.Connection) -> None:
    connection.execute(sa.delete(AuditRow).where(AuditRow.number > 4))


def _cut_and_mend_head(connection: sa.Connection) -> None:
    _cut(connection)
    last = connection.execute(sa.select(AuditRow.hash).where(AuditRow.number == 4)).scalar_one()
    connection.execute(sa.update(AuditHeadRow).values(number=4, hash=last))


def _rewrite(entries: tuple[AuditEntry, ...], connection: sa.Connection) -> None:
    """Change entry 2 and compute every hash from there on anew."""
    previous = entries[0].hash
    for entry in entries[1:]:
        actor = "nobody" if entry.number == 2 else entry.actor
        values = {"actor": actor, "previous": previous}
        previous = replace(entry, actor=actor, previous=previous).expected_hash()
        changed = sa.update(AuditRow).where(AuditRow.number == entry.number)
        connection.execute(changed.values(**values, hash=previous))
    connection.execute(sa.update(AuditHeadRow).values(hash=previous))


def _forge_one(connection: sa.Connection) -> None:
    """Change entry 3 and give it the hash that fits, but leave the entries after it."""
    row = connection.execute(
        sa.select(*(getattr(AuditRow, n) for n in AuditEntry.__slots__)).where(AuditRow.number == 3)
    )
    forged = replace(AuditEntry(*row.one()), actor="nobody")
    changed = sa.update(AuditRow).where(AuditRow.number == 3)
    connection.execute(changed.values(actor="nobody", hash=forged.expected_hash()))


def _alter(column: str, value: object) -> Tamper:
    return lambda c: c.execute(sa.update(AuditRow).where(AuditRow.number == 3).values(**{column: value}))


TAMPERINGS: dict[str, Tamper] = {
    **{
        f"altered {column}": _alter(column, value)
        for column, value in {
            "actor": "x", "act": "x", "subject": "x", "detail": {"n": 7}, "request": "x", "previous": "x", "hash": "x",
        }.items()
    },
    "deleted in the middle": lambda c: c.execute(sa.delete(AuditRow).where(AuditRow.number == 3)),
    "deleted at the start": lambda c: c.execute(sa.delete(AuditRow).where(AuditRow.number == 1)),
    "all deleted": lambda c: c.execute(sa.delete(AuditRow)),
    "altered with its hash": _forge_one,
    "swapped": _swap,
    "cut off": _cut,
    "head lost": lambda c: c.execute(sa.delete(AuditHeadRow)),
    "inserted below": lambda c: c.exec_driver_sql(
        "INSERT INTO audit SELECT 0, 'r', at, actor, act, subject, detail, previous, hash FROM audit WHERE number = 1"
    ),
}  # fmt: skip


def test_a_trail_that_nobody_touched_is_whole(store: Store) -> None:
    assert store.audit.verify() == []
    _fill(store)
    entries = store.audit.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[3].detail == {"reason": "已处理", "n": 3}
    assert [entry.number for entry in store.audit.entries(after=2, limit=2)] == [3, 4]
    assert store.audit.verify([store.audit.head()]) == []


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_shows(store: Store, how: str) -> None:
    _fill(store)
    with store.database.write() as connection:
        _disarm(connection, store.database.postgres)
        TAMPERINGS[how](connection)
    found = store.audit.verify()
    assert found
    assert {issue.code for issue in found} == {"STO009"}
    assert "STO009" in {issue.code for issue in store.check()}


def test_an_altered_time_shows_by_a_microsecond(store: Store) -> None:
    _fill(store)
    (entry,) = store.audit.entries(after=2, limit=1)
    with store.database.write() as connection:
        _disarm(connection, store.database.postgres)
        later = entry.at.replace(microsecond=(entry.at.microsecond + 1) % 1_000_000)
        connection.execute(sa.update(AuditRow).where(AuditRow.number == 3).values(at=later))
    assert [issue.subject for issue in store.audit.verify()] == ["3"]


@pytest.mark.parametrize("how", ["cut off with its head", "rewritten"])
def test_a_head_noted_elsewhere_shows_what_the_trail_itself_hides(store: Store, how: str) -> None:
    _fill(store)
    noted, entries = store.audit.head(), store.audit.entries()
    with store.database.write() as connection:
        _disarm(connection, store.database.postgres)
        if how == "rewritten":
            _rewrite(entries, connection)
        else:
            _cut_and_mend_head(connection)
    assert store.audit.verify() == []
    assert [issue.subject for issue in store.audit.verify([noted])] == ["6"]
    assert store.audit.verify([AuditHead(0, "")]) == []


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_or_delete_entries(store: Store, statement: str) -> None:
    _fill(store, 1)
    with pytest.raises((EngineError, InternalError)), store.database.write() as connection:
        connection.exec_driver_sql(statement)
    assert store.audit.entries()[0].actor == "user-0"


@pytest.mark.parametrize("detail", [{"x": float("nan")}, {"x": float("inf")}, {"x": object()}, {"x": "a\x00b"}])
def test_what_cannot_be_kept_unchanged_is_refused(store: Store, detail: dict[str, object]) -> None:
    with pytest.raises(GanzhiError):
        store.audit.append("user", "act", "subject", detail)
    assert store.audit.entries() == ()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_a_database_would_refuse_is_refused_by_both(store: Store, text: str) -> None:
    with pytest.raises(InputError) as caught:
        store.audit.append("user", "act", text)
    assert caught.value.issues[0].code == "STO015"
