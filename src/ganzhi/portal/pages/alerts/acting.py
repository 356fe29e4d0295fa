"""Forms by which people act on a warning: which parts each has, how they are read, and the conflict of two at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, Issue
from ganzhi.improve.findings import PARTS
from ganzhi.improve.pages.views import Asked
from ganzhi.portal.forms import Form

LONGEST_TEXT: Final = 4_000
LONGEST_REASON: Final = 500
KINDS: Final = ("silence", "maintenance")


@dataclass(frozen=True, slots=True)
class ActForm:
    """An act with the fields its form has. main: it is the next step, and its form stands open."""

    act: str
    fields: tuple[str, ...]
    main: bool = False


FORMS: Final[tuple[ActForm, ...]] = (
    ActForm("publish", (), main=True),
    ActForm("announce", (), main=True),
    ActForm("acknowledge", (), main=True),
    ActForm("analyse", (), main=True),
    ActForm("feedback", (*PARTS, "until"), main=True),
    ActForm("check", ("until",), main=True),
    ActForm("close", ("needed_reason", "despite"), main=True),
    ActForm("carry_out", ("step", "needed_reason")),
    ActForm("resume", ("needed_reason",)),
    ActForm("split", ("needed_reason",), main=True),
    ActForm("resurface", ("needed_reason",), main=True),
    ActForm("release", ("needed_reason",), main=True),
    ActForm("dismiss", ("needed_reason",)),
    ActForm("merge", ("parent", "needed_reason")),
    ActForm("suppress", ("needed_reason",)),
    ActForm("withhold", ("needed_reason",)),
    ActForm("assign", ("owner", "needed_reason")),
    ActForm("note", ("needed_reason",)),
    ActForm("silence", ("hours", "kind", "needed_reason")),
)
"""Every act that has a form, in the order in which a page shows those that are possible."""


def forms_for(acts: tuple[str, ...]) -> tuple[ActForm, ...]:
    """The forms of the acts that are possible."""
    return tuple(form for form in FORMS if form.act in acts)


def asked_in(form: Form, zone: ZoneInfo) -> Asked:
    """What a form asks for.

    Raises: InputError POR001 for an act that has no form or a choice there is not, POR002 for a text that is too long,
    POR003 for a version that is no number, REQ003 for a day that is none.
    """
    act = form.text("do", 40)
    known = tuple(each.act for each in FORMS)
    if act not in known:
        raise InputError(Issue("POR001", "do", params={"value": act, "known": ", ".join(known)}))
    kind = form.text("kind", 40) or "silence"
    if kind not in KINDS:
        raise InputError(Issue("POR001", "kind", params={"value": kind, "known": ", ".join(KINDS)}))
    return Asked(
        act=act,
        version=_number(form.text("version", 9), "version"),
        reason=form.text("reason", LONGEST_REASON),
        until=_until(form.text("until", 20), zone),
        owner=form.text("owner"),
        parent=form.text("parent", 64),
        feedback={part: form.text(part, LONGEST_TEXT) for part in PARTS} if act == "feedback" else {},
        despite=form.text("despite") == "yes",
        hours=_number(form.text("hours", 4) or "0", "hours"),
        kind=kind,
        step=_number(form.text("step", 4) or "0", "step"),
    )


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InputError(Issue("POR003", name, params={"value": text, "most": "999999999"}))
    return int(text)


def _until(text: str, zone: ZoneInfo) -> datetime | None:
    """The end of a local day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(Issue("REQ003", "until", params={"value": text})) from None
    return datetime.combine(day, time(23, 59, 59), zone)
