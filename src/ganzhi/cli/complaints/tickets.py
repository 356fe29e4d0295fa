"""`ganzhi complaints repeats`, `batches` and `alike`: tickets that are about the same problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ganzhi.cli.command import Call, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.complaints.tickets_show import (
    listed,
    local,
    reading,
    shown,
    span_of,
    spanned,
    ticket_record,
    write,
    written,
)
from ganzhi.cli.show.formats import Record

if TYPE_CHECKING:
    from ganzhi.complaints.tickets.alike import SameProblem
    from ganzhi.complaints.tickets.hit import Hit
    from ganzhi.complaints.tickets.problem import Evidence
    from ganzhi.measure.build.scope import Reader

KINDS = click.Choice(["complaint", "trouble"])
TICKET = ("ticket", "received_at", "unit", "customer", "category", "product", "state", "content")
REPEATS = (
    "ticket",
    "received_at",
    "unit",
    "customer",
    "category",
    "earlier_ticket",
    "days",
    "times",
    "because",
    "recorded_as",
    "content",
)
BATCHES = (
    "batch",
    "place",
    "first",
    "last",
    "category",
    "product",
    "tickets",
    "customers",
    "expected",
    "chance",
    "recorded_as",
)
ALIKE = ("ticket", "why", "received_at", "days", "unit", "customer", "category", "state", "likeness", "content")
CUSTOMERS = ("trace", "step", "customer", "at", "unit", "chain", "state", "told")


@complaints.command("repeats", help="tickets_repeats")
@option("--kind", type=KINDS, default="complaint", help="tickets_kind")
@option("--units", "by_unit", is_flag=True, help="tickets_by_unit")
@spanned
@click.pass_obj
def repeats(call: Call, /, **given: Any) -> None:
    """List repeats, or count them by unit."""
    from ganzhi.complaints.tickets.repeats import repeats as find

    with reading(call) as reader:
        found = find(reader, *span_of(reader, given), kinds=(given["kind"],))
        call.say(
            "cli.tickets.repeats_about", total=found.total, count=shown(call, found.count), days=found.days,
            recorded=shown(call, found.recorded), agreed=shown(call, found.agreed), unknown=found.unknown,
        )  # fmt: skip
        if given["by_unit"]:
            units = [
                {"unit": u.unit, "total": u.total, "repeats": u.repeats, "recorded": u.recorded} for u in found.units
            ]
            write(call, ("unit", "total", "repeats", "recorded"), units, given)
            return
        often = " ".join(f"{times}×{problems}" for times, problems in found.frequency.items())
        call.say("cli.tickets.frequency", often=often)
        records = [
            ticket_record(call, reader, each.ticket)
            | {
                "earlier_ticket": each.earlier.id,
                "days": round((each.ticket.received_at - each.earlier.received_at).total_seconds() / 86_400, 1),
                "times": each.times,
                "because": because(each.evidence),
                "because_shown": [
                    call.text(f"cli.tickets.{word}") for word in because(each.evidence) if word[-1] not in "=≠"
                ],
                "recorded_as": each.recorded,
            }
            for each in found.found
        ]
    write(call, REPEATS, records, given)


def because(evidence: Evidence) -> list[str]:
    """What spoke for one problem, in names a program can read."""
    found = [f"{side}=" for side in evidence.agree] + [f"{side}≠" for side in evidence.differ]
    for word, holds in (
        ("words", evidence.alike),
        ("told_before", evidence.told_before),
        ("contact", evidence.chained),
    ):
        if holds:
            found.append(word)
    return found


@complaints.command("batches", help="tickets_batches")
@option("--kind", type=KINDS, default="complaint", help="tickets_kind")
@spanned
@click.pass_obj
def batches(call: Call, /, **given: Any) -> None:
    """List batches."""
    from ganzhi.complaints.tickets.batches import batches as find

    with reading(call) as reader:
        found = find(reader, *span_of(reader, given), given["kind"])
    records: list[Record] = [
        {
            "batch": each.id,
            "place": each.place,
            "first": each.first.isoformat(),
            "last": each.last.isoformat(),
            "category": each.category,
            "category_shown": listed(call, reader, "complaint_categories", each.category),
            "process": each.process,
            "product": each.product,
            "tickets": len(each.tickets),
            "customers": each.customers,
            "expected": each.expected,
            "chance": each.chance,
            "words": each.text,
            "recorded_as": dict(each.recorded),
            "ids": [one.id for one in each.tickets],
        }
        for each in found
    ]
    write(call, BATCHES, records, given)


@complaints.command("alike", help="tickets_alike")
@click.argument("name", metavar="TICKET")
@option("--customers", is_flag=True, help="tickets_customers")
@written
@click.pass_obj
def alike(call: Call, /, name: str, **given: Any) -> None:
    """List tickets like one, or the customers its problem hit."""
    from ganzhi.complaints.tickets.alike import alike as find

    with reading(call) as reader:
        found = find(reader, name)
        _about(call, found)
        if given["customers"]:
            write(call, CUSTOMERS, [row for hit in found.hits for row in _customers(reader, hit)], given)
            return
        records = [
            ticket_record(call, reader, each.ticket)
            | {
                "why": each.why,
                "why_shown": call.text(f"cli.tickets.why_{each.why}"),
                "days": round(each.days, 1),
                "place": each.place,
                "likeness": each.evidence.likeness,
            }
            for each in found.found
        ]
    write(call, ALIKE, records, given)


def _about(call: Call, found: SameProblem) -> None:
    call.say(
        "cli.tickets.alike_about",
        tickets=len(found.found) + 1,
        customers=found.customers,
        places=len(found.places),
        open=found.open,
    )
    for hit in found.hits:
        call.say(
            "cli.tickets.hit", trace=hit.name.in_(call.lang), step=hit.step_name.in_(call.lang), tickets=hit.tickets, of=hit.of,
            expected="–" if hit.expected is None else f"{hit.expected:.1f}", customers=len(hit.customers), silent=hit.silent,
        )  # fmt: skip


def _customers(reader: Reader, hit: Hit) -> list[Record]:
    return [
        {
            "trace": hit.trace,
            "step": hit.step,
            "customer": each.subject,
            "at": local(reader, each.at),
            "unit": each.unit,
            "chain": each.chain,
            "state": each.state,
            "told": each.told,
        }
        for each in hit.customers
    ]
