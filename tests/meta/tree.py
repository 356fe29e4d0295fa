"""What the meta tests know about the source tree: its files, their syntax trees, granted exceptions."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ganzhi"
CODE_FOLDERS = ("src", "tests", "tools", "benchmarks")


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Our Python files, in the given top folders or in all of them."""
    found = [p for folder in folders or CODE_FOLDERS for p in (ROOT / folder).rglob("*.py")]
    return tuple(sorted(p for p in found if "__pycache__" not in p.parts))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    """Path relative to the repository, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def exceptions(rule: str) -> dict[str, str]:
    """Subjects excepted from a rule and the reason, from `exceptions.toml`."""
    with (ROOT / "tests" / "meta" / "exceptions.toml").open("rb") as file:
        entries: dict[str, str] = tomllib.load(file).get(rule, {})
    return entries


def literals(tree: ast.AST) -> Iterator[str]:
    """All string literals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of a function or method by its last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func
            last = (
                target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
            )
            if last in names:
                yield node


@cache
def tracked_files() -> tuple[Path, ...]:
    """Text files under version control, or, outside a repository, none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return tuple(p for p in paths if p.is_file() and b"\0" not in p.read_bytes()[:4096])
