"""How breaks and leads are said."""

from __future__ import annotations

from ganzhi.measure.views.parts import Subject
from ganzhi.portal.links import url
from ganzhi.portal.present import Words
from ganzhi.warn.breaks import Broken


def moves_link(code: str, unit: str | None = None) -> str:
    """Breaks and leading indicators of an indicator."""
    return url(f"/indicators/{code}/moves", {"region": unit})


def level_text(words: Words, subject: Subject, broken: Broken) -> str:
    """The level before and after."""
    before, after = words.value(subject, broken.before), words.value(subject, broken.after)
    return words.t("moves.change", before=before, after=after)


def near_texts(words: Words, broken: Broken) -> list[tuple[str, str]]:
    """Codes of releases and campaigns near a break, and how near."""
    return [
        (
            near.code,
            words.t("moves.near", name=words.text(near.name), edge=words.t(f"moves.edge.{near.edge}"), days=near.days),
        )
        for near in broken.near
    ]
