"""A process that has imported everything and forks one child per command.

Reads one JSON object per line: `{"op", "root", "out", "stopped", …}`. Answers with the child's pid
and, once it has ended, with its wait status. A child with `stopped` stops itself before the
work, so that a tracer can be attached to it first. What a child finds is written to `out`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import alembic.migration  # noqa: F401 - imported before any fork, where it costs once

from ganzhi.base.periods import Grain
from ganzhi.catalogue.load import load_catalogue
from ganzhi.ingest.load import load
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.upkeep import compact, doctor, sweep
from ganzhi.wiring import Workspace, open_workspace

CATALOGUE = load_catalogue("telecom", None)
"""Read once, before any fork."""

CODES = ("hotline.calls", "hotline.answered", "hotline.talk.mean_s", "hotline.wait.p90_s", "hotline.agents")


def _ingest(workspace: Workspace, command: dict[str, Any]) -> object:
    reports = load(workspace.workplace, "calls", [Path(f) for f in command["files"]], mapping="anonymous_bank")
    return [report.accepted for report in reports]


def _refresh(workspace: Workspace, command: dict[str, Any]) -> object:
    refresh(workspace.workplace)
    return None


def _tidy(workspace: Workspace, command: dict[str, Any]) -> object:
    compact(workspace.workplace, "rows/calls")
    return None


def _inspect(workspace: Workspace, command: dict[str, Any]) -> object:
    """Everything that must be equal to an undisturbed run, and what must be in order in any state."""
    place = workspace.workplace
    snapshot = place.store.manifest.snapshot()
    lost = [f.path for f in snapshot.files if not place.files.path(f).is_file()]
    rows: dict[str, int] = {}
    for file in snapshot.table("rows/calls"):
        rows[file.partition] = rows.get(file.partition, 0) + file.rows
    loads = sorted(
        (r.file, r.state, r.read, r.accepted, r.duplicate, r.replaced, r.rejected)
        for r in place.store.ledger.loads("calls")
    )
    found: dict[str, Any] = {
        "lost": lost,
        "rows": rows,
        "loads": loads,
        "quarantine": sum(f.rows for f in snapshot.table("quarantine/calls")),
        "issues": [issue.code for issue in doctor(place) if issue.severity == "error"],
    }
    if command.get("observe"):
        with open_states(place) as reading:
            days = sorted(rows)
            request = ObserveRequest(
                CODES,
                place.catalogue.root_unit,
                Grain.DAY,
                date.fromisoformat(days[0]),
                date.fromisoformat(days[-1]),
                stale="show",
            )
            found["observations"] = [each.as_json() for each in observe(place, reading, request)]
    return found


def _finish(workspace: Workspace, command: dict[str, Any]) -> object:
    """What the killed run left, then the work done to its end, then what that left."""
    left = _inspect(workspace, command)
    if command.get("files"):
        _ingest(workspace, command)
    refresh(workspace.workplace)
    sweep(workspace.workplace, grace_s=0)
    return {"left": left, "done": _inspect(workspace, {"observe": True})}


def _sweep(workspace: Workspace, command: dict[str, Any]) -> object:
    sweep(workspace.workplace, grace_s=0)
    return None


OPS = {"ingest": _ingest, "finish": _finish, "refresh": _refresh, "tidy": _tidy, "inspect": _inspect, "sweep": _sweep}


def _child(command: dict[str, Any]) -> None:
    if command.get("stopped"):
        os.kill(os.getpid(), signal.SIGSTOP)
    workspace = open_workspace(Path(command["root"]), catalogue=CATALOGUE)
    result = OPS[command["op"]](workspace, command)
    workspace.close()
    Path(command["out"]).write_text(json.dumps(result, default=str), encoding="utf-8")


def _tell(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _child(command)
                status = 0
            except BaseException as error:  # noqa: BLE001 - the harness wants the text, whatever it is
                Path(command["out"]).write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
            finally:
                os._exit(status)
        _tell({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _tell({"status": status})


if __name__ == "__main__":
    main()
