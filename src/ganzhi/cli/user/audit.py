"""`ganzhi audit list` and `verify`: reading the trail; there is no command that writes or changes it."""

from __future__ import annotations

import click

from ganzhi.cli.command import Call, Command, Group, common, option
from ganzhi.cli.show.issues import as_text
from ganzhi.cli.user.group import FORM, accounts_of, local, print_records

COLUMNS = ("number", "at", "actor", "act", "subject", "detail")


@click.group("audit", cls=Group, help="audit")
def audit() -> None:
    """The audit trail."""


@audit.command("list", cls=Command, help="audit_list")
@option("--actor", default="", metavar="WHO", help="audit_actor")
@option("--act", default="", metavar="ACT", help="audit_act")
@option("--subject", default="", metavar="TEXT", help="audit_subject")
@option("--before", type=int, metavar="NUMBER", help="audit_before")
@option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="audit_limit")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(call: Call, actor: str, act: str, subject: str, before: int | None, limit: int, form: str) -> None:
    """List entries, newest first."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.store.columns import json_text

    with accounts_of(call) as desk:
        page = desk.access.trail.page(LOCAL, before=before, limit=limit, actor=actor, act=act, subject=subject)
        records: list[dict[str, object]] = [
            {
                "number": entry.number,
                "at": local(desk, entry.at),
                "actor": entry.actor,
                "act": entry.act,
                "subject": entry.subject,
                "detail": dict(entry.detail) if form == "json" else json_text(entry.detail),
                "hash": entry.hash,
            }
            for entry in page.entries
        ]
    print_records(call, form, COLUMNS, records, "no_entries")


@audit.command("verify", cls=Command, help="audit_verify")
@option("--anchor", "anchors", multiple=True, metavar="NUMBER:HASH", help="audit_anchor")
@common
@click.pass_obj
def verify(call: Call, anchors: tuple[str, ...]) -> int:
    """Verify the chain; 1 when it is broken."""
    from ganzhi.store.audit import AuditHead

    noted: list[AuditHead] = []
    for anchor in anchors:
        number, _, hashed = anchor.partition(":")
        if not number.isdecimal() or len(hashed) != 64:
            raise click.BadParameter(anchor)
        noted.append(AuditHead(int(number), hashed))
    with accounts_of(call) as desk:
        trail = desk.workspace.workplace.store.audit
        issues, head = trail.verify(noted), trail.head()
    if issues:
        click.echo(as_text(call.lang, issues), err=True)
        call.say("cli.user.trail_broken", count=len(issues))
        return 1
    call.say("cli.user.trail_whole", number=head.number, hash=head.hash or "–")
    return 0
