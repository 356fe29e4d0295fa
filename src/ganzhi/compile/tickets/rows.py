"""Complaints, trouble reports and needs as rows of one shape; steps of tickets.

Every query reads `rows_<feed>` and the relation `members(unit, since, until)`: what counts for the asked unit, and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from ganzhi.compile.dialects import comment, identifier, instant_literal

Kind = Literal["complaint", "trouble", "need"]
FEEDS: Final[Mapping[Kind, str]] = {"complaint": "complaints", "trouble": "trouble_reports", "need": "enquiries"}
"""The feed each kind of ticket is a record of."""
STEPS: Final = "complaint_steps"
CLOSING: Final = "close"
"""The step of the flow that closes a ticket."""

_SAME: Final = (
    "product", "process", "commercial_process", "channel", "department", "team", "agent", "brand", "customer_class",
    "network", "due_at", "promised_at", "first_reply_at", "called_back_at", "reopened_at", "repeat_of", "batch_id", "result",
    "responsibility", "satisfied", "escalated_to", "priority_layer", "contact_id", "compensation_fen",
)  # fmt: skip
"""Fields named as the column of the feed."""
FIELDS: Final[Mapping[Kind, Mapping[str, str]]] = {
    "complaint": {
        "id": "complaint_id", "received_at": "received_at", "unit": "unit", "who": "customer_id", "category": "category",
        "nature": "kind", "closed_at": "closed_at", "text": "content", **{name: name for name in _SAME},
    },
    "trouble": {
        "id": "report_id", "received_at": "reported_at", "unit": "unit", "who": "customer_id", "category": "cause",
        "closed_at": "repaired_at", "called_back_at": "confirmed_at",
        **{name: name for name in ("product", "process", "commercial_process", "channel", "department", "team", "due_at",
                                   "repeat_of")},
    },
    "need": {
        "id": "enquiry_id", "received_at": "started_at", "unit": "unit", "who": "customer_id", "category": "business",
        "closed_at": "answered_at", "first_reply_at": "answered_at",
        **{name: name for name in ("process", "channel", "brand", "result", "repeat_of")},
    },
}  # fmt: skip
"""Which column of the feed each field of a ticket is; a field that is not named is unknown for the kind."""


def tickets_sql(
    kind: Kind,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    open_at: datetime | None = None,
    wanted: Literal["ids", "customers"] | None = None,
    again: bool = False,
    escalated: bool = False,
    texts: bool = True,
) -> str:
    """One SELECT of tickets of a kind with `kind`, the fields of `FIELDS`, `_load` and `_line`, oldest first.

    since, until: received in [since, until). open_at: not closed at that moment, closed before receipt (which says
    nothing), or opened again. wanted: only those with an id, or
    of a customer, in the relation `wanted(value)`. again: only those of customers with more than one among them.
    escalated: complaints that were taken to a higher place. texts: with what customers said.
    """
    feed, fields = FEEDS[kind], FIELDS[kind]
    columns = {name: column for name, column in fields.items() if texts or name != "text"}
    shown = ", ".join(f"r.{identifier(column)} as {identifier(name)}" for name, column in columns.items())
    time = f"r.{identifier(fields['received_at'])}"
    conditions = [f"{time} >= m.since", f"{time} < m.until"]
    if since is not None:
        conditions.append(f"{time} >= {instant_literal(since)}")
    if until is not None:
        conditions.append(f"{time} < {instant_literal(until)}")
    if open_at is not None:
        closed = f"r.{identifier(fields['closed_at'])}"
        opened = f" or r.{identifier(fields['reopened_at'])} is not null" if "reopened_at" in fields else ""
        conditions.append(f"({closed} is null or {closed} > {instant_literal(open_at)} or {closed} < {time}{opened})")
    if wanted is not None:
        column = fields["id" if wanted == "ids" else "who"]
        conditions.append(f"r.{identifier(column)} in (select value from wanted)")
    if escalated:
        conditions.append(
            f"r.{identifier(fields['escalated_to'])} is not null" if "escalated_to" in fields else "false"
        )
    lines = [
        comment(f"{feed}: tickets"),
        f"select '{kind}' as kind, {shown}, r._load, r._line",
        f"from {identifier(f'rows_{feed}')} r join members m on m.unit = r.unit",
        "where " + "\n  and ".join(conditions),
    ]
    if again:
        lines.append("qualify who is not null and count(*) over (partition by who) > 1")
    return "\n".join([*lines, "order by received_at, id"])


def steps_sql() -> str:
    """One SELECT: the steps of the complaints in `wanted(value)`, in the order they were assigned in."""
    columns = (
        "step_id", "complaint_id", "flow_step", "unit", "department", "team", "handler", "assigned_at", "accepted_at",
        "finished_at", "due_at", "step_result", "transfers",
    )  # fmt: skip
    return (
        comment(f"{STEPS}: steps of tickets")
        + f"\nselect {', '.join(map(identifier, columns))}\nfrom {identifier(f'rows_{STEPS}')}"
        + "\nwhere complaint_id in (select value from wanted)\norder by complaint_id, assigned_at, step_id"
    )


def closings_sql() -> str:
    """One SELECT: when the last closing step of each complaint in `wanted(value)` was finished (`at`)."""
    return (
        comment(f"{STEPS}: closing steps")
        + f"\nselect complaint_id, max(finished_at) as at\nfrom {identifier(f'rows_{STEPS}')}"
        + f"\nwhere flow_step = '{CLOSING}' and finished_at is not null"
        + "\n  and complaint_id in (select value from wanted)\ngroup by 1"
    )


def counts_sql(kind: Kind, since: datetime, until: datetime) -> str:
    """One SELECT: per unit the tickets received in [since, until) (`n`) and those with a customer (`known`)."""
    feed, fields = FEEDS[kind], FIELDS[kind]
    time = f"r.{identifier(fields['received_at'])}"
    return (
        comment(f"{feed}: tickets per unit")
        + f"\nselect r.unit, count(*) as n, count(r.{identifier(fields['who'])}) as known"
        + f"\nfrom {identifier(f'rows_{feed}')} r join members m on m.unit = r.unit"
        + f"\nwhere {time} >= m.since and {time} < m.until"
        + f"\n  and {time} >= {instant_literal(since)} and {time} < {instant_literal(until)}\ngroup by 1\norder by 1"
    )


def flow_sql(kind: Kind, since: datetime, until: datetime) -> str:
    """One SELECT: per channel the tickets received in [since, until) (`n`), those with a first answer, those closed."""
    feed, fields = FEEDS[kind], FIELDS[kind]
    time, closed = f"r.{identifier(fields['received_at'])}", f"r.{identifier(fields['closed_at'])}"
    reply = f"r.{identifier(fields['first_reply_at'])}" if "first_reply_at" in fields else closed
    over = f"{closed} is not null" + (
        f" and r.{identifier(fields['reopened_at'])} is null" if "reopened_at" in fields else ""
    )
    return (
        comment(f"{feed}: tickets per channel")
        + f"\nselect r.{identifier(fields['channel'])} as channel, count(*) as n,"
        + f" count(*) filter (where {reply} is not null or {closed} is not null) as replied, count(*) filter (where {over}) as closed"
        + f"\nfrom {identifier(f'rows_{feed}')} r join members m on m.unit = r.unit"
        + f"\nwhere {time} >= m.since and {time} < m.until"
        + f"\n  and {time} >= {instant_literal(since)} and {time} < {instant_literal(until)}\ngroup by 1\norder by 1"
    )


def chained_sql() -> str:
    """One SELECT: contacts that repeat another by the agents' records, and which, of those in `wanted(value)`."""
    return (
        comment("wrap_ups: contacts that repeat another")
        + '\nselect contact_id, repeat_of\nfrom "rows_wrap_ups"'
        + "\nwhere repeat_of is not null and contact_id in (select value from wanted)"
    )
