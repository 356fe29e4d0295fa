"""`ganzhi flow list`, `show` and `cases`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ganzhi.cli.asking import check_target, output
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.flow.group import asking, flow, request_of
from ganzhi.cli.show.formats import Format, Record, as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.trace.flow.mining import FlowCount

PARTS = ("passages", "steps", "variants", "deviations")
_NUMBERS = frozenset(
    [
        "n",
        "cases",
        "events",
        "starts",
        "ends",
        "position",
        "mean_s",
        "p50_s",
        "p90_s",
        "passages",
        "duration_s",
        "sessions",
        "share",
    ]
)
ARROW = " → "


def write(call: Call, records: list[Record], form: Format, out: Path | None, words: str = "flow") -> None:
    """Records as asked. words: where the headings stand in the message files."""
    names = list(records[0]) if records else []
    if form == "json":
        data = as_json(records).encode()
    elif form == "csv":
        data = as_csv(names, records)
    elif form == "parquet":
        data = as_parquet(names, records)
    else:
        columns = [
            Column(call.text(f"cli.{words}.{n}"), "right" if n in _NUMBERS else "left", at_most=60) for n in names
        ]
        rows = [[_shown(name, record[name]) for name in names] for record in records]
        data = f"{table(columns, rows) if rows else call.text('cli.flow.none')}\n".encode()
    write_out(data, out, sys.stdout.buffer)


def _shown(name: str, value: object) -> str:
    match value:
        case None:
            return "–"
        case int():
            return f"{value:,}"
        case float() if name == "share":
            return f"{value:.2%}"
        case float():
            return f"{value:,.1f}"
        case _:
            return str(value)


@flow.command("list", help="flow_list")
@output
@common
@click.pass_obj
def list_flows(call: Call, form: Format, out: Path | None) -> None:
    """The flows there are."""
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        flows = workspace.workplace.catalogue.flows
        found: list[Record] = [
            {"code": code, "name": each.name.in_(call.lang), "feed": each.feed, "steps": ARROW.join(each.steps) or None}
            for code, each in flows.items()
        ]
    write(call, found, form, out)


@flow.command("show", help="flow_show")
@click.argument("code", metavar="CODE")
@option("--part", type=click.Choice(PARTS), default="passages", help="flow_part")
@asking
@output
@common
@click.pass_obj
def show(call: Call, /, code: str, part: str, form: Format, out: Path | None, **given: Any) -> None:
    """Print a part of a flow, and its totals on standard error."""
    from ganzhi.measure.open import open_states
    from ganzhi.trace.flow.mining import count_flow
    from ganzhi.trace.flow.reading import flow_session, question_of
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        place = workspace.workplace
        request = request_of(place, code, **given)
        question, judged = question_of(place, request), bool(place.catalogue.flows[code].steps)
        with open_states(place, ()) as states, flow_session(place, states, request) as session:
            count = count_flow(session, question, judged=judged)
    write(call, list(_part(call, count, part)), form, out)
    call.say("cli.flow.total", cases=f"{count.cases:,}", events=f"{count.events:,}", variants=f"{count.n_variants:,}")
    if count.deviating is not None:
        call.say("cli.flow.deviating", cases=f"{count.deviating:,}")
    if count.no_case or count.no_activity:
        call.say("cli.flow.left_out", no_case=f"{count.no_case:,}", no_activity=f"{count.no_activity:,}")


def _part(call: Call, count: FlowCount, part: str) -> Iterator[Record]:
    if part == "steps":
        for s in count.steps:
            yield {"step": s.activity, "cases": s.cases, "events": s.events, "starts": s.starts, "ends": s.ends, "position": s.position}  # fmt: skip
    elif part == "variants":
        for v in count.variants:
            yield {"path": ARROW.join(v.path), "cases": v.n, "mean_s": v.mean_s}
    elif part == "deviations":
        for d in count.deviations:
            kind = call.text(f"portal.flow.kind.{d.kind}")
            yield {"kind": kind, "step": d.step or None, "other": d.other or None, "cases": d.cases, "passages": d.passages}  # fmt: skip
    else:
        for p in count.passages:
            times = {"mean_s": p.spans.mean_s, "p50_s": p.spans.quantile_s(0.5), "p90_s": p.spans.quantile_s(0.9)}
            yield {"source": p.source, "target": p.target, "n": p.n, **times}


@flow.command("cases", help="flow_cases")
@click.argument("code", metavar="CODE")
@option("--kind", metavar="KIND", help="flow_kind")
@option("--step", metavar="STEP", help="flow_step")
@option("--other", metavar="STEP", help="flow_other")
@option("--activity", metavar="STEP", help="flow_activity")
@option("--limit", type=click.IntRange(min=1, max=100_000), default=50, help="rows_limit")
@asking
@output
@common
@click.pass_obj
def cases(
    call: Call,
    /,
    code: str,
    kind: str | None,
    step: str | None,
    other: str | None,
    activity: str | None,
    limit: int,
    form: Format,
    out: Path | None,
    **given: Any,
) -> None:
    """List cases, longest first."""
    from ganzhi.measure.open import open_states
    from ganzhi.trace.flow.mining import list_cases
    from ganzhi.trace.flow.pages import wanted_of
    from ganzhi.trace.flow.reading import flow_session, question_of
    from ganzhi.trace.flow.views import CasesQuery
    from ganzhi.wiring import opened

    check_target(form, out)
    wanted = wanted_of(CasesQuery(kind=kind, step=step, other=other, activity=activity))
    with opened(call.root) as workspace:
        place = workspace.workplace
        request = request_of(place, code, **given)
        with open_states(place, ()) as states, flow_session(place, states, request) as session:
            found, total = list_cases(session, question_of(place, request), wanted, limit)
        records: list[Record] = [
            {
                "case": each.case,
                "begun": each.begun.astimezone(place.zone).isoformat(" ", "seconds"),
                "duration_s": each.ms / 1000,
                "events": each.events,
                "path": ARROW.join(each.path),
            }
            for each in found
        ]
    write(call, records, form, out)
    call.say("cli.flow.cases_total", total=f"{total:,}", shown=f"{len(found):,}")
