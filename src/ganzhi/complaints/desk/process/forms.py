"""What was written into a form of the desk: bounded, with numbers covered, chosen from what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.acts import LINKS, MODES, OUTCOMES, REPRODUCED, DeskForm
from ganzhi.complaints.desk.views import DeskAsked
from ganzhi.complaints.recognise.text import masked
from ganzhi.store.desk.acts import DeskAct, standing

LONGEST: Final = 2_000
NO_UNDO: Final = ("undo", "open")
WORDS: Final = ("reason", "neighbours", "title", "cause", "element")
"""Fields that people write freely."""


def content_of(
    catalogue: Catalogue, zone: ZoneInfo, form: DeskForm, fields: Mapping[str, str], now: datetime
) -> dict[str, object]:
    """The fields of a form.

    Raises: InputError DSK002 for each that is missing, POR001 for what is not to be chosen, POR002 for what is too long,
    DSK005 for a moment that is none or over.
    """
    given = {name: fields.get(name, "").strip() for name in form.fields}
    lacking = [name for name in form.needs if not given.get(name)]
    if lacking:
        raise InputError([Issue("DSK002", name) for name in lacking])
    for name, value in given.items():
        if len(value) > LONGEST:
            raise InputError(Issue("POR002", name, params={"most": str(LONGEST)}))
    content: dict[str, object] = {name: value for name, value in given.items() if value}
    for name in WORDS:
        if name in content:
            content[name] = masked(str(content[name]))
    for name, known in choices(catalogue).items():
        if name in content and content[name] not in known:
            told = {"value": str(content[name])[:40], "known": ", ".join(known)}
            raise InputError(Issue("POR001", name, params=told))
    if "until" in content:
        content["until"] = _moment(str(content["until"]), now, zone)
    return content


def choices(catalogue: Catalogue) -> Mapping[str, Sequence[str]]:
    """Fields that hold one of few values, with these."""
    return {
        "kind": LINKS,
        "mode": MODES,
        "found": REPRODUCED,
        "outcome": OUTCOMES,
        "via": tuple(catalogue.channels),
        "party": tuple(parties(catalogue)),
    }


def parties(catalogue: Catalogue) -> list[str]:
    """Whose responsibility something may be: provider, third party, customer."""
    listed = catalogue.code_lists.get("responsibilities")
    return [] if listed is None else list(dict.fromkeys(each.to for each in listed.entries))


def _moment(text: str, now: datetime, zone: ZoneInfo) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(Issue("DSK005", "until", params={"value": text[:40]})) from None
    aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
    if aware <= now:
        raise InputError(Issue("DSK005", "until", params={"value": text[:40]}))
    return aware.isoformat()


def undone(acts: Sequence[DeskAct], asked: DeskAsked) -> int | None:
    """The act that is taken back: the last that stands. Raises: InputError DSK007 when there is none."""
    if asked.act != "undo":
        return None
    kept = [each for each in standing(acts) if each.act not in NO_UNDO]
    if not kept:
        raise InputError(Issue("DSK007", "undo"))
    return kept[-1].number
