"""`ganzhi trace hops`, `stuck`, `show` and `skew`: what the written chains say."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ganzhi.base.periods import parse_day
from ganzhi.cli.asking import check_target, output
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.show.formats import Format, as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.table import Column, table
from ganzhi.cli.trace.group import UNKNOWN, asked, trace

if TYPE_CHECKING:
    from ganzhi.catalogue.model.parts import Text
    from ganzhi.trace.views import BreakSheet, HopRow, Story, StoryStep, StuckList, Waiting


@trace.command("hops", help="trace_hops")
@click.argument("code", metavar="CODE")
@option("--by", metavar="DIM", help="trace_by")
@option("--from", "first", metavar="DAY", help="trace_from")
@option("--to", "last", metavar="DAY", help="trace_to")
@output
@common
@click.pass_obj
def hops(
    call: Call, code: str, by: str | None, first: str | None, last: str | None, form: Format, out: Path | None
) -> None:
    """Times of every hop, and chains by state."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.trace.look import board
    from ganzhi.trace.slices import sliced
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        question = asked(code, first, last)
        found = board(workspace.workplace, LOCAL, question)
        rows = found.hops if by is None else sliced(workspace.workplace, LOCAL, question, by).rows
    call.say(
        "cli.trace.board",
        name=found.name.in_(call.lang),
        first=found.first,
        last=found.last,
        chains=f"{found.chains:,}",
        states="  ".join(f"{call.text(f'cli.trace.state.{s}')} {n:,}" for s, n in found.states.items()),
    )
    records = [_hop_record(row) for row in rows]
    shown = [[_text(value) for value in record.values()] for record in (_hop_shown(call, r) for r in rows)]
    heads = [Column(call.text(f"cli.trace.{name}")) for name in _HOP_SHOWN]
    _put(form, out, list(_hop_record(rows[0])) if rows else [], records, heads, shown)


_HOP_SHOWN = ("hop", "slice", "n", "ordered", "ambiguous", "p50", "p95", "p99", "limit", "over")


def _hop_record(row: HopRow) -> dict[str, object]:
    return {
        "hop": row.hop, "slice": row.slice, "n": row.n, "spanning": row.spanning, "ordered": row.ordered,
        "ambiguous": row.ambiguous, "over": row.over, "p50_ms": row.p50_ms, "p90_ms": row.p90_ms, "p95_ms": row.p95_ms,
        "p99_ms": row.p99_ms, "limit_ms": row.limit_ms,
    }  # fmt: skip


def _hop_shown(call: Call, row: HopRow) -> dict[str, object]:
    return {
        "hop": row.name.in_(call.lang), "slice": row.slice, "n": row.n, "ordered": row.ordered, "ambiguous": row.ambiguous,
        "p50": lasting(row.p50_ms), "p95": lasting(row.p95_ms), "p99": lasting(row.p99_ms), "limit": lasting(row.limit_ms),
        "over": f"{row.over / row.n:.2%}" if row.n else UNKNOWN,
    }  # fmt: skip


def lasting(millis: int | None) -> str:
    """A length of time, short.

    >>> lasting(850), lasting(12_500), lasting(3_725_000), lasting(200_000_000), lasting(None)
    ('850ms', '12.5s', '1:02:05', '55:33:20', '–')
    """
    if millis is None:
        return UNKNOWN
    if abs(millis) < 1_000:
        return f"{millis}ms"
    if abs(millis) < 60_000:
        return f"{millis / 1_000:g}s"
    seconds = abs(millis) // 1_000
    sign = "-" if millis < 0 else ""
    return f"{sign}{seconds // 3_600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@trace.command("stuck", help="trace_stuck")
@click.argument("code", metavar="CODE")
@click.argument("which", metavar="[LIST]", required=False)
@option("--from", "first", metavar="DAY", help="trace_from")
@option("--to", "last", metavar="DAY", help="trace_to")
@option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="trace_limit")
@option("--unmask", "reason", metavar="REASON", help="trace_unmask")
@output
@common
@click.pass_obj
def stuck(
    call: Call, code: str, which: str | None, first: str | None, last: str | None, limit: int, reason: str | None,
    form: Format, out: Path | None,
) -> int:  # fmt: skip
    """Transactions that stopped; 1 when there are any."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.trace.look import stuck as look
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        place = workspace.workplace
        lists = (
            [which] if which else list(place.catalogue.traces[code].stuck) if code in place.catalogue.traces else [""]
        )
        found = [look(place, LOCAL, asked(code, first, last), each, most=limit, reason=reason) for each in lists]
        zone = place.zone
    records, shown = [], []
    for each in found:
        call.say("cli.trace.stuck", **_summary(call, each, zone))
        records += [_waiting_record(each, row, zone) for row in each.rows]
        shown += [_waiting_shown(call, each, row, zone) for row in each.rows]
    heads = [Column(call.text(f"cli.trace.{name}")) for name in _WAITING_SHOWN]
    _put(form, out, list(records[0]) if records else ["list", "chain_id"], records, heads, shown)
    return 1 if any(each.total for each in found) else 0


_WAITING_SHOWN = ("list", "chain", "begun", "unit", "subject", "step", "waited", "usual", "shorter")


def _summary(call: Call, each: StuckList, zone: ZoneInfo) -> dict[str, object]:
    return {
        "name": each.name.in_(call.lang), "symptom": each.symptom.in_(call.lang), "first": each.first, "last": each.last,
        "total": f"{each.total:,}", "customers": f"{each.customers:,}",
        "reach": UNKNOWN if each.reach is None else f"{each.reach.astimezone(zone):%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip


def _waiting_record(each: StuckList, row: Waiting, zone: ZoneInfo) -> dict[str, object]:
    return {
        "list": each.code, "chain_id": row.chain_id, "state": row.state, "stuck_at": row.stuck_at,
        "waiting_since": None if row.waiting_since is None else row.waiting_since.astimezone(zone),
        "waited_ms": row.waited_ms, "usual_p50_ms": row.usual_p50_ms,
        "usual_sure_ms": row.usual_sure_ms, "usual_n": row.usual_n, "shorter": row.shorter,
        **{n: v.astimezone(zone) if isinstance(v, datetime) else v for n, v in row.values.items()},
    }  # fmt: skip


def _waiting_shown(call: Call, each: StuckList, row: Waiting, zone: ZoneInfo) -> list[str]:
    values = list(row.values.items())
    begun = next((v for _, v in values if isinstance(v, datetime)), None)
    unit = next((v for n, v in values if n == "unit"), None)
    subject = next((v for n, v in values if n != "unit" and isinstance(v, str)), None)
    shorter = UNKNOWN if row.shorter is None else f"{row.shorter:.1%}"
    return [
        each.name.in_(call.lang), row.chain_id, UNKNOWN if begun is None else f"{begun.astimezone(zone):%m-%d %H:%M:%S}",
        str(unit or UNKNOWN), str(subject or UNKNOWN), row.step.in_(call.lang), lasting(row.waited_ms),
        lasting(row.usual_p50_ms), shorter,
    ]  # fmt: skip


@trace.command("show", help="trace_show")
@click.argument("code", metavar="CODE")
@click.argument("chain", metavar="CHAIN")
@option("--from", "first", metavar="DAY", help="trace_from")
@option("--to", "last", metavar="DAY", help="trace_to")
@common
@click.pass_obj
def show(call: Call, code: str, chain: str, first: str | None, last: str | None) -> None:
    """One chain's story in words."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.trace.look import story
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        found = story(place, LOCAL, asked(code, first, last), chain)
        zone = place.zone
    for line in told(call, found, zone):
        click.echo(line)


def told(call: Call, found: Story, zone: ZoneInfo) -> list[str]:
    """A story as lines of text."""

    def name(text: Text | None) -> str:
        return UNKNOWN if text is None else text.in_(call.lang)

    head = call.text(
        "cli.trace.story.head",
        name=name(found.name),
        chain=found.chain_id,
        variant=name(found.variant),
        state=call.text(f"cli.trace.state.{found.state}"),
    )
    lines = [head, *(_told_step(call, step, zone) for step in found.steps)]
    if found.stuck_at is not None and found.waiting_since is not None:
        since = f"{found.waiting_since.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        lines.append(call.text("cli.trace.story.stopped", step=name(found.stuck_at), since=since))
    lines.append(call.text("cli.trace.story.total", took=lasting(found.total_ms)))
    if found.ambiguous:
        lines.append(call.text("cli.trace.story.ambiguous"))
    return lines


def _told_step(call: Call, step: StoryStep, zone: ZoneInfo) -> str:
    line = call.text(
        "cli.trace.story.step",
        at=f"{step.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        step=step.name.in_(call.lang),
        system=step.system.in_(call.lang),
        feed=step.feed,
        record=step.record,
    )
    if step.took_ms is None:
        return line
    parts = [call.text("cli.trace.story.took", took=lasting(step.took_ms))]
    if step.shorter is not None:
        parts.append(call.text("cli.trace.story.usual", usual=lasting(step.usual_p50_ms), share=f"{step.shorter:.1%}"))
    if step.over_limit:
        parts.append(call.text("cli.trace.story.over", limit=lasting(step.limit_ms)))
    parts.append(call.text(f"cli.trace.how.{step.how}"))
    if step.ambiguous:
        parts.append(call.text("cli.trace.story.unsure"))
    return line + " " + call.text("cli.trace.story.details", details=call.text("cli.trace.story.comma").join(parts))


@trace.command("skew", help="trace_skew")
@click.argument("code", metavar="CODE")
@option("--from", "first", metavar="DAY", help="trace_from")
@option("--to", "last", metavar="DAY", help="trace_to")
@common
@click.pass_obj
def skew(call: Call, code: str, first: str | None, last: str | None) -> int:
    """Clocks of the systems; 1 when one jumped."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.trace.look import clocks
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        found = clocks(place, LOCAL, asked(code, first, last))
        zone = place.zone

    def edge(micros: int | None) -> str:
        return UNKNOWN if micros is None else f"{micros / 1_000_000:+g}s"

    rows = [
        [
            found.systems[each.system].in_(call.lang),
            UNKNOWN if each.system == each.against else found.systems[each.against].in_(call.lang),
            edge(each.estimate), edge(each.low), edge(each.high),
        ]
        for each in found.skews
    ]  # fmt: skip
    click.echo(table([Column(call.text(f"cli.trace.{n}")) for n in ("system", "against", "skew", "low", "high")], rows))
    for jump in found.jumps:
        call.say(
            "cli.trace.jump",
            origin=jump.origin.in_(call.lang),
            target=jump.target.in_(call.lang),
            first=f"{jump.first.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            last=f"{jump.last.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            by=lasting(jump.by_ms),
            n=jump.n,
        )
    return 1 if found.jumps else 0


@trace.command("breaks", help="trace_breaks")
@click.argument("code", metavar="CODE")
@click.argument("day", metavar="DAY")
@common
@click.pass_obj
def broken(call: Call, code: str, day: str) -> int:
    """Where the trace broke on a day; 1 when it did."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.measure.open import open_states
    from ganzhi.trace.breaks import breaks
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        with open_states(place) as reading:
            found = breaks(place, reading, LOCAL, code, parse_day(day, "DAY"))
        zone = place.zone
    rows = [
        [
            hop.name.in_(call.lang), hop.system.in_(call.lang), f"{hop.n:,}", f"{hop.over:.2%}",
            UNKNOWN if hop.usual_over is None else f"{hop.usual_over:.2%}", lasting(hop.p95_ms), lasting(hop.usual_p95_ms),
            call.text("cli.trace.broken") if hop.broken else "",
        ]
        for hop in found.hops
    ]  # fmt: skip
    names = ("hop", "system", "n", "over", "usually", "p95", "usual_p95", "verdict")
    click.echo(table([Column(call.text(f"cli.trace.{name}")) for name in names], rows))
    for line in _told_break(call, found, zone):
        click.echo(line)
    return 1 if found.broken_at is not None else 0


def _told_break(call: Call, found: BreakSheet, zone: ZoneInfo) -> Iterator[str]:
    """The sheet in words, below its table."""
    if found.broken_at is None or found.began is None or found.ended is None:
        yield call.text("cli.trace.breaks.none")
    else:
        yield call.text(
            "cli.trace.breaks.at",
            hop=found.broken_at.in_(call.lang),
            first=f"{found.began.astimezone(zone):%H:00}",
            last=f"{found.ended.astimezone(zone):%H:59}",
        )
    numbers = {n: f"{getattr(found, n):,}" for n in ("chains", "affected", "customers", "stopped")}
    yield call.text("cli.trace.breaks.hit", **numbers)
    for sign in found.signs:
        value, usual = (UNKNOWN if each is None else f"{each:,.4g}" for each in (sign.value, sign.usual))
        yield call.text(
            "cli.trace.breaks.sign",
            name=sign.subject.name.in_(call.lang),
            code=sign.subject.code,
            value=value,
            usual=usual,
        )
    for release in found.releases:
        said = ", ".join(f"{name}={value}" for name, value in release.values.items())
        yield call.text("cli.trace.breaks.release", at=f"{release.at.astimezone(zone):%m-%d %H:%M}", what=said)


def _text(value: object) -> str:
    return UNKNOWN if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _put(
    form: Format, out: Path | None, names: Sequence[str], records: Sequence[dict[str, object]], heads: Sequence[Column],
    shown: Sequence[Sequence[str]],
) -> None:  # fmt: skip
    """Write records in the asked form, or as a table on the terminal."""
    match form:
        case "table":
            data = (table(list(heads), [list(row) for row in shown]) + "\n").encode() if shown else b""
        case "csv":
            data = as_csv(names, records)
        case "parquet":
            data = as_parquet(names, records)
        case _:
            data = as_json(records).encode()
    write_out(data, out, sys.stdout.buffer)
