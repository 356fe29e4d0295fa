"""Small pieces of Markdown that the reference pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make docs` from the program; edit the program instead. -->"


def page(title: str, *blocks: str) -> str:
    """A page: title, a note that it is generated, blocks separated by blank lines."""
    return "\n\n".join([f"# {title}", GENERATED, *(block.strip("\n") for block in blocks if block)]) + "\n"


def cell(text: object) -> str:
    """Text as it may stand in a table cell."""
    return " ".join(str(text).replace("|", "\\|").split())


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def prose(docstring: str | None) -> str:
    """A docstring as Markdown: unindented, blank lines kept."""
    lines = (docstring or "").strip().splitlines()
    rest = [line for line in lines[1:] if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    return "\n".join([lines[0], *(line[margin:] for line in lines[1:])]) if lines else ""
