"""The `ganzhi` program: its commands, and what becomes of whatever goes wrong in them."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from ganzhi import __version__
from ganzhi.base.errors import EngineError, InputError
from ganzhi.base.ids import new_id
from ganzhi.base.messages import Lang, render, say
from ganzhi.cli.cases import cases
from ganzhi.cli.catalogue import catalogue
from ganzhi.cli.command import Call, Group, Option, language
from ganzhi.cli.complaints import complaints
from ganzhi.cli.explain.command import explain
from ganzhi.cli.findings import findings
from ganzhi.cli.flow import blueprint, flow, ivr
from ganzhi.cli.ingest import ingest
from ganzhi.cli.insight import influence, secure, select, weights
from ganzhi.cli.knowledge import knowledge
from ganzhi.cli.observe import observe, score
from ganzhi.cli.quarantine import quarantine
from ganzhi.cli.receive import receive
from ganzhi.cli.refresh import publish, refresh
from ganzhi.cli.report import report
from ganzhi.cli.reported.close import close
from ganzhi.cli.rows import rows, sql
from ganzhi.cli.serve import demo, serve
from ganzhi.cli.simulate import simulate
from ganzhi.cli.stream.command import stream
from ganzhi.cli.trace import trace
from ganzhi.cli.trial import trial
from ganzhi.cli.upkeep import backup, doctor, expire, restore
from ganzhi.cli.user import audit, user
from ganzhi.cli.warn import warn
from ganzhi.cli.workspace import check, init

DONE: Final = 0
WRONG_USE: Final = 2
REJECTED: Final = 3
OUTSIDE_FAILED: Final = 4
OUR_BUG: Final = 70
INTERRUPTED: Final = 130
OUTPUT_CLOSED: Final = 141

OTHERS: Final = 0o007
"""Rights that are taken from everybody outside the file's group."""

ABOUT_THE_REQUEST: Final = (
    "REQ",
    "CLI",
    "CFG",
    "CMP",
    "MEA",
    "ACC",
    "WRN001",
    "FND0",
    "TRC0",
    "FLW006",
    "TXT",
    "HOT",
    "CAS0",
    "KNW",
    "STR007",
    "STR008",
)
"""Issue codes that begin so are wrong use; all others are about someone's file or catalogue."""

COMMANDS: tuple[click.Command, ...] = (
    init,
    check,
    catalogue,
    trial,
    ingest,
    receive,
    stream,
    quarantine,
    refresh,
    publish,
    close,
    observe,
    score,
    explain,
    rows,
    sql,
    influence,
    secure,
    weights,
    select,
    trace,
    warn,
    findings,
    flow,
    ivr,
    blueprint,
    complaints,
    cases,
    knowledge,
    report,
    simulate,
    serve,
    demo,
    user,
    audit,
    backup,
    restore,
    doctor,
    expire,
)
"""All commands, in the order `ganzhi --help` lists them."""


def program() -> Group:
    """The whole command tree."""
    group = Group(
        name="ganzhi", help="ganzhi", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
    )
    for command in COMMANDS:
        group.add_command(command)
    version = click.version_option(__version__, message="%(prog)s %(version)s", cls=Option, help="version")
    return version(group)


def _wrong_use(error: click.UsageError, lang: Lang) -> str:
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            said = say(lang, "cli.usage.missing", name=param.get_error_hint(error.ctx))
        case click.NoSuchOption(option_name=name, possibilities=near):
            said = say(lang, "cli.usage.no_option", name=name, near=_near(near, lang))
        case click.NoSuchCommand(command_name=name, possibilities=near):
            said = say(lang, "cli.usage.no_command", name=name, near=_near(near, lang))
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices)) as param):
            said = say(
                lang, "cli.usage.choice", name=param.get_error_hint(error.ctx), known=", ".join(map(str, choices))
            )
        case _:
            said = say(lang, "cli.usage.other", detail=error.format_message())
    if error.ctx is not None:
        said += "\n" + say(lang, "cli.usage.help", command=error.ctx.command_path)
    return said


def _near(names: Sequence[str] | None, lang: Lang) -> str:
    return say(lang, "cli.usage.near", names=", ".join(names)) if names else ""


def _tell_bug(error: BaseException, lang: Lang) -> None:
    identity = new_id()[-12:]
    click.echo(say(lang, "cli.bug", id=identity, kind=type(error).__name__), err=True)
    if os.environ.get("GANZHI_DEBUG"):
        traceback.print_exception(error)


def run(arguments: Sequence[str], group: click.Group | None = None) -> int:
    """Run one command line; returns its exit status and never raises.

    group: the command tree, by default the program's own.
    """
    lang = language(arguments, os.environ)
    tree = program() if group is None else group
    try:
        status = tree.main(list(arguments), prog_name="ganzhi", standalone_mode=False, obj=Call(Path(), lang))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG_USE
    except click.UsageError as error:
        click.echo(_wrong_use(error, lang), err=True)
        return WRONG_USE
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        return OUTSIDE_FAILED
    except InputError as error:
        click.echo("\n".join(render(lang, issue) for issue in error.issues), err=True)
        return WRONG_USE if all(i.code.startswith(ABOUT_THE_REQUEST) for i in error.issues) else REJECTED
    except EngineError as error:
        click.echo(render(lang, error.issue), err=True)
        if error.retryable:
            click.echo(say(lang, "cli.retryable"), err=True)
        return OUTSIDE_FAILED
    except (KeyboardInterrupt, click.Abort):
        click.echo(say(lang, "cli.interrupted"), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except Exception as error:  # noqa: BLE001 - the last line of defence: a short message with an id, no trace
        _tell_bug(error, lang)
        return OUR_BUG
    return status if isinstance(status, int) else DONE


def main() -> None:
    """Entry point of the installed program. What it writes, others on the machine may not read."""
    os.umask(os.umask(OTHERS) | OTHERS)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
