"""`ganzhi complaints missing`, `escalated`, `promises`, `counters` and `channels`: what has to be watched every day."""

from __future__ import annotations

from typing import Any

import click

from ganzhi.cli.command import Call, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.complaints.tickets_show import (
    asked_of,
    listed,
    local,
    reading,
    shown,
    span_of,
    spanned,
    ticket_record,
    write,
)
from ganzhi.cli.show.formats import Record

MISSING = (
    "contact",
    "how",
    "at",
    "unit",
    "customer",
    "channel",
    "code",
    "business",
    "team",
    "agent",
    "words",
    "content",
)
ESCALATED = (
    "ticket",
    "at",
    "basis",
    "unit",
    "customer",
    "category",
    "escalated_to",
    "earlier",
    "faults",
    "state",
    "content",
)
PROMISES = (
    "ticket",
    "promised_at",
    "promise",
    "hours_left",
    "unit",
    "customer",
    "category",
    "state",
    "came_again",
    "content",
)
COUNTERS = ("kind", "tickets", "recorded")
CHANNELS = ("channel", "complaint", "trouble", "need", "replied", "closed")


@complaints.command("missing", help="tickets_missing")
@spanned
@click.pass_obj
def missing(call: Call, /, **given: Any) -> None:
    """List contacts without the record they ask for."""
    from ganzhi.complaints.tickets.intake import missing as find

    with reading(call) as reader:
        found = find(reader, *span_of(reader, given))
        rate = "–" if found.rate is None else f"{found.rate:.2%}"
        call.say(
            "cli.tickets.missing_about",
            contacts=found.contacts,
            missing=shown(call, found.missing),
            rate=rate,
            said=shown(call, found.said),
        )
        records: list[Record] = [
            {
                "contact": each.id,
                "how": each.how,
                "at": local(reader, each.at),
                "unit": each.unit,
                "customer": each.customer,
                "channel": each.channel,
                "channel_shown": listed(call, reader, "channels", each.channel),
                "code": each.code,
                "code_shown": listed(call, reader, "contact_codes", each.code),
                "how_shown": call.text(f"cli.tickets.how_{each.how}"),
                "business": each.business,
                "product": each.product,
                "team": each.team,
                "agent": each.agent,
                "words": list(each.words),
                "content": each.content,
            }
            for each in found.found
        ]
    write(call, MISSING, records, given)


@complaints.command("escalated", help="tickets_escalated")
@spanned
@click.pass_obj
def escalated(call: Call, /, **given: Any) -> None:
    """List escalated complaints with how they were handled before."""
    from ganzhi.complaints.tickets.kinds import escalated as find

    with reading(call) as reader:
        found = find(reader, *asked_of(reader, given))
        low, high = (0.0, 1.0) if found.share is None else (found.share.low, found.share.high)
        call.say(
            "cli.tickets.escalated_about",
            n=len(found.found),
            bad=found.mishandled,
            low=f"{low:.0%}",
            high=f"{high:.0%}",
        )
        records = [
            ticket_record(call, reader, each.ticket)
            | {
                "at": local(reader, each.at),
                "basis": each.basis,
                "basis_shown": call.text(f"cli.tickets.basis_{each.basis}"),
                "escalated_to": each.ticket.escalated_to,
                "escalated_to_shown": listed(call, reader, "escalation_levels", each.ticket.escalated_to),
                "earlier": len(each.earlier),
                "earlier_tickets": [one.id for one in each.earlier],
                "steps": len(each.steps),
                "faults": dict(each.faults),
                "faults_shown": {call.text(f"cli.tickets.fault_{fault}"): n for fault, n in each.faults.items()},
            }
            for each in found.found
        ]
    write(call, ESCALATED, records, given)


@complaints.command("promises", help="tickets_promises")
@option("--due", is_flag=True, help="tickets_due")
@spanned
@click.pass_obj
def promises(call: Call, /, **given: Any) -> None:
    """List promises, or those to be warned of."""
    from ganzhi.complaints.tickets.promises import promises as find

    with reading(call) as reader:
        found = find(reader, *span_of(reader, given))
        rate = "–" if found.kept_rate is None else f"{found.kept_rate:.1%}"
        call.say(
            "cli.tickets.promises_about",
            total=found.total,
            kept=shown(call, found.kept),
            broken=shown(call, found.broken),
            rate=rate,
        )
        low, high = ("–", "–") if found.difference is None else (f"{each:+.1%}" for each in found.difference)
        call.say(
            "cli.tickets.promises_after", days=found.days, after_broken=shown(call, found.after_broken.repeated), of_broken=shown(call, found.after_broken.n),
            after_kept=shown(call, found.after_kept.repeated), of_kept=shown(call, found.after_kept.n), low=low, high=high,
        )  # fmt: skip
        records = [
            ticket_record(call, reader, each.ticket)
            | {
                "promised_at": local(reader, each.promised_at),
                "promise": each.state,
                "promise_shown": call.text(f"cli.tickets.promise_{each.state}"),
                "hours_left": None if each.left is None else round(each.left.total_seconds() / 3600, 1),
                "came_again": each.repeated,
            }
            for each in (found.warned if given["due"] else found.found)
        ]
    write(call, PROMISES, records, given)


@complaints.command("counters", help="tickets_counters")
@spanned
@click.pass_obj
def counters(call: Call, /, **given: Any) -> None:
    """Count ordinary, batch and escalated complaints and trouble reports."""
    from ganzhi.complaints.tickets.kinds import kinds

    with reading(call) as reader:
        found = kinds(reader, *span_of(reader, given))
    rows: list[Record] = [
        {
            "kind": name,
            "kind_shown": call.text(f"cli.tickets.{name}"),
            "tickets": n,
            "recorded": found.recorded.get(name),
        }
        for name, n in found.counts.items()
    ]
    write(call, COUNTERS, rows, given)


@complaints.command("channels", help="tickets_channels")
@spanned
@click.pass_obj
def channels(call: Call, /, **given: Any) -> None:
    """Count complaints, trouble reports and needs by channel."""
    from ganzhi.complaints.tickets.intake import flow

    with reading(call) as reader:
        rows: list[Record] = [
            {
                "channel": each.channel,
                "channel_shown": listed(call, reader, "channels", each.channel),
                **{kind: each.tickets.get(kind, 0) for kind in ("complaint", "trouble", "need")},
                "replied": each.replied,
                "closed": each.closed,
            }
            for each in flow(reader, *span_of(reader, given))
        ]
    write(call, CHANNELS, rows, given)
