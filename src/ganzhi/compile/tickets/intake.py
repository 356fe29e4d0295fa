"""Contacts after which a record has to follow, and whether one did (S001-014).

Reads `rows_wrap_ups`, `rows_sms_ratings`, the feeds of tickets, and `members(unit, since, until)`. Records are looked
for wherever they were taken; contacts only within the members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ganzhi.compile.dialects import comment, identifier, instant_literal, literal
from ganzhi.compile.tickets.rows import FEEDS, FIELDS, Kind

CONTACTS: Final = "wrap_ups"
RATINGS: Final = "sms_ratings"


def contacts_sql(
    intake: Mapping[str, Sequence[Kind]], since: datetime, until: datetime, within_s: int, *, counted: bool
) -> str:
    """Contacts of [since, until) whose code asks for a record. counted: one SELECT per unit and code with `n` and `missing`;
    else those without one, the oldest first.

    A contact has its record when it names one that there is, when a record names it, or when one of its customer was taken
    from an hour before to so many seconds after.
    """
    codes = {code: kinds for code, kinds in intake.items() if kinds}
    kinds = list(dict.fromkeys(kind for each in codes.values() for kind in each))
    listed = ", ".join(literal(code) for code in codes)
    fits = " or ".join(
        f"(w.contact_code = {literal(code)} and t.kind in ({', '.join(literal(kind) for kind in own)}))"
        for code, own in codes.items()
    )
    time = 'w."at"'
    body = (
        _records(kinds)
        + f"\n, asked as (select w.* from {identifier(f'rows_{CONTACTS}')} w join members m on m.unit = w.unit"
        + f" where w.contact_code in ({listed}) and {time} >= m.since and {time} < m.until"
        + f" and {time} >= {instant_literal(since)} and {time} < {instant_literal(until)})"
        + f"\n, recorded as (select w.contact_id from asked w join records t on t.id = w.complaint_id where {fits}"
        + f" union select w.contact_id from asked w join records t on t.contact_id = w.contact_id where {fits}"
        + f" union select w.contact_id from asked w join records t on t.who = w.customer_id where ({fits})"
        + f" and t.received_at >= {time} - interval 1 hour and t.received_at <= {time} + to_seconds({int(within_s)}))"
    )
    if counted:
        return body + (
            "\nselect w.unit, w.contact_code as code, count(*) as n, count(*) - count(r.contact_id) as missing"
            " from asked w left join recorded r on r.contact_id = w.contact_id group by 1, 2 order by 1, 2"
        )
    return body + (
        '\nselect contact_id, "at" as taken_at, unit, customer_id as who, channel, contact_code as code, business, product,'
        " team, agent, complaint_id as named, _load, _line from asked anti join recorded using (contact_id) order by taken_at, contact_id"
    )


def comments_sql(kinds: Sequence[Kind], since: datetime, until: datetime, within_s: int, low: int) -> str:
    """One SELECT: bad ratings with a comment, sent in [since, until), after which no record of the customer was taken within
    so many seconds, nor one before that was not closed; `said` is the comment. low: the highest bad score."""
    return (
        _records(kinds)
        + f"\n, said as (select r.* from {identifier(f'rows_{RATINGS}')} r join members m on m.unit = r.unit"
        + " where r.comment is not null and r.comment <> '' and r.sent_at >= m.since and r.sent_at < m.until"
        + f" and r.replied_at >= {instant_literal(since)} and r.replied_at < {instant_literal(until)} and r.score <= {int(low)})"
        + "\n, recorded as (select r.rating_id from said r join records t on t.contact_id = r.contact_id"
        + " union select r.rating_id from said r join records t on t.who = r.customer_id"
        + f" where t.received_at <= r.replied_at + to_seconds({int(within_s)}) and (t.closed_at is null or t.closed_at >= r.sent_at))"
        + "\nselect rating_id as contact_id, replied_at as taken_at, unit, customer_id as who, channel, business, product, team, agent,"
        + " comment as said, _load, _line from said anti join recorded using (rating_id) order by taken_at, contact_id"
    )


def _records(kinds: Sequence[Kind]) -> str:
    """`records(kind, id, who, contact_id, received_at, closed_at)` of tickets."""
    parts = []
    for kind in kinds:
        own = FIELDS[kind]
        contact = f"r.{identifier(own['contact_id'])}" if "contact_id" in own else "cast(null as varchar)"
        parts.append(
            f"select '{kind}' as kind, r.{identifier(own['id'])} as id, r.{identifier(own['who'])} as who, {contact} as contact_id,"
            f" r.{identifier(own['received_at'])} as received_at, r.{identifier(own['closed_at'])} as closed_at"
            f" from {identifier(f'rows_{FEEDS[kind]}')} r"
        )
    return comment("contacts and their records") + "\nwith records as (" + "\n union all ".join(parts) + ")"
