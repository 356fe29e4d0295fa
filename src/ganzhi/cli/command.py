"""What every command shares: the two common options, help in the reader's language, the call's context.

Help texts are message keys (`cli.help.<command>`, `cli.option.<name>`) that are looked up when help
is shown, so one program speaks both languages.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from ganzhi.base.messages import LANGS, Lang, say

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation: the workspace folder and the language of everything said to a person."""

    root: Path
    lang: Lang

    def say(self, key: str, **params: object) -> None:
        """Tell the user something, on standard error."""
        click.echo(say(self.lang, key, **params), err=True)

    def text(self, key: str, **params: object) -> str:
        """The message in the user's language."""
        return say(self.lang, key, **params)


def language(arguments: Sequence[str], environment: Mapping[str, str]) -> Lang:
    """The language asked for: `--lang`, else GANZHI_LANG, else the locale; Chinese unless it says English.

    >>> language(["check", "--lang", "en"], {}), language([], {"LANG": "en_GB.UTF-8"}), language([], {})
    ('en', 'en', 'zh')
    """
    for here, following in pairwise([*arguments, ""]):
        if here == "--":
            break
        given = following if here == "--lang" else here.removeprefix("--lang=") if here.startswith("--lang=") else ""
        if given in LANGS:
            return "en" if given == "en" else "zh"
    locale = next((environment[n] for n in ("GANZHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if environment.get(n)), "")
    return "en" if locale.lower().startswith("en") else "zh"


def lang_of(ctx: click.Context) -> Lang:
    """The language of a running command; before any command has begun, the one the arguments ask for."""
    call = ctx.find_root().obj
    return call.lang if isinstance(call, Call) else language(sys.argv[1:], os.environ)


class Formatter(click.HelpFormatter):
    """Writes help with headings in the reader's language."""

    lang: Lang = "zh"

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, prefix or say(self.lang, "cli.heading.usage"))

    def write_heading(self, heading: str) -> None:
        """A heading; click's own two are known by their English names."""
        key = f"cli.heading.{heading.lower()}"
        super().write_heading(say(self.lang, key) if heading in ("Options", "Commands") else heading)


class Context(click.Context):
    """Makes that formatter."""

    formatter_class = Formatter

    def make_formatter(self) -> click.HelpFormatter:
        """The formatter, told the language."""
        formatter = super().make_formatter()
        if isinstance(formatter, Formatter):
            formatter.lang = lang_of(self)
        return formatter


class Option(click.Option):
    """An option whose help is the message `cli.option.<help>`."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option's names and its help in the reader's language."""
        record = super().get_help_record(ctx)
        if record is None or not self.help:
            return record
        return record[0], say(lang_of(ctx), f"cli.option.{self.help}")


class Command(click.Command):
    """A command whose help is the message `cli.help.<help>`."""

    context_class = Context

    def get_short_help_str(self, limit: int = 45) -> str:
        """First sentence of the help, for the list of commands."""
        ctx = click.get_current_context(silent=True)
        lang = language(sys.argv[1:], os.environ) if ctx is None else lang_of(ctx)
        return say(lang, f"cli.help.{self.help}").partition("\n")[0]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The whole help, as it stands in the message."""
        formatter.write_paragraph()
        with formatter.indentation():
            for line in say(lang_of(ctx), f"cli.help.{self.help}").split("\n"):
                formatter.write_text(line)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, explained in the reader's language."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say(lang_of(ctx), "cli.option.help")
        return option


class Group(Command, click.Group):
    """A group of commands, in the order they were added."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a working day rather than of the alphabet."""
        return list(self.commands)


Group.group_class = Group


def option(*names: str, **attributes: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """`click.option` with help from the message files (`help` is the key's last part)."""
    return click.option(*names, cls=Option, **attributes)


def _root(ctx: click.Context, _param: click.Parameter, value: Path) -> Path:
    ctx.obj = replace(ctx.find_object(Call) or Call(value, lang_of(ctx)), root=value)
    return value


def _lang(ctx: click.Context, _param: click.Parameter, value: Lang | None) -> Lang | None:
    call = ctx.find_object(Call)
    if value is not None and call is not None:
        ctx.obj = replace(call, lang=value)
    return value


def common(function: Callable[P, R]) -> Callable[P, R]:
    """Add `-w DIR`, by default the current folder, and `--lang`; the command receives them as its `Call`."""
    return common_in(Path(), "workspace")(function)


def common_in(default: Path, help_key: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """As `common`, for a command whose workspace is by default another folder."""
    workspace = option(
        "-w",
        "--workspace",
        "root",
        type=click.Path(path_type=Path, file_okay=False),
        default=default,
        show_default=False,
        metavar="DIR",
        callback=_root,
        expose_value=False,
        help=help_key,
    )
    lang = option("--lang", type=click.Choice(LANGS), callback=_lang, expose_value=False, help="lang")

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        return workspace(lang(function))

    return decorate
