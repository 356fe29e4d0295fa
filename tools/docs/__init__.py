"""The reference pages, made from the code: `make docs` writes them, tests/meta compares them.

Every page is a function that returns its text; `PAGES` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools.docs.api import api_page
from tools.docs.catalogue import catalogue_page
from tools.docs.cli import cli_page
from tools.docs.indicators import indicators_page
from tools.docs.issues import issues_page
from tools.docs.settings import settings_page

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"

PAGES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("catalogue.md", catalogue_page),
    ("cli.md", cli_page),
    ("settings.md", settings_page),
    ("api.md", api_page),
    ("issues.md", issues_page),
    ("indicators.md", indicators_page),
)
"""File name in docs/reference, and the function that writes it."""


def differing() -> list[str]:
    """Names of the pages whose file is not what the code says."""
    return [
        name
        for name, page in PAGES
        if not (REFERENCE / name).exists() or (REFERENCE / name).read_text("utf-8") != page()
    ]


def write() -> list[str]:
    """Write the pages that differ; returns their names."""
    changed = differing()
    for name, page in PAGES:
        if name in changed:
            (REFERENCE / name).write_text(page(), encoding="utf-8")
    return changed
