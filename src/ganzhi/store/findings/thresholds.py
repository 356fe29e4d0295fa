"""Versions of rules' thresholds: proposed by a program or a person, in force once another person approved (S003-013)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.columns import check_text, instant_text
from ganzhi.store.database import Database
from ganzhi.store.findings.records import Threshold
from ganzhi.store.findings.tables import ThresholdRow

FORMAT: Final = "ganzhi.thresholds/1"
LARGEST: Final = 4_000_000
PROGRAMS: Final = frozenset({"schedule", "system", "warn"})
"""Names that stand for programs, which may propose and not approve."""

_COLUMNS = tuple(getattr(ThresholdRow, name) for name in Threshold.__slots__)


class Thresholds:
    """The versions of thresholds of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def propose(self, rule: str, content: Mapping[str, object], *, by: str, reason: str, source: str = "") -> Threshold:
        """Record a proposal, the next version of its rule; InputError FND012 without name, reason or content."""
        lacking = [name for name, text in (("by", by), ("reason", reason), ("rule", rule)) if not text.strip()]
        if not content:
            lacking.append("content")
        if lacking:
            raise InputError([Issue("FND012", name) for name in lacking])
        for text in (rule, reason, source):
            check_text(text)
        now, identity = self._clock.now(), new_id()

        def work(connection: sa.Connection) -> None:
            last = connection.scalar(sa.select(sa.func.max(ThresholdRow.number)).where(ThresholdRow.rule == rule))
            row = sa.insert(ThresholdRow).values(
                id=identity, rule=rule, number=(last or 0) + 1, content=content, state="proposed",
                proposed_by=by.strip(), reason=reason.strip(), source=source, made_at=now, note="", version=1,
            )  # fmt: skip
            connection.execute(row)

        detail = {"rule": rule, "reason": reason.strip(), "source": source}
        perform(self._database, Act(by, now, "threshold.propose", identity, detail), work)
        return self.get(identity)

    def decide(self, seen: Threshold, state: Literal["approved", "rejected"], *, by: str, note: str = "") -> Threshold:
        """Approve or reject a proposal.

        Raises: InputError FND015 when it is decided already, STO005 when somebody does so at the same time, FND016 when
        whoever proposed it, or a program, would approve it.
        """
        who = by.strip()
        if seen.state != "proposed":
            raise InputError(Issue("FND015", seen.id, params={"state": seen.state, "by": seen.decided_by or "–"}))
        if state == "approved" and (who == seen.proposed_by or who.partition(":")[0] in PROGRAMS):
            raise InputError(Issue("FND016", seen.id, params={"by": who}))
        now = self._clock.now()

        def work(connection: sa.Connection) -> None:
            change = sa.update(ThresholdRow).where(ThresholdRow.id == seen.id, ThresholdRow.version == seen.version)
            values = {"state": state, "decided_by": who, "decided_at": now, "note": note, "version": seen.version + 1}
            if connection.execute(change.values(**values)).rowcount != 1:
                raise InputError(Issue("STO005", seen.id))

        act = "threshold.approve" if state == "approved" else "threshold.reject"
        detail = {"rule": seen.rule, "number": seen.number, "note": note}
        perform(self._database, Act(by, now, act, seen.id, detail), work)
        return self.get(seen.id)

    def restore(self, seen: Threshold, content: Mapping[str, object], *, by: str, note: str = "") -> Threshold:
        """Put what was approved once in force again, as a new version that says which (roll back).

        content: that of the version, with the day from which it holds now. Raises: InputError FND017 for a version that was
        never approved, FND016 when a program asks.
        """
        if seen.state != "approved":
            raise InputError(Issue("FND017", seen.id, params={"state": seen.state}))
        if by.strip().partition(":")[0] in PROGRAMS or not by.strip():
            raise InputError(Issue("FND016", seen.id, params={"by": by}))
        now, identity = self._clock.now(), new_id()
        source = f"version {seen.number}"

        def work(connection: sa.Connection) -> None:
            last = connection.scalar(sa.select(sa.func.max(ThresholdRow.number)).where(ThresholdRow.rule == seen.rule))
            row = sa.insert(ThresholdRow).values(
                id=identity, rule=seen.rule, number=(last or 0) + 1, content=content, state="approved",
                proposed_by=by.strip(), reason=source, source=source, made_at=now, decided_by=by.strip(), decided_at=now,
                note=check_text(note), version=1,
            )  # fmt: skip
            connection.execute(row)

        detail = {"rule": seen.rule, "of": seen.number, "note": note}
        perform(self._database, Act(by, now, "threshold.restore", identity, detail), work)
        return self.get(identity)

    def get(self, given: str) -> Threshold:
        """The version with this id, or whose id ends so; InputError FND014 when there is none, or more than one."""
        query = sa.select(*_COLUMNS).where(ThresholdRow.id.endswith(given.lower(), autoescape=True)).limit(2)
        with self._database.read() as connection:
            rows = connection.execute(query).all() if given else []
        if len(rows) != 1:
            raise InputError(Issue("FND014", given[:64]))
        return _threshold(rows[0])

    def list(self, rule: str | None = None) -> tuple[Threshold, ...]:
        """All versions, of one rule or of all, newest first."""
        query = sa.select(*_COLUMNS).order_by(ThresholdRow.rule, ThresholdRow.number.desc())
        if rule is not None:
            query = query.where(ThresholdRow.rule == rule)
        with self._database.read() as connection:
            return tuple(_threshold(row) for row in connection.execute(query))

    def current(self, rule: str) -> Threshold | None:
        """The version of a rule that holds; None while none was approved."""
        return next((each for each in self.list(rule) if each.state == "approved"), None)

    def export(self, rules: tuple[str, ...] | None = None) -> str:
        """What holds, as a document for another platform (S003-014)."""
        holding: dict[str, Threshold] = {}
        for each in self.list():
            if each.state == "approved" and (rules is None or each.rule in rules):
                holding.setdefault(each.rule, each)
        document = {
            "format": FORMAT,
            "thresholds": [
                {
                    "rule": each.rule,
                    "number": each.number,
                    "approved_by": each.decided_by,
                    "approved_at": None if each.decided_at is None else instant_text(each.decided_at),
                    "content": each.content,
                }
                for each in holding.values()
            ],
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2) + "\n"

    def take_in(self, text: str, *, by: str, source: str) -> tuple[Threshold, ...]:
        """Propose what another platform's document says; what holds already is not proposed again.

        Raises: InputError FND101 for anything that is not such a document; then nothing is proposed.
        """
        wanted = read_document(text)
        proposed = []
        for rule, content in wanted:
            now = self.current(rule)
            if now is None or now.content != content:
                proposed.append(self.propose(rule, content, by=by, reason=source, source=source))
        return tuple(proposed)


def read_document(text: str) -> list[tuple[str, Mapping[str, object]]]:
    """The rules and contents of a document of `export`; InputError FND101 for anything else."""
    if len(text) > LARGEST:
        raise _no_document(f"> {LARGEST}")
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _no_document(str(error)) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _no_document(f"format: {FORMAT}")
    found: list[tuple[str, Mapping[str, object]]] = []
    listed = document.get("thresholds")
    for each in listed if isinstance(listed, list) else ():
        rule, content = (each.get("rule"), each.get("content")) if isinstance(each, dict) else (None, None)
        if not isinstance(rule, str) or not rule or not isinstance(content, dict) or not content:
            raise _no_document(f"thresholds[{len(found)}]")
        found.append((rule, content))
    if not found or len({rule for rule, _ in found}) < len(found):
        raise _no_document("rule")
    return found


def _no_document(detail: str) -> InputError:
    return InputError(Issue("FND101", "document", params={"detail": detail[:200]}))


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _threshold(row: sa.Row[Any]) -> Threshold:
    return Threshold(**row._asdict())
