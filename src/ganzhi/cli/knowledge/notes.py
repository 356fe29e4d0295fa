"""`ganzhi knowledge list`, `add`, `withdraw` and `file`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.cases.group import desk_of
from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.store.notes.notes import About, Note

ABOUT = ("indicator", "process", "case")
KINDS = ("reason", "decision", "document")
OUT = click.Path(path_type=Path, dir_okay=False)


@click.group("knowledge", cls=Group, help="knowledge")
def knowledge() -> None:
    """Notes."""


def standing(note: Note) -> Record:
    """Who wrote a note when, and who withdrew it when and why."""
    return {
        "made_by": note.made_by,
        "made_at": note.made_at.isoformat(),
        "withdrawn_by": note.withdrawn_by,
        "withdrawn_at": None if note.withdrawn_at is None else note.withdrawn_at.isoformat(),
        "withdrawn_why": note.withdrawn_why or None,
    }


def _record(note: Note) -> Record:
    return {
        "number": note.number,
        "about": note.about,
        "subject": note.subject,
        "kind": note.kind,
        "title": note.title,
        "text": note.text,
        "links": [{"title": each.title, "target": each.target} for each in note.links],
        "file": note.file_name or None,
        "sha256": note.file_digest or None,
        **standing(note),
    }


@knowledge.command("list", help="knowledge_list")
@option("--about", type=click.Choice(ABOUT), help="knowledge_about")
@option("--subject", metavar="CODE", help="knowledge_subject")
@option("--search", metavar="TEXT", default="", help="knowledge_search")
@option("--format", "form", type=FORM, default="table", help="format")
@option("--out", type=OUT, metavar="FILE", help="out")
@common
@click.pass_obj
def listed(call: Call, about: str | None, subject: str | None, search: str, form: str, out: Path | None) -> None:
    """Notes, newest first; the table leaves out what was withdrawn."""
    from ganzhi.complaints.knowledge.desk import KnowledgeDesk, NotesQuery

    with desk_of(call) as desk:
        query = NotesQuery(search, cast("About | None", about))
        found = [each.note for each in KnowledgeDesk(desk).page(LOCAL, query).rows]
    notes = [each for each in found if subject is None or each.subject == subject]
    if form == "json":
        write_out(as_json([_record(each) for each in notes]).encode(), out, sys.stdout.buffer)
        return
    names = ("number", "about", "subject", "kind", "title", "made_by", "made_at", "file")
    columns = [Column(call.text(f"cli.knowledge.{name}"), at_most=48) for name in names]
    rows = [
        [
            str(n.number), call.text(f"portal.knowledge.about.{n.about}"), n.subject, call.text(f"portal.knowledge.kind.{n.kind}"), n.title,
            n.made_by, n.made_at.isoformat(timespec="minutes"), n.file_name,
        ]
        for n in notes
        if n.stands
    ]  # fmt: skip
    text = table(columns, rows) if rows else call.text("cli.knowledge.none")
    write_out(f"{text}\n".encode(), out, sys.stdout.buffer)


@knowledge.command("add", help="knowledge_add")
@click.argument("about", type=click.Choice(ABOUT), metavar=f"[{'|'.join(ABOUT)}]")
@click.argument("subject", metavar="CODE")
@click.argument("title", metavar="TITLE")
@option("--kind", type=click.Choice(KINDS), default="reason", show_default=True, help="knowledge_kind")
@option("--text", metavar="TEXT", default="", help="knowledge_text")
@option("--link", "links", metavar="LINK", multiple=True, help="knowledge_link")
@option("--file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE", help="knowledge_file")
@common
@click.pass_obj
def add(
    call: Call, about: str, subject: str, title: str, kind: str, text: str, links: tuple[str, ...], file: Path | None
) -> None:
    """Write a note."""
    from ganzhi.complaints.knowledge.desk import MOST_BYTES, KnowledgeDesk, Written

    content = None
    if file is not None:
        with file.open("rb") as opened:
            content = (file.name, opened.read(MOST_BYTES + 1))
    with desk_of(call) as desk:
        asked = Written(about, subject, kind, title, text, links, content)
        note = KnowledgeDesk(desk).write(replace(LOCAL, login=actor()), asked)
    call.say("cli.knowledge.added", number=note.number)


@knowledge.command("withdraw", help="knowledge_withdraw")
@click.argument("number", type=click.IntRange(1), metavar="N")
@option("--why", metavar="TEXT", required=True, help="knowledge_why")
@common
@click.pass_obj
def withdraw(call: Call, number: int, why: str) -> None:
    """Withdraw a note."""
    from ganzhi.complaints.knowledge.desk import KnowledgeDesk

    with desk_of(call) as desk:
        KnowledgeDesk(desk).withdraw(replace(LOCAL, login=actor()), number, why)
    call.say("cli.knowledge.withdrawn", number=number)


@knowledge.command("file", help="knowledge_file")
@click.argument("number", type=click.IntRange(1), metavar="N")
@option("--out", type=OUT, metavar="FILE", help="out")
@common
@click.pass_obj
def file_of(call: Call, number: int, out: Path | None) -> None:
    """The file of a note."""
    from ganzhi.complaints.knowledge.desk import KnowledgeDesk

    with desk_of(call) as desk:
        found = KnowledgeDesk(desk).file(LOCAL, number)
    write_out(found.content, out, sys.stdout.buffer)
