"""`ganzhi complaints queue`, `ticket` and `screen`: what to do next, how a ticket stands, which rules held and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ganzhi.access.rights import LOCAL
from ganzhi.base.wording import duration
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import TypeVar

    from ganzhi.access.rights import Viewer
    from ganzhi.complaints.desk.desk import TicketDesk
    from ganzhi.complaints.desk.limits import Limit
    from ganzhi.complaints.desk.views import TicketPage, TicketRow
    from ganzhi.complaints.tickets.read import Turn
    from ganzhi.measure.build.scope import Reader
    from ganzhi.store.desk.acts import DeskAct

    View = TypeVar("View")

STATES = ("open", "over", "soon", "fine", "waiting", "unknown", "must", "closed")
MOST = 50
SHOWN = 24
"""Characters of a text in a table."""


class _Once:
    """Answers from one state of the numbers, each built when it is asked for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def kept(self, viewer: Viewer, asked: Hashable, build: Callable[[Reader], View]) -> View:
        return build(self._reader)

    def fresh(self, viewer: Viewer, build: Callable[[Reader], View]) -> View:
        return build(self._reader)


@contextmanager
def desk_of(call: Call) -> Iterator[TicketDesk]:
    """The desk of the workspace."""
    from ganzhi.complaints.desk.desk import TicketDesk
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        yield TicketDesk(workspace.workplace, _Once(Reader(workspace.workplace, states, LOCAL)))


@complaints.command("queue", help="complaints_queue")
@option("--unit", metavar="UNIT", help="unit")
@option("--state", type=click.Choice(STATES), default="open", help="queue_state")
@option("--department", metavar="CODE", help="queue_department")
@option("--category", metavar="CODE", help="queue_category")
@option("--kind", metavar="CODE", help="queue_kind")
@option("--limit", type=click.IntRange(1, 100_000), default=MOST, metavar="N", help="queue_limit")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def queue(
    call: Call, unit: str | None, state: str, department: str | None, category: str | None, kind: str | None, limit: int, form: str
) -> None:  # fmt: skip
    """List the queue."""
    from ganzhi.complaints.desk.views import QueueQuery

    query = QueueQuery(shown=state, unit=unit, department=department, category=category, kind=kind)  # type: ignore[arg-type]  # a choice
    with desk_of(call) as desk:
        now, zone = desk.gathered(LOCAL).now, desk.workplace.zone
        rows = desk.rows(LOCAL, query)
    if form == "json":
        write_out(as_json([_record(row) for row in rows[:limit]]).encode(), None, sys.stdout.buffer)
        return
    call.say("cli.desk.about", n=len(rows), at=_moment(now, zone))
    keys = ("id", "urgency", "left", "limit", "category", "department", "step", "owner", "rule", "content")
    columns = [Column(call.text(f"portal.desk.column.{key}")) for key in keys]
    text = table(columns, [_row(call, row) for row in rows[:limit]]) if rows else call.text("cli.desk.none")
    write_out(f"{text}\n".encode(), None, sys.stdout.buffer)


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return "–" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _left(call: Call, left: timedelta | None) -> str:
    if left is None:
        return call.text("portal.desk.stands_still")
    seconds = left.total_seconds()
    return f"{'-' if seconds < 0 else ''}{duration(call.lang, seconds)}"


def _why(call: Call, limit: Limit) -> str:
    return call.text(f"portal.desk.why.{limit.why}", department=limit.of)


def _row(call: Call, row: TicketRow) -> list[str]:
    def named(text: object) -> str:
        return "–" if text is None else text.in_(call.lang)  # type: ignore[attr-defined]

    said = row.content if len(row.content) <= SHOWN else row.content[: SHOWN - 1] + "…"
    return [
        row.id,
        call.text(f"portal.desk.shown.{row.urgency}"),
        "–" if row.first is None else _left(call, row.first.left),
        "–" if row.first is None else _why(call, row.first),
        named(row.category_name),
        named(row.department_name),
        named(row.step_name),
        row.owner or "–",
        named(row.rule_name),
        said,
    ]


def _record(row: TicketRow) -> Record:
    return {
        "id": row.id,
        "received_at": _instant(row.received_at),
        "unit": row.unit,
        "category": row.category,
        "kind": row.nature,
        "urgency": row.urgency,
        "state": row.state,
        "first": None if row.first is None else _limit(row.first),
        "stay": None if row.stay is None else _limit(row.stay),
        "department": row.department,
        "step": row.step,
        "owner": row.owner,
        "rank": row.rank,
        "rule": row.rule,
        "must": row.must,
        "repeats": row.repeats,
        "content": row.content,
        "version": row.version,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _limit(limit: Limit) -> Record:
    return {
        "why": limit.why,
        "of": limit.of,
        "began": _instant(limit.began),
        "due": _instant(limit.due),
        "left_s": None if limit.left is None else limit.left.total_seconds(),
        "urgency": limit.urgency,
        "ended": _instant(limit.ended),
        "kept": limit.kept,
    }


def _turn(turn: Turn) -> Record:
    return {"at": _instant(turn.at), "event": turn.event, "step": turn.step, "department": turn.department}


def _act(act: DeskAct) -> Record:
    return {
        "number": act.number,
        "at": _instant(act.at),
        "actor": act.actor,
        "act": act.act,
        "content": dict(act.content),
        "undoes": act.undoes,
    }


@complaints.command("ticket", help="complaints_ticket")
@click.argument("name", metavar="ID")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def ticket(call: Call, name: str, form: str) -> None:
    """Show a ticket."""
    with desk_of(call) as desk:
        page, zone = desk.page(LOCAL, name), desk.workplace.zone
    if form == "json":
        record = {
            **_record(page.row),
            "limits": [_limit(each) for each in page.limits],
            "rules": _rules(page),
            "handovers": page.handovers,
            "lead": page.lead,
            "beside": list(page.beside),
            "path": list(page.path),
            "history": [_turn(each) for each in page.turns],
            "acts": [_act(each) for each in page.acts],
        }
        write_out(as_json([record]).encode(), None, sys.stdout.buffer)
        return
    call.say("cli.desk.about", n=1, at=_moment(page.now, zone))
    lines = [_limits_table(call, page, zone), "", _history_table(call, page, zone)]
    write_out("\n".join([*lines, ""]).encode(), None, sys.stdout.buffer)


def _limits_table(call: Call, page: TicketPage, zone: ZoneInfo) -> str:
    keys = ("limit", "began", "due", "left", "urgency")
    rows = [
        [
            call.text(f"portal.desk.why.{e.why}", department=page.names[e.of].in_(call.lang) if e.of in page.names else e.of),
            _moment(e.began, zone),
            _moment(e.due, zone),
            "–" if e.ended else _left(call, e.left),
            call.text("portal.desk.kept" if e.kept else "portal.desk.missed") if e.ended else call.text(f"portal.desk.shown.{e.urgency}"),
        ]
        for e in page.limits
    ]  # fmt: skip
    return table([Column(call.text(f"portal.desk.column.{key}")) for key in keys], rows)


def _history_table(call: Call, page: TicketPage, zone: ZoneInfo) -> str:
    told = [
        (t.at, call.text(f"portal.desk.event.{t.event}"), t.department or "", t.step or "", t.handler or "")
        for t in page.turns
    ]
    told += [
        (a.at, call.text(f"portal.desk.act.{a.act}"), str(a.content.get("department", "")), "", a.actor)
        for a in page.acts
    ]
    keys = ("at", "what", "department", "step", "who")
    rows = [[_moment(at, zone), *rest] for at, *rest in sorted(told, key=lambda each: each[0])]
    return table([Column(call.text(f"portal.desk.column.{key}")) for key in keys], rows)


@complaints.command("screen", help="complaints_screen")
@click.argument("name", metavar="ID")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def screen(call: Call, name: str, form: str) -> None:
    """Say which rules held for a ticket."""
    with desk_of(call) as desk:
        page = desk.page(LOCAL, name)
    if form == "json":
        write_out(as_json(_rules(page)).encode(), None, sys.stdout.buffer)
        return
    keys = ("rule", "layer", "rank", "limit", "because")
    rows = [
        [
            rule.name.in_(call.lang),
            call.text(f"portal.desk.layer.{rule.layer}"),
            str(rule.rank),
            _span(call, rule.limit),
            ", ".join(f"{call.text(f'portal.desk.fact.{fact}')} {value.in_(call.lang)}" for fact, value in rule.because)
            or call.text("portal.desk.always"),
        ]
        for rule in page.rules
    ]
    columns = [Column(call.text(f"portal.desk.column.{key}")) for key in keys]
    text = table(columns, rows) if rows else call.text("cli.desk.no_rule")
    write_out(f"{text}\n".encode(), None, sys.stdout.buffer)


def _span(call: Call, limit: object) -> str:
    for name in ("hours", "working_hours", "working_days"):
        if (value := getattr(limit, name)) is not None:
            return call.text(f"portal.desk.span.{name}", n=f"{float(value):g}")
    return "–"


def _rules(page: TicketPage) -> list[Record]:
    return [
        {
            "rule": rule.code,
            "layer": rule.layer,
            "rank": rule.rank,
            "must": rule.must,
            "limit": rule.limit.model_dump(mode="json", exclude_none=True),
            "because": {fact: value.zh for fact, value in rule.because},
        }
        for rule in page.rules
    ]
