"""Logs of flows as files, and files as lines that the feed of outside logs takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TextIO

from ganzhi.compile.flow.conformance import events_sql
from ganzhi.compile.flow.graph import activity_cases_sql
from ganzhi.measure.open import States
from ganzhi.trace.flow.exchange.event import LogEvent, LogTally
from ganzhi.trace.flow.exchange.ocel import read_ocel, write_ocel
from ganzhi.trace.flow.exchange.xes import read_xes, write_xes
from ganzhi.trace.flow.reading import FlowRequest, flow_session, question_of
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.workplace import Workplace

FEED, MAPPING = "event_log", "event_log_lines"


def export_log(workplace: Workplace, states: States, request: FlowRequest, form: str, file: TextIO) -> int:
    """Write the cases of a flow as `xes` or `ocel`, read as a stream; returns the number of events."""
    written = 0

    def counted(session: Session) -> Iterator[LogEvent]:
        nonlocal written
        for batch in session.stream(events_sql(question)):
            for row in batch.to_pylist():
                written += 1
                yield LogEvent(row["case_id"], row["activity"], row["moment"])

    question = question_of(workplace, request)
    with flow_session(workplace, states, request) as session:
        if form == "ocel":
            held = session.query(activity_cases_sql(question)).column("activity").to_pylist()
            activities = [each for each in held if each is not None]
            file.writelines(write_ocel(counted(session), activities, request.code))
        else:
            file.writelines(write_xes(counted(session), request.code))
    return written


def lines_of(path: Path, form: str, tally: LogTally, log: str, unit: str, object_type: str | None) -> Iterator[str]:
    """The events of a file, one JSON object a line. The number of an event in the file is its id."""
    events = read_ocel(path, tally, object_type) if form == "ocel" else read_xes(path, tally)
    for number, event in enumerate(events, start=1):
        record = {
            "log": log,
            "event_id": f"{number:09}",
            "case_id": event.case,
            "activity": event.activity,
            "happened_at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "unit": unit,
            "transition": event.transition,
            "resource": event.resource,
            "org_group": event.group,
        }
        yield json.dumps(record, ensure_ascii=False) + "\n"
