"""What the form of a free question offers a viewer, and questions that are ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.asked import PLACE
from ganzhi.measure.build.ask.columns import ask_columns
from ganzhi.measure.build.ask.indicators import GRAINS, dimensions_of_all
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.states.live import live_feeds
from ganzhi.measure.views.ask.answers import AskColumn
from ganzhi.measure.views.ask.options import AskForm, Option, Preset
from ganzhi.measure.views.ask.question import Question

MOST_UNITS = 500
"""Places offered in a menu; beyond, a code is written."""
COMPLAINTS = "complaints"
READY: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("reason", ("complaint_category",), ("handling_s",)),
    ("place", ("on.place",), ("handling_s",)),
    ("product", ("product", "complaint_category"), ()),
    ("channel", ("channel",), ("handling_s",)),
    ("brand", ("brand", "customer_class"), ()),
    ("day", ("on.day",), ()),
    ("department", ("department",), ("handling_s", "first_reply_s")),
)
"""Questions about complaints that are ready to be asked: word, groups, measures."""


def ask_form(reader: Reader, question: Question) -> AskForm:
    """What can be chosen beside what the question says already."""
    catalogue, records = reader.workplace.catalogue, reader.viewer.may("list")
    dimensions = _dimensions(catalogue, question)
    offered = _feeds(reader) if records else ()
    known = question.feed is not None and records and question.feed in catalogue.feeds
    return AskForm(
        units=tuple(Option(code, unit.name) for code, unit in list(reader.ground.units.items())[:MOST_UNITS]),
        indicators=_indicators(reader),
        dimensions=tuple(Option(name, catalogue.dimensions[name].name) for name in dimensions),
        values={name: catalogue.dimensions[name].values for name in dimensions},
        grains=GRAINS,
        feeds=offered,
        columns=_columns(reader, question.feed) if known and question.feed else (),
        presets=tuple(_presets(reader)) if records else (),
        records=records,
    )


def _dimensions(catalogue: Catalogue, question: Question) -> tuple[str, ...]:
    codes = [code for code in question.codes if code in catalogue.indicators and catalogue.indicators[code].feed]
    return dimensions_of_all(catalogue, codes)


def _indicators(reader: Reader) -> tuple[Option, ...]:
    """Indicators that are counted from a feed of which something has arrived, under their topics' names."""
    catalogue = reader.workplace.catalogue
    have = frozenset(feed for feed in catalogue.feeds if reader.arrived(feed))
    topic_of: dict[str, Text] = {}
    for topic in sorted(catalogue.topics.values(), key=lambda each: each.order):
        for code in topic.indicators:
            topic_of.setdefault(code, topic.name)
    found = [
        Option(code, each.name, topic_of.get(code) or catalogue.feeds[each.feed].name)
        for code, each in catalogue.indicators.items()
        if each.feed is not None and each.feed in have and not each.retired and each.state == "live"
    ]
    order = {text.zh: place for place, text in enumerate(dict.fromkeys(topic_of.values()))} if topic_of else {}
    return tuple(
        sorted(
            found, key=lambda o: (order.get(o.group.zh if o.group else "", len(order)), o.group.zh if o.group else "")
        )
    )


def _feeds(reader: Reader) -> tuple[Option, ...]:
    """Feeds that hold rows now."""
    catalogue, snapshot = reader.workplace.catalogue, reader.states.snapshot
    live = live_feeds(catalogue)
    return tuple(
        Option(code, feed.name)
        for code, feed in catalogue.feeds.items()
        if code in live or any(file.rows for file in snapshot.table(f"rows/{code}"))
    )


def _columns(reader: Reader, feed: str) -> tuple[AskColumn, ...]:
    """The columns of a feed; of units only those within reach are named."""
    catalogue = reader.workplace.catalogue
    within = {code: unit.name for code, unit in reader.ground.units.items()}
    of_units = (catalogue.feeds[feed].unit, PLACE)
    return tuple(
        replace(column, values=within) if name in of_units else column
        for name, column in ask_columns(catalogue, feed).items()
    )


def _presets(reader: Reader) -> Iterator[Preset]:
    catalogue = reader.workplace.catalogue
    if COMPLAINTS not in catalogue.feeds or COMPLAINTS not in {each.code for each in _feeds(reader)}:
        return
    columns = ask_columns(catalogue, COMPLAINTS)
    for word, groups, measures in READY:
        if all(name in columns and not columns[name].masked for name in (*groups, *measures)):
            asked = Question(mode="records", feed=COMPLAINTS, groups=groups, measures=measures)
            yield Preset(both(f"ask.preset_{word}"), asked)
