"""The group itself."""

from __future__ import annotations

import click

from ganzhi.cli.command import Group


@click.group("complaints", cls=Group, help="complaints")
def complaints() -> None:
    """Complaints."""
