"""`ganzhi serve` and `ganzhi demo`: the pages, alone or with everything that makes them worth seeing."""

from __future__ import annotations

import contextlib
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.cli.command import Call, Command, common, common_in, option
from ganzhi.cli.ingest import load_each, show_reports
from ganzhi.cli.refresh import compute

if TYPE_CHECKING:
    from ganzhi.wiring import Workspace

PORT = click.IntRange(0, 65535)
DEMO_FOLDER = Path("demo")
SAMPLE = ("anonymous_bank", "january.txt.gz")
SAMPLE_FEED, SAMPLE_MAPPING = "calls", "anonymous_bank"
WAIT_S = 60.0


def _serve(call: Call, workspace: Workspace, host: str | None, port: int | None) -> None:
    from ganzhi.portal.site import serve as run

    # Ctrl-C is how a person ends this command: done, not interrupted.
    with contextlib.suppress(KeyboardInterrupt):
        run(workspace, host=host, port=port, started=lambda url: call.say("cli.serve.at", url=url))
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


def sample_file() -> Path:
    """The sample, in the installed package or in the source tree; raises InputError CLI005."""
    package = Path(str(package_files("ganzhi")))
    for folder in (package / "samples", package.parents[1] / "samples"):
        path = folder.joinpath(*SAMPLE)
        if path.is_file():
            return path
    raise InputError(Issue("CLI005", "/".join(SAMPLE)))


@click.command("demo", cls=Command, help="demo")
@option("--host", metavar="ADDRESS", help="host")
@option("--port", type=PORT, metavar="N", help="port")
@option("--no-serve", is_flag=True, help="no_serve")
@common_in(DEMO_FOLDER, "demo_workspace")
@click.pass_obj
def demo(call: Call, host: str | None, port: int | None, no_serve: bool) -> None:
    """A workspace with the sample loaded and computed, then the pages; what is there already is kept."""
    from ganzhi.base.settings import SETTINGS_FILE
    from ganzhi.wiring import init_workspace, opened

    sample = sample_file()
    if not (call.root / SETTINGS_FILE).exists():
        init_workspace(call.root, name=call.text("cli.demo.name"))
    call.say("cli.demo.workspace", folder=call.root.resolve())
    with opened(call.root) as workspace:
        reports, _ = load_each(call, workspace, SAMPLE_FEED, [sample], SAMPLE_MAPPING, WAIT_S)
        show_reports(call, reports, "table")
        compute(call, workspace, None, None)
        call.say("cli.demo.thanks")
        if not no_serve:
            _serve(call, workspace, host, port)
