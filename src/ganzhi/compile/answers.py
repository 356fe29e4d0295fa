"""Survey answers side by side: one row per response and question, for statistics over responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ganzhi.compile.dialects import comment, identifier, instant_literal, literal


def answers_sql(feed: str, questions: Sequence[str], start: datetime, end: datetime) -> str:
    """One SELECT: response_id, question, score, of responses in [start, end) by what `members(unit, since, until)` says counts.

    feed: a feed with the columns response_id, question, score, answered_at and unit; reads `rows_<feed>`.
    A question answered twice in one response counts with its latest answer.
    """
    listed = ", ".join(literal(question) for question in questions)
    return (
        comment(f"{feed}: scores of {len(questions)} questions, response by response")
        + f"\nselect response_id, question, score\nfrom {identifier(f'rows_{feed}')} r"
        + "\njoin members m on m.unit = r.unit and answered_at >= m.since and answered_at < m.until"
        + f"\nwhere answered_at >= {instant_literal(start)}\n  and answered_at < {instant_literal(end)}"
        + f"\n  and question in ({listed})\n  and score is not null"
        + "\norder by response_id, question, answered_at"
    )
