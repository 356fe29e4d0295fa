"""`ganzhi try`: one indicator on a sample, before it goes live."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import as_json, plain
from ganzhi.cli.show.issues import as_text
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.build.trial import Trial
    from ganzhi.measure.observation import Observation

CELL = 24


def _record(call: Call, found: Trial) -> dict[str, object]:
    return {
        "code": found.code,
        "loads": [
            {
                "feed": each.feed,
                "file": each.file,
                "read": each.read,
                "accepted": each.accepted,
                "rejected": each.rejected,
                "reasons": dict(each.reasons),
            }
            for each in found.loads
        ],
        "days": [each.as_json() for each in found.days],
        "totals": [each.as_json() for each in found.totals],
        "scores": [each.as_json() for each in found.scores],
        "records": [] if found.records is None else _records(found),
        "records_total": None if found.records is None else found.records.total,
        "seconds": round(found.took_s, 3),
    }


def _records(found: Trial) -> list[dict[str, object]]:
    assert found.records is not None
    names = [column.name for column in found.records.columns]
    return [dict(zip(names, map(plain, each.values), strict=True)) for each in found.records.records]


def _numbers(call: Call, found: Trial) -> str:
    heads = ["period", "value", "unit_of_value", "numerator", "denominator", "n"]
    columns = [
        Column(call.text(f"cli.observe.{name}"), "left" if name in ("period", "unit_of_value") else "right")
        for name in heads
    ]

    def row(label: str, each: Observation) -> list[str]:
        record = each.as_json()
        parts = [number(record["numerator"]), number(record["denominator"]), number(each.n)]
        return [label, number(each.value), each.unit_of_value, *parts]

    rows = [row(each.period.key, each) for each in found.days]
    rows += [row(f"{call.text('cli.try.total')} {each.period.key}", each) for each in found.totals]
    return table(columns, rows)


def _scores(call: Call, found: Trial) -> str:
    columns = [Column(call.text(f"cli.observe.{name}")) for name in ("code", "period", "score", "reason")]
    rows = []
    for top in found.scores:
        for each in (top, *(child.child for child in top.contributions)):
            points = number(None if each.score is None else each.score.points, 1)
            rows.append([each.code, each.period.key, points, call.text(f"cli.observe.reason_{each.reason}")])
    return table(columns, rows)


def _print(call: Call, found: Trial) -> None:
    for each in found.loads:
        reasons = ", ".join(f"{code} × {count}" for code, count in each.reasons.items())
        key = "cli.try.rejected" if each.rejected else "cli.try.accepted"
        call.say(key, feed=each.feed, accepted=f"{each.accepted:,}", rejected=f"{each.rejected:,}", reasons=reasons)
        if each.issues:
            click.echo(as_text(call.lang, each.issues), err=True)
    if found.scores:
        click.echo(_scores(call, found))
    elif found.totals:
        click.echo(_numbers(call, found))
    else:
        call.say("cli.try.nothing")
    if found.records is not None and found.records.records:
        call.say("cli.try.records", total=f"{found.records.total:,}")
        records = _records(found)
        names = [name for name in records[0] if any(record[name] is not None for record in records)]
        cells = [["–" if record[name] is None else str(record[name]) for name in names] for record in records]
        click.echo(table([Column(name, at_most=CELL) for name in names], cells))


@click.command("try", cls=Command, help="try")
@click.argument("code", metavar="CODE")
@option("--feed", "feeds", multiple=True, required=True, metavar="[FEED=]FILE", help="sample_feed")
@option("--mapping", metavar="NAME", help="mapping")
@option("--proposal", metavar="ID", help="proposal")
@option("--first", type=click.IntRange(min=0, max=1000), default=5, help="first_rows")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@common
@click.pass_obj
def trial(
    call: Call, code: str, feeds: tuple[str, ...], mapping: str | None, proposal: str | None, first: int, form: str
) -> int:
    """Try an indicator; 1 when rows of the sample were rejected."""
    from ganzhi.measure.build.trial import sample_files, try_out, with_mappings
    from ganzhi.wiring import desk, opened
    from ganzhi.wiring import trial as trial_workplace

    with opened(call.root) as workspace:
        catalogue = workspace.workplace.catalogue
        if proposal is not None:
            catalogue = desk(workspace).judge(workspace.workplace.store.proposals.get(proposal)).result
        files = sample_files(catalogue, code, feeds)
        with trial_workplace(workspace, with_mappings(catalogue, files)) as place:
            found = try_out(place, code, files, mapping=mapping, first=first)
    if form == "json":
        sys.stdout.write(as_json([_record(call, found)]))
    else:
        _print(call, found)
        call.say("cli.try.took", seconds=f"{found.took_s:.1f}")
    return 1 if any(each.rejected for each in found.loads) else 0
