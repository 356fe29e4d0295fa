"""`ganzhi flow export` and `ganzhi flow import`: event logs for other tools, and from them."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import click

from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.flow.group import asking, flow, request_of

LOG_NAME = re.compile(r"[^\W_][\w.-]{0,59}")


@flow.command("export", help="flow_export")
@click.argument("code", metavar="CODE")
@option("--form", type=click.Choice(["xes", "ocel"]), default="xes", help="flow_form")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE", help="out")
@asking
@common
@click.pass_obj
def export(call: Call, /, code: str, form: str, out: Path, **given: Any) -> None:
    """Write the events of a flow, whole or not at all."""
    from ganzhi.measure.open import open_states
    from ganzhi.trace.flow.exchange.files import export_log
    from ganzhi.wiring import opened

    half = out.with_name(f".{out.name}.{os.getpid()}.part")
    with opened(call.root) as workspace:
        place = workspace.workplace
        request = request_of(place, code, **given)
        try:
            with open_states(place, ()) as states, half.open("w", encoding="utf-8", newline="\n") as file:
                events = export_log(place, states, request, form, file)
            half.replace(out)
        except OSError as error:
            params = {"detail": error.strerror or str(error)}
            raise EngineError(Issue("CLI004", str(out), params=params), retryable=True) from None
        finally:
            half.unlink(missing_ok=True)
    call.say("cli.flow.exported", events=f"{events:,}", file=out)


@flow.command("import", help="flow_import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE")
@option("--form", type=click.Choice(["xes", "ocel"]), help="flow_form")
@option("--log", "name", metavar="NAME", help="flow_log")
@option("--unit", metavar="UNIT", help="flow_unit")
@option("--object", "object_type", metavar="TYPE", help="flow_object")
@common
@click.pass_obj
def import_(
    call: Call, file: Path, form: str | None, name: str | None, unit: str | None, object_type: str | None
) -> None:
    """Load an event log into the feed of outside logs; the same log again replaces it."""
    from ganzhi.ingest.load import load
    from ganzhi.trace.flow.exchange.event import LogTally
    from ganzhi.trace.flow.exchange.files import FEED, MAPPING, lines_of
    from ganzhi.wiring import opened

    log = name or file.name.partition(".")[0]
    if not LOG_NAME.fullmatch(log):
        raise InputError(Issue("FLW006", log[:60]))
    chosen = form or ("ocel" if ".json" in file.suffixes else "xes")
    tally = LogTally()
    with opened(call.root) as workspace, tempfile.TemporaryDirectory() as folder:
        place = workspace.workplace
        where = unit or place.catalogue.root_unit
        place.catalogue.unit(where)
        made = Path(folder) / f"{log}.jsonl"
        with made.open("w", encoding="utf-8") as lines:
            lines.writelines(lines_of(file, chosen, tally, log, where, object_type))
        if not tally.events:
            detail = ", ".join(f"{key} {getattr(tally, key)}" for key in ("no_case", "no_activity", "no_time"))
            raise InputError(Issue("FLW005", file.name, params={"detail": detail}))
        reports = load(place, FEED, [made], mapping=MAPPING)
    accepted = sum(each.tally.accepted + each.tally.replaced + each.tally.duplicate for each in reports)
    call.say(
        "cli.flow.imported", cases=f"{tally.cases:,}", events=f"{tally.events:,}", accepted=f"{accepted:,}", log=log
    )
    if tally.left_out or tally.without_zone:
        call.say("cli.flow.import_remarks", left=f"{tally.left_out:,}", without_zone=f"{tally.without_zone:,}")
