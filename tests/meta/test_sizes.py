"""Short modules, short functions, small folders: what keeps a tree easy to enter."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from tests.meta.tree import SOURCE, exceptions, name_of, parsed, python_files

MODULE_LINES = 500
FUNCTION_LINES = 60
FOLDER_MODULES = 15
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "impl", "misc"}


def _beyond(rule: str, measured: Iterator[tuple[str, int]], limit: int) -> list[str]:
    excepted = exceptions(rule)
    sizes = dict(measured)
    too_big = [
        f"{subject}: {size} > {limit}" for subject, size in sizes.items() if size > limit and subject not in excepted
    ]
    needless = [f"{subject}: its exception is not needed" for subject in excepted if sizes.get(subject, 0) <= limit]
    return too_big + needless


def test_no_module_is_longer_than_500_lines() -> None:
    lines = ((name_of(p), len(p.read_text(encoding="utf-8").splitlines())) for p in python_files())
    assert not _beyond("module_lines", lines, MODULE_LINES)


def _function_lines() -> Iterator[tuple[str, int]]:
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                end = node.end_lineno or node.lineno
                yield f"{name_of(path)}::{node.name}", end - node.lineno + 1


def test_no_function_is_longer_than_60_lines() -> None:
    assert not _beyond("function_lines", _function_lines(), FUNCTION_LINES)


def test_no_folder_has_more_than_15_modules() -> None:
    # In a folder of tests only the tests count: fixtures and workers beside them are found by name.
    counted = [
        p for p in python_files() if p.name != "__init__.py" and ("tests" not in p.parts or p.name.startswith("test_"))
    ]
    counts = Counter(name_of(p.parent) for p in counted)
    assert not _beyond("folder_modules", iter(counts.items()), FOLDER_MODULES)


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    parts = {part for p in python_files() for part in (*p.relative_to(SOURCE.parents[1]).parts[:-1], p.stem)}
    assert not parts & VAGUE_NAMES


def test_every_package_module_says_what_it_owns() -> None:
    silent = [name_of(p) for p in python_files("src") if p.stat().st_size and not ast.get_docstring(parsed(p))]
    assert not [name for name in silent if "/migrations/versions/" not in name]
