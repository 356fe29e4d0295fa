"""Rules of the house that no linter knows: one clock, nothing unfinished, nothing of this machine."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.meta.tree import ROOT, calls, exceptions, literals, name_of, parsed, python_files, tracked_files

CLOCK_CALLS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|HACK)\b|\bfor now\b|\bnot implemented\b", re.IGNORECASE)


def _reads_clock(tree: ast.AST) -> bool:
    for call in calls(tree, *CLOCK_CALLS):
        target = call.func
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in CLOCK_OWNERS:
            return True
    return False


def test_only_the_clock_reads_the_clock() -> None:
    reading = {name_of(p) for p in python_files("src") if _reads_clock(parsed(p))}
    allowed = {"src/ganzhi/base/clock.py", *exceptions("clock")}
    assert reading <= allowed
    assert allowed <= reading, "an exception is no longer needed"


def _said(path: Path) -> Iterator[str]:
    """Comments and strings of a file."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield token.string


def test_nothing_in_the_package_is_marked_as_unfinished() -> None:
    assert not [name_of(p) for p in python_files("src") if any(UNFINISHED.search(text) for text in _said(p))]


def test_nothing_in_the_package_refuses_because_it_was_not_written() -> None:
    raised = [
        name_of(path)
        for path in python_files("src")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.unparse(node.exc)
    ]
    assert not raised


def _forbidden_words() -> list[str]:
    """Words that must not stand in a tracked file, put together here so that this file does not hold them."""
    hosts = ["py" + "pi.org", "files.python" + "hosted.org", "registry.npm" + "js.org", "deb." + "debian.org"]
    folders = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", f"{ROOT}/"]
    return hosts + folders


def test_tracked_files_name_no_registry_and_no_folder_of_a_machine() -> None:
    words = _forbidden_words()
    found = [
        f"{name_of(path)}: {word}"
        for path in tracked_files()
        for text in [path.read_text(encoding="utf-8", errors="replace")]
        for word in words
        if word in text
    ]
    assert not found


def test_yaml_is_never_loaded_by_a_loader_that_runs_code() -> None:
    loaders = [
        name_of(p)
        for p in python_files("src")
        for c in calls(parsed(p), "load", "unsafe_load", "full_load")
        if _is_yaml(c)
    ]
    assert not loaders


def _is_yaml(call: ast.Call) -> bool:
    return (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "yaml"
    )


def test_every_failpoint_is_named_in_a_test() -> None:
    points = {
        str(argument.value)
        for path in python_files("src")
        for call in calls(parsed(path), "failpoint")
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    tested = {text.partition(":")[0] for path in python_files("tests") for text in literals(parsed(path))}
    untested = sorted(points - tested)
    assert not untested
