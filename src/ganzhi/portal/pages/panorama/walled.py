"""A screen of the wall as a picture: the table on it, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from ganzhi.measure.views.overview import PlaceRow, TopicBlock
from ganzhi.measure.views.panorama.brief import BriefRow, HotSpot
from ganzhi.measure.views.panorama.places import HallRow
from ganzhi.measure.views.parts import Level, Scope, ScorecardRow, ScoreNow, Subject
from ganzhi.portal.charts.palette import INK
from ganzhi.portal.charts.rows import PictureRow, PictureTable, Say, picture_table
from ganzhi.portal.pages.panorama.shared import day_delta, spot_delta, usual_text
from ganzhi.portal.pages.pictured import change
from ganzhi.portal.present import UNKNOWN, Words

Row = tuple[str, Sequence[Say]]
MOST_SCORES: Final = 6
WIDTH: Final = 1200.0
WIDEST: Final = 0.34
NO_CELL: Final = 48.0
"""Room between names and numbers, where other tables have a drawing."""


def screen_table(words: Words, scope: Scope, kind: str, title: str, model: Mapping[str, Any]) -> Markup:
    """The table of a screen. kind, title, model: as the screen has them."""
    heads, rows = _MADE[kind](words, scope, model)
    drawn = tuple(PictureRow(name, None, tuple(texts)) for name, texts in rows)
    return picture_table(PictureTable(title, heads, drawn, NO_CELL, widest=WIDEST), WIDTH)


def _level(words: Words, level: Level | None) -> Say:
    return Say(words.level(level) if level else UNKNOWN, INK, level is not None)


def _score(words: Words, score: ScoreNow | None) -> Say:
    """A score with the word of its level."""
    if score is None:
        return Say(UNKNOWN)
    level = f"{words.level(score.level)} " if score.level else ""
    return Say(f"{level}{words.score(score).number}", INK, score.level is not None)


def _topics(words: Words, scope: Scope, model: Mapping[str, Any]) -> tuple[tuple[str, ...], Iterable[Row]]:
    heads = (words.t("column.topic"), words.t("score"), words.t("column.level"), words.against(scope))
    blocks: Sequence[TopicBlock] = model["blocks"]

    def row(block: TopicBlock) -> Row:
        score, worst = block.score, block.worst[0] if block.worst else None
        told = f"{words.text(worst.subject.name)} {words.figure(worst.subject, worst.now)}" if worst else ""
        moved = change(words.score_delta(score.score, score.before))
        texts = (Say(str(words.score(score)), INK, True), _level(words, score.level), moved, Say(told))
        return words.text(block.topic.name), texts

    return (*heads, words.t("panorama.wall.worst")), map(row, blocks)


def _scored(words: Words, scope: Scope, model: Mapping[str, Any]) -> tuple[tuple[str, ...], Iterable[Row]]:
    heads = (words.t("column.indicator"), words.now(scope), words.t("column.target"), words.t("column.level"))
    rows: Sequence[ScorecardRow] = model["rows"] if "rows" in model else model["weak"]

    def row(each: ScorecardRow) -> Row:
        value, target = Say(str(words.figure(each.subject, each.now)), INK, True), Say(words.target(each.subject))
        moved = change(words.delta(each.subject, each.change), unit=True)
        return words.text(each.subject.name), (value, target, _level(words, each.now.level), moved)

    return (*heads, words.against(scope)), map(row, rows)


def _hot(words: Words, scope: Scope, model: Mapping[str, Any]) -> tuple[tuple[str, ...], Iterable[Row]]:
    heads = (words.t("panorama.hot.reason"), words.t("panorama.hot.count"), words.t("panorama.hot.change"))
    hot = model["hot"]

    def row(spot: HotSpot) -> Row:
        return words.text(spot.name), (Say(words.count(spot.count), INK, True), change(spot_delta(words, spot)))

    def rows() -> Iterable[Row]:
        yield from map(row, hot.reasons)
        if hot.places:
            yield words.t("panorama.hot.place"), (Say(""), Say(""))
            yield from map(row, hot.places)

    return heads, rows()


def _brief(words: Words, scope: Scope, model: Mapping[str, Any]) -> tuple[tuple[str, ...], Iterable[Row]]:
    heads = (words.t("column.indicator"), words.t("column.value"), words.t("panorama.column.change"))
    rows: Sequence[BriefRow] = model["rows"]

    def row(each: BriefRow) -> Row:
        value = Say(str(words.figure(each.subject, each.now)), INK, True)
        return words.text(each.subject.name), (value, change(day_delta(words, each)), Say(usual_text(words, each)))

    return (*heads, words.t("panorama.brief.usual_head")), map(row, rows)


def _places(words: Words, scope: Scope, model: Mapping[str, Any]) -> tuple[tuple[str, ...], Iterable[Row]]:
    places: Sequence[PlaceRow] = model["places"]
    scores = tuple(words.text(score.name) for score in places[0].scores[:MOST_SCORES])

    def row(place: PlaceRow) -> Row:
        total = UNKNOWN if place.total is None else words.points(place.total).removeprefix("+")
        texts = [Say(total, INK, True), *(_score(words, score) for score in place.scores[:MOST_SCORES])]
        return f"{UNKNOWN if place.rank is None else place.rank} · {words.text(place.name)}", texts

    return (words.t("column.place"), words.t("column.total"), *scores), map(row, places)


def _halls(words: Words, scope: Scope, model: Mapping[str, Any]) -> tuple[tuple[str, ...], Iterable[Row]]:
    subjects: Sequence[Subject] = model["subjects"]
    rows: Sequence[HallRow] = model["rows"]
    heads = (words.t("panorama.column.hall"), words.t("column.rank"), words.t("panorama.column.score"))

    def row(hall: HallRow) -> Row:
        texts = [Say(UNKNOWN if hall.rank is None else str(hall.rank)), _score(words, hall.score)]
        for subject, reading in zip(subjects, hall.readings, strict=False):
            level = f"{words.level(reading.level)} " if reading.level else ""
            texts.append(Say(f"{level}{words.figure(subject, reading)}", INK, reading.level is not None))
        return words.text(hall.name), texts

    return (*heads, *(words.text(each.name) for each in subjects)), map(row, rows)


_Make = Callable[[Words, Scope, Mapping[str, Any]], tuple[tuple[str, ...], Iterable[Row]]]
_MADE: Final[Mapping[str, _Make]] = {
    "topics": _topics,
    "topic": _scored,
    "weak": _scored,
    "hot": _hot,
    "brief": _brief,
    "places": _places,
    "halls": _halls,
}
