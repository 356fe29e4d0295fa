"""Transactions of a trace that went wrong, and whether customers with tickets had one shortly before.

Reads `rows_<chains>` and `rows_<hops>` of the days in question, `members(unit, since, until)`, `asked(ticket, customer,
received_at)` and, where the catalogue has customers, `rows_customers`, which knows their telephone numbers. All of it
rows: what wrote the chains is not asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ganzhi.compile.dialects import comment, identifier, instant_literal, literal
from ganzhi.compile.tickets.surroundings import CUSTOMERS

WRONG: Final = ("stuck", "lost", "impossible")
"""States of a chain that did not go through."""


def hops_hit_sql(
    chains: str, hops: str, subject: str, time: str, span: tuple[datetime, datetime], back_s: int, *, named: bool
) -> str:
    """One SELECT per step where chains went wrong: different tickets whose customer had one within so many seconds before
    (`tickets`), and different subjects of such chains (`subjects`). named: whether `rows_customers` can be read."""
    return (
        _bad(chains, hops, subject, time, span, named=named)
        + ", hit as (select b.hop, count(distinct a.ticket) as tickets from asked a join keys k on k.customer = a.customer"
        + f" join bad b on b.subject = k.key and b.began <= a.received_at and b.began > a.received_at - to_seconds({int(back_s)})"
        + " group by 1)"
        + "\nselect b.hop, any_value(coalesce(h.tickets, 0)) as tickets, count(distinct b.subject) as subjects"
        + "\nfrom bad b left join hit h on h.hop = b.hop group by 1 order by tickets desc, subjects desc, 1"
    )


def customers_hit_sql(
    chains: str, hops: str, subject: str, time: str, span: tuple[datetime, datetime], hop: str, *, named: bool
) -> str:
    """One SELECT: the last such chain of each subject at a step: `subject`, `began`, `unit`, `chain_id`, `state`, and whether
    the subject is a customer with a ticket (`told`); the earliest first."""
    return (
        _bad(chains, hops, subject, time, span, named=named)
        + "\nselect subject, max(began) as began, arg_max(unit, began) as unit, arg_max(chain_id, began) as chain_id,"
        + " arg_max(state, began) as state, bool_or(subject in (select key from keys)) as told"
        + f"\nfrom bad where hop = {literal(hop)} group by subject order by began, chain_id"
    )


def population_sql() -> str:
    """One SELECT: how many customers there are (`n`)."""
    return comment("customers") + f'\nselect count(distinct customer_id) as n from "rows_{CUSTOMERS}"'


def _bad(chains: str, hops: str, subject: str, time: str, span: tuple[datetime, datetime], *, named: bool) -> str:
    """`keys(customer, key)`: what customers are called in chains; `bad`: chains in the span that went wrong, and where."""
    keys = "select distinct customer, customer as key from asked"
    if named:
        keys += (
            f' union select distinct customer_id, phone from "rows_{CUSTOMERS}"'
            " where phone is not null and customer_id in (select customer from asked)"
        )
    wrong = ", ".join(f"'{state}'" for state in WRONG)
    at = f"c.{identifier(time)}"
    return (
        comment(f"{chains}: transactions that went wrong")
        + f"\nwith keys as ({keys}),\nover as (select chain_id, arg_max(hop, duration_ms - limit_ms) as hop"
        + f" from {identifier(f'rows_{hops}')} where over_limit group by 1),"
        + f"\nbad as (select c.chain_id, c.{identifier(subject)} as subject, {at} as began, c.unit, c.state,"
        + " coalesce(case when c.state in (" + wrong + ") then c.stuck_at end, o.hop, c.last_step) as hop"
        + f" from {identifier(f'rows_{chains}')} c left join over o on o.chain_id = c.chain_id"
        + f" join members m on m.unit = c.unit and {at} >= m.since and {at} < m.until"
        + f" where {at} >= {instant_literal(span[0])} and {at} < {instant_literal(span[1])}"
        + f" and (c.state in ({wrong}) or o.chain_id is not null))"
    )  # fmt: skip
