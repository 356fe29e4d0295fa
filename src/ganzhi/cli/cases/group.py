"""The group itself, who looks from a terminal, and how cases look there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Group
from ganzhi.cli.show.formats import Record

if TYPE_CHECKING:
    from ganzhi.complaints.cases.desk import CaseDesk
    from ganzhi.complaints.cases.views import CaseRow


@click.group("cases", cls=Group, help="cases")
def cases() -> None:
    """The case library."""


@contextmanager
def desk_of(call: Call) -> Iterator[CaseDesk]:
    """The desk of the workspace while it is open."""
    from ganzhi.complaints.cases.desk import CaseDesk
    from ganzhi.complaints.cases.library import Library
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        yield CaseDesk(Library(workspace.workplace))


def path_text(call: Call, row: CaseRow) -> str:
    """The category, or its code where the taxonomy no longer has it."""
    name = row.path.category.name
    return row.path.category.code if name is None else name.in_(call.lang)


def state_text(call: Call, row: CaseRow) -> str:
    """What may be done with a case."""
    key = "usable" if row.usable else "not_valid" if row.state == "approved" else row.state
    text = call.text(f"portal.cases.state.{key}")
    return f"{text} · {call.text('portal.cases.waits')}" if row.waiting else text


def record(row: CaseRow) -> Record:
    """A case as data."""
    counts = row.counts
    return {
        "number": row.number,
        "id": row.id,
        "title": row.title,
        "category": row.path.category.code,
        "product": None if row.product is None else row.product.code,
        "state": row.state,
        "usable": row.usable,
        "waiting": row.waiting,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": None if row.valid_to is None else row.valid_to.isoformat(),
        "review_on": row.review_on.isoformat(),
        "owner": row.owner,
        "shared": row.shared,
        "words": list(row.words),
        "shown": counts.shown,
        "opened": counts.opened,
        "used": counts.used,
        "helped": counts.helped,
        "not_helped": counts.not_helped,
    }
