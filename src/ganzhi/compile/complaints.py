"""Texts and labels of complaints, as rows for a model to learn from and for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ganzhi.compile.dialects import comment, identifier, instant_literal


def closed_texts_sql(feed: str, text: str, labels: Sequence[str], start: datetime, end: datetime, most: int) -> str:
    """One SELECT: the text and the labels of closed complaints received in [start, end), the newest `most` of them.

    feed: has received_at and closed_at; reads `rows_<feed>`. Of one text with equal labels one row.
    """
    columns = ", ".join(identifier(name) for name in (text, *labels))
    return (
        comment(f"{feed}: the newest {most} different texts of closed records")
        + f"\nselect {columns}, max(received_at) as received_at\nfrom {identifier(f'rows_{feed}')}"
        + f"\nwhere received_at >= {instant_literal(start)}\n  and received_at < {instant_literal(end)}"
        + f"\n  and closed_at is not null\n  and {identifier(text)} is not null and {identifier(text)} <> ''"
        + f"\ngroup by all\norder by received_at desc, {identifier(text)}\nlimit {int(most)}"
    )


def texts_sql(feed: str, text: str, start: datetime, end: datetime) -> str:
    """One SELECT: complaint_id, received_at and the text of records in [start, end), by what
    `members(unit, since, until)` says counts; those without a text are left out."""
    return (
        comment(f"{feed}: what was said")
        + f"\nselect complaint_id, received_at, {identifier(text)} as said\nfrom {identifier(f'rows_{feed}')} r"
        + "\njoin members m on m.unit = r.unit and received_at >= m.since and received_at < m.until"
        + f"\nwhere received_at >= {instant_literal(start)}\n  and received_at < {instant_literal(end)}"
        + f"\n  and {identifier(text)} is not null and {identifier(text)} <> ''"
        + "\norder by received_at, complaint_id"
    )


def finished_steps_sql(
    feed: str, columns: Sequence[str], begins: str, ends: str, start: datetime, end: datetime
) -> str:
    """One SELECT: the columns of steps that began in [start, end) and have ended, by what
    `members(unit, since, until)` says counts."""
    first, last = identifier(begins), identifier(ends)
    listed = ", ".join(f"r.{identifier(name)}" for name in columns)
    return (
        comment(f"{feed}: steps that have ended")
        + f"\nselect {listed}\nfrom {identifier(f'rows_{feed}')} r"
        + f"\njoin members m on m.unit = r.unit and r.{first} >= m.since and r.{first} < m.until"
        + f"\nwhere r.{first} >= {instant_literal(start)}\n  and r.{first} < {instant_literal(end)}"
        + f"\n  and r.{last} is not null\norder by r.{first}, {listed}"
    )
