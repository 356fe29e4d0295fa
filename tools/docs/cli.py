"""Reference page: the commands, from the program's own command tree, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ganzhi.base.messages import say
from ganzhi.cli.main import program
from tools.docs.markdown import page, table

EXIT_STATUS = (
    (0, "done", "完成"),
    (1, "issues exist, where that is the question (`check`, `doctor`)", "有问题（检查类命令）"),
    (2, "wrong use: command line, request or settings", "用法、请求或设置有误"),
    (3, "input rejected: a file or the catalogue", "输入（文件或字典）被拒收"),
    (4, "an outside system failed: disk, database, engine", "外部系统出错：磁盘、数据库、引擎"),
    (70, "a fault of the program; the message carries a reference", "程序内部出错，信息中带编号"),
    (130, "interrupted", "被中断"),
)


def commands(group: click.Group, path: str = "ganzhi") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _help(prefix: str, key: str | None) -> tuple[str, str]:
    return say("zh", f"cli.{prefix}.{key}"), say("en", f"cli.{prefix}.{key}")


def _option_rows(command: click.Command) -> Iterator[tuple[str, str, str]]:
    ctx = click.Context(command, info_name=command.name)
    for param in command.params:
        if isinstance(param, click.Option):
            record = click.Option.get_help_record(param, ctx)
            zh, en = _help("option", param.help)
            yield f"`{record[0] if record else param.opts[-1]}`", en, zh


def _section(path: str, command: click.Command) -> str:
    ctx = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(ctx)])
    zh, en = _help("help", command.help)
    options = table(["option", "meaning", "含义"], _option_rows(command))
    return f"## {path}\n\n```\n{usage}\n```\n\n{en.replace(chr(10), '  ' + chr(10))}\n\n{zh.replace(chr(10), '  ' + chr(10))}\n\n{options}"


def cli_page() -> str:
    """All commands with their options, and what exit statuses mean."""
    intro = (
        "Results go to standard output, everything said to a person to standard error. Every command takes\n"
        "`-w DIR` (the current folder by default) and `--lang zh|en`. Long work shows a bar on a terminal and\n"
        "one line per step elsewhere."
    )
    status = table(["exit status", "meaning", "含义"], EXIT_STATUS)
    return page("Commands", intro, status, *(_section(path, command) for path, command in commands(program())))
