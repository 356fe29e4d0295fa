"""`ganzhi serve` and `ganzhi demo`: the pages, alone or with everything that makes them worth seeing."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.cli.command import Call, Command, common, common_in, option
from ganzhi.cli.ingest import load_each, show_reports
from ganzhi.cli.receive import receive_folders, show_tallies
from ganzhi.cli.refresh import compute
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.simulate import make_province
from ganzhi.cli.trace.group import link_all, say_report

if TYPE_CHECKING:
    from ganzhi.wiring import Workspace

PORT = click.IntRange(0, 65535)
DEMO_FOLDER = Path("demo")
SAMPLE = ("anonymous_bank", "january.txt.gz")
CASES = ("cases", "telecom.json")
SAMPLE_FEED, SAMPLE_MAPPING = "calls", "anonymous_bank"
WAIT_S = 60.0
PROVINCE = "province"
LAST_DAY = date(2012, 3, 1)
"""The demo ends on the day of the source's incident, which is still running then."""
DEMO_SEED = 2012
DAYS_FIRST = 14
"""Days of arrival that are loaded before the pages are served; the days before them follow while they are."""
DAYS_LINKED = 3
"""Days whose transactions and menu sessions are put together before the pages are served."""
DEMO_INCIDENTS = ("sms-delay", "plan-campaign", "recharge-2012")


def _serve(call: Call, workspace: Workspace, host: str | None, port: int | None, *, demo: bool = False) -> None:
    from ganzhi.portal.site import serve as run

    # Ctrl-C is how a person ends this command: done, not interrupted.
    with contextlib.suppress(KeyboardInterrupt):
        run(workspace, host=host, port=port, demo=demo, started=lambda url: call.say("cli.serve.at", url=url))
    call.say("cli.serve.stopped")


@click.command("serve", cls=Command, help="serve")
@option("--host", metavar="ADDRESS", help="host")
@option("--port", type=PORT, metavar="N", help="port")
@common
@click.pass_obj
def serve(call: Call, host: str | None, port: int | None) -> None:
    """Serve until told to stop."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        _serve(call, workspace, host, port)


def sample_file(sample: tuple[str, ...] = SAMPLE) -> Path:
    """A sample, by default that of calls, in the installed package or in the source tree; raises InputError CLI005."""
    package = Path(str(package_files("ganzhi")))
    for folder in (package / "samples", package.parents[1] / "samples"):
        path = folder.joinpath(*sample)
        if path.is_file():
            return path
    raise InputError(Issue("CLI005", "/".join(sample)))


def _province(call: Call, scale: float, days: int) -> Path:
    """The simulated province beside the workspace's own files, made the first time; a short one has only those of the
    demo's incidents that fall into its days."""
    from ganzhi.province.incidents import falls_into
    from ganzhi.province.simulate import STORY, Request

    folder = call.root / PROVINCE
    if not (folder / STORY).is_file():
        if folder.exists():
            shutil.rmtree(folder)
        first = LAST_DAY - timedelta(days=days - 1)
        named = tuple((name, None) for name in DEMO_INCIDENTS if falls_into(name, first, LAST_DAY))
        make_province(call, folder, Request(scale, days, DEMO_SEED, first, named))
    for file in sorted((folder / "catalogue").glob("*.yaml")):
        shutil.copy(file, call.root / "catalogue" / f"province_{file.name}")
    return folder / "delivered"


def _link(call: Call, workspace: Workspace, first: date | None) -> None:
    """Chains of transactions and sessions of the voice menu, from a day on."""
    from ganzhi.trace.ivr.run import run as rebuild

    say_report(call, link_all(call, workspace.workplace, (), first, LAST_DAY))
    with Progress() as progress:
        report = rebuild(workspace.workplace, first, LAST_DAY, progress.at)
    call.say("cli.ivr.done", days=len(report.days), retired=len(report.retired), unchanged=report.unchanged)


@contextlib.contextmanager
def _history(call: Call, delivered: Path) -> Iterator[None]:
    """While pages are served: load the days before the first shown ones and compute them, in a process of low priority. It
    ends with the pages; what it has not done by then the next start does."""
    program = [sys.executable, "-m", "ganzhi.cli.main"]
    where = ["-w", str(call.root.resolve())]
    load = [*program, "receive", str(delivered.resolve()), "--jobs", "1", *where]
    made = [[*program, room, "run", *where] for room in ("trace", "ivr")]
    script = " && ".join(map(shlex.join, (load, *made, [*program, "refresh", *where])))
    with (call.root / "history.log").open("w", encoding="utf-8") as log:
        quiet = ["nice", "-n", "10", "sh", "-c", script]
        working = subprocess.Popen(  # noqa: S603 - our own program; every word of it is quoted
            quiet, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        call.say("cli.demo.history", log=call.root / "history.log")
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(working.pid, signal.SIGTERM)
            working.wait(30)


def _cases(call: Call, workspace: Workspace) -> None:
    """The sample cases, the first time."""
    from ganzhi.complaints.cases.library import Library
    from ganzhi.complaints.cases.samples import load_samples

    file = sample_file(CASES)
    loaded = load_samples(Library(workspace.workplace), file.name, file.read_bytes())
    if loaded.cases:
        call.say("cli.cases.sample", n=loaded.cases, manuals=loaded.manuals)


@click.command("demo", cls=Command, help="demo")
@option("--host", metavar="ADDRESS", help="host")
@option("--port", type=PORT, metavar="N", help="port")
@option("--no-serve", is_flag=True, help="no_serve")
@option("--scale", type=click.FloatRange(0.0001, 1), default=0.01, metavar="S", help="scale")
@option("--days", type=click.IntRange(0, 400), default=60, metavar="N", help="demo_days")
@common_in(DEMO_FOLDER, "demo_workspace")
@click.pass_obj
def demo(call: Call, host: str | None, port: int | None, no_serve: bool, scale: float, days: int) -> None:
    """A workspace with the simulated province and the sample, computed, then the pages; what is there is kept."""
    from ganzhi.base.periods import Grain
    from ganzhi.base.settings import SETTINGS_FILE
    from ganzhi.measure.publish.publish import publish
    from ganzhi.portal.site import make_demo_accounts
    from ganzhi.wiring import init_workspace, opened

    sample = sample_file()
    if not (call.root / SETTINGS_FILE).exists():
        init_workspace(call.root, name=call.text("cli.demo.name"))
    call.say("cli.demo.workspace", folder=call.root.resolve())
    delivered = _province(call, scale, days) if days else None
    if delivered is not None:
        arrived = sorted(folder for folder in delivered.iterdir() if folder.is_dir())
        first = arrived if no_serve else arrived[-DAYS_FIRST:]
        show_tallies(call, receive_folders(call, first, os.cpu_count() or 1))
    with opened(call.root) as workspace:
        reports, _ = load_each(call, workspace, SAMPLE_FEED, [sample], SAMPLE_MAPPING, WAIT_S)
        show_reports(call, reports, "table")
        if delivered is not None:
            _link(call, workspace, None if no_serve else LAST_DAY - timedelta(days=DAYS_LINKED - 1))
        compute(call, workspace, None, None)
        publish(workspace.workplace, grains=(Grain.WEEK,))
        make_demo_accounts(workspace, call.lang)
        _cases(call, workspace)
        call.say("cli.demo.thanks")
        if not no_serve:
            with _history(call, delivered) if delivered is not None else contextlib.nullcontext():
                _serve(call, workspace, host, port, demo=True)
