"""What the pages of the import port share."""

from __future__ import annotations

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import catalogue, cause, remedy, say
from ganzhi.portal.forms import Form, Upload
from ganzhi.portal.links import url
from ganzhi.portal.page import Crumb
from ganzhi.portal.pages.arrival import reason_word
from ganzhi.portal.ports.imports import ImportPorts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

PATH = "/imports"


def ports_of(visit: Visit) -> ImportPorts:
    """The ports; a portal without them has no such page."""
    visit.visitor.viewer.require("import")
    if visit.context.imports is None:
        raise InputError(Issue("POR010", visit.path))
    return visit.context.imports


def said(visit: Visit, issues: tuple[Issue, ...]) -> tuple[Said, ...]:
    """Issues in words, with the line they are about."""
    return tuple(_said(visit, issue) for issue in issues)


def _said(visit: Visit, issue: Issue) -> Said:
    if f"issue.{issue.code}.cause" not in catalogue(visit.lang):
        return Said(issue.code, issue.code, "", None, None)
    return Said(issue.code, cause(visit.lang, issue), remedy(visit.lang, issue), None, None)


def reason_of(words: Words, code: str) -> str:
    """A reason in short."""
    return reason_word(words.lang, code)


def upload_in(form: Form) -> Upload:
    """The file of a form; InputError IMP003 when none was chosen."""
    found = form.files.get("file")
    if found is None or (not found.name and not found.size):
        raise InputError(Issue("IMP003", "file", params={"name": "–"}))
    return found


def port_link(feed: str | None = None, form: str | None = None, **more: str | None) -> str:
    """The import port, with a feed and a form chosen."""
    return url(PATH, {"feed": feed, "form": form, **more})


def upload_link(upload: str) -> str:
    """An upload."""
    return f"{PATH}/uploads/{upload}"


def load_link(load: str, page: int | None = None) -> str:
    """What came of a load."""
    return url(f"{PATH}/loads/{load}", {"page": page if page and page > 1 else None})


def template_link(feed: str, form: str, kind: str) -> str:
    """The template of a form of a feed's files."""
    return url(f"{PATH}/template.{kind}", {"feed": feed, "form": form})


def refused_link(load: str) -> str:
    """The refused rows of a load as a table to put right."""
    return f"{PATH}/loads/{load}/refused.csv"


def size_text(words: Words, size: int) -> str:
    """Bytes for people."""
    for unit, least in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return words.t("imports.bytes", n=size)


def type_word(words: Words, kind: str) -> str:
    """A type of column in words."""
    return say(words.lang, f"ingest.template.type_{kind}")


def crumbs(words: Words, *more: str) -> tuple[Crumb, ...]:
    """The way back to the port."""
    return (Crumb(words.t("data.title"), "/data"), Crumb(words.t("imports.title"), PATH), *map(Crumb, more))
