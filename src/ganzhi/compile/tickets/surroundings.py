"""What surrounds a ticket, as rows: the value of its customer, and faults of the network near it in time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ganzhi.compile.dialects import comment, identifier, instant_literal

CUSTOMERS: Final = "customers"
FAULTS: Final = "network_faults"


def customers_sql() -> str:
    """One SELECT: customer_id, customer_class and arpu_class of the customers in `wanted(value)`, as last recorded."""
    return (
        comment(f"{CUSTOMERS}: what customers are worth")
        + "\nselect customer_id, arg_max(customer_class, changed_at) as customer_class,"
        + " arg_max(arpu_class, changed_at) as arpu_class"
        + f"\nfrom {identifier(f'rows_{CUSTOMERS}')}\nwhere customer_id in (select value from wanted)"
        + "\ngroup by customer_id\norder by customer_id"
    )


def faults_sql(start: datetime, end: datetime) -> str:
    """One SELECT: fault_id, unit, network, fault_kind, occurred_at and restored_at (null while it lasts) of faults that
    stood at some moment of [start, end), in the order they began."""
    return (
        comment(f"{FAULTS}: faults that stood in a stretch of time")
        + "\nselect fault_id, unit, network, fault_kind, occurred_at, restored_at"
        + f"\nfrom {identifier(f'rows_{FAULTS}')}"
        + f"\nwhere occurred_at < {instant_literal(end)}\n  and (restored_at is null or restored_at >= {instant_literal(start)})"
        + "\norder by occurred_at, fault_id"
    )
