"""The full pack in outline: twelve topics of forty indicators, one of them silent, thirteen places, thirty sources."""

from __future__ import annotations

from dataclasses import replace

from ganzhi.catalogue.model.indicators import Topic
from ganzhi.measure.views.overview import Headline, Overview, PlaceRow, SourceState, TopicBlock, TopicPage
from ganzhi.measure.views.parts import Scope, ScorecardRow, Weak
from tests.portal import numbers as n

TOPICS, ROWS, PLACES, SOURCES = 12, 40, 13, 30
GROUPS = 8


def codes(topic: int) -> tuple[str, ...]:
    return tuple(f"t{topic:02d}.i{row:02d}" for row in range(ROWS))


def _row(topic: int, place: int) -> ScorecardRow:
    known = topic < TOPICS - 1
    name = f"第 {topic} 专题的第 {place} 项指标，名称略长"
    about = n.subject(codes(topic)[place], name, f"Indicator {place} of topic {topic}", limits=(60, 80, 95))
    value = 45.0 + topic + 1.5 * place if known else None
    seen = n.reading(about, value, completeness=1.0 if known else 0.0)
    changed = n.change(about, value, 70.0)
    spark = (70.0, 66.0, value)
    group = f"t{topic:02d}.g{place % GROUPS}"
    return ScorecardRow(about, seen, n.reading(about, 70.0), changed, n.change(about, None, None), spark, group)


def block(topic: int) -> TopicBlock:
    rows = tuple(_row(topic, place) for place in range(ROWS))
    name = n.text(f"专题 {topic}", f"Topic {topic}")
    declared = Topic(
        name=name, goal=name, function=name, audience=name, headline=f"t{topic:02d}.index", indicators=codes(topic)
    )
    known = topic < TOPICS - 1
    score = n.score_now(declared.headline, name.zh, name.en, 58.0 + 4 * topic if known else None, 70.0, "KEI")
    groups = tuple(n.score_now(f"t{topic:02d}.g{g}", f"分组 {g}", f"Group {g}", 60.0 + g, 70.0) for g in range(GROUPS))
    parts = tuple(
        replace(
            n.contributions()[0], code=f"t{topic:02d}.g{g}", name=n.text(f"分组 {g}", f"Group {g}"), points=-1.0 - g
        )
        for g in range(12)
    )
    return TopicBlock(f"topic{topic}", declared, score, rows, parts, groups, (70.0, 66.0, score.score), ROWS)


def blocks() -> tuple[TopicBlock, ...]:
    return tuple(block(topic) for topic in range(TOPICS))


def places() -> tuple[PlaceRow, ...]:
    def row(place: int) -> PlaceRow:
        scores = tuple(
            replace(b.score, code=b.code, name=b.topic.name, score=50.0 + 3 * place) for b in blocks()[: TOPICS - 1]
        )
        return PlaceRow("AB-1", n.text(f"地市 {place}", f"City {place}"), 50.0 + 3 * place, 13 - place, None, scores)

    return tuple(row(place) for place in range(PLACES))


def weak(scope: Scope) -> tuple[Weak, ...]:
    alerts = [row for each in blocks() for row in each.rows if row.now.level is not None]
    return tuple(Weak(row.subject, "AB", scope.unit_name, row.now, row.change, None) for row in alerts)


def overview(scope: Scope) -> Overview:
    every = blocks()
    headline = Headline(every[0].score, -12.0, every[0].contributions[0], n.UNITS["AB-2"], 440, len(weak(scope)), 3)
    sources = tuple(
        SourceState(f"s{k}", n.text(f"来源 {k}", f"Source {k}"), "late" if k < 20 else "on_time", "1999-01-31", None)
        for k in range(SOURCES)
    )
    return Overview(scope, headline, every, weak(scope), places(), sources)


def topic_page(scope: Scope, code: str) -> TopicPage:
    return TopicPage(scope, next(b for b in blocks() if b.code == code), None, places())
