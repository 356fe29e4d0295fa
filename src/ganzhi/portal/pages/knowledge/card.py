"""Notes as other pages show them: those on one subject, with the way to write another."""

from __future__ import annotations

from typing import Final

from ganzhi.complaints.knowledge.desk import NotesPage, NotesQuery
from ganzhi.portal.links import url
from ganzhi.portal.visit import Visit
from ganzhi.store.notes.notes import About

PATH: Final = "/knowledge"


def notes_link(about: str | None = None, subject: str | None = None, **more: str | int | None) -> str:
    """The notes on a subject, or all."""
    return url(PATH, {"about": about, "subject": subject, **more})


def subject_link(about: str, code: str) -> str:
    """The page of what a note is about."""
    paths = {"indicator": "/dictionary", "process": "/journeys", "case": "/cases"}
    return url(f"{paths[about]}/{code}", {})


def notes_on(visit: Visit, about: About, code: str) -> NotesPage | None:
    """The notes on a subject; None in a portal without notes."""
    ports = visit.context.knowledge
    return None if ports is None else ports.page(NotesQuery(about=about, subject=code))
