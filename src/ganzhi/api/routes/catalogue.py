"""What is declared: indicators, topics, units within reach, feeds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ganzhi.api.asking import IndicatorsAsked, Paged, Plain, UnitsAsked
from ganzhi.api.cursor import stamp_of
from ganzhi.api.serving import Asked, Asking, Guarded
from ganzhi.api.shapes.catalogue import (
    FeedShape,
    IndicatorEntry,
    IndicatorShape,
    TopicEntry,
    TopicShape,
    UnitShape,
    indicator_entry,
    indicator_fields,
    topic_fields,
)
from ganzhi.api.shapes.parts import Item, Listed
from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.catalogue.reach import arrived_feeds, has_data

router = APIRouter(route_class=Guarded, tags=["catalogue"])


def _catalogue(asked: Asked) -> Catalogue:
    asked.viewer.require("macro")
    return asked.house.workplace.catalogue


def _page(asked: Asked, paged: Paged, items: list[Item]) -> Listed[Item]:
    version = asked.house.workplace.catalogue.version
    shown, cursor = asked.house.cursors.page(asked.question, paged.cursor, stamp_of(version), paged.limit, items)
    return Listed(items=list(shown), total=len(items), next=cursor, catalogue_version=version)


@router.get("/indicators", name="indicators")
def indicators(asked: Asking, query: Annotated[IndicatorsAsked, Query()]) -> Listed[IndicatorShape]:
    """The indicators, in the order of the catalogue."""
    catalogue = _catalogue(asked)
    if query.feed is not None:
        catalogue.feed(query.feed)
    if query.topic is not None and query.topic not in catalogue.topics:
        raise InputError(unknown("REQ013", query.topic, catalogue.topics))
    within = None if query.topic is None else {*catalogue.topics[query.topic].indicators}
    chosen = [
        (code, each)
        for code, each in catalogue.indicators.items()
        if query.layer in (None, each.layer) and query.feed in (None, each.feed) and (within is None or code in within)
    ]
    arrived = arrived_feeds(asked.house.workplace)
    shapes = [
        IndicatorShape.model_validate(indicator_fields(code, each, has_data=has_data(catalogue, code, arrived)))
        for code, each in chosen
    ]
    return _page(asked, query, shapes)


@router.get("/indicators/{code}", name="indicator")
def indicator(asked: Asking, code: str, query: Annotated[Plain, Query()]) -> IndicatorEntry:
    """One indicator with its place in the tree."""
    catalogue = _catalogue(asked)
    catalogue.indicator(code)
    arrived = arrived_feeds(asked.house.workplace)
    return indicator_entry(catalogue, code, has_data=has_data(catalogue, code, arrived))


@router.get("/topics", name="topics")
def topics(asked: Asking, query: Annotated[Paged, Query()]) -> Listed[TopicShape]:
    """The topics, in their order."""
    every = sorted(_catalogue(asked).topics.items(), key=lambda item: (item[1].order, item[0]))
    return _page(asked, query, [TopicShape.model_validate(topic_fields(code, topic)) for code, topic in every])


@router.get("/topics/{code}", name="topic")
def topic(asked: Asking, code: str, query: Annotated[Plain, Query()]) -> TopicEntry:
    """One topic."""
    catalogue = _catalogue(asked)
    if code not in catalogue.topics:
        raise InputError(unknown("REQ013", code, catalogue.topics))
    fields = topic_fields(code, catalogue.topics[code])
    return TopicEntry.model_validate({**fields, "catalogue_version": catalogue.version})


@router.get("/units", name="units")
def units(asked: Asking, query: Annotated[UnitsAsked, Query()]) -> Listed[UnitShape]:
    """The units within reach, in the order of the catalogue."""
    _catalogue(asked)
    ground = asked.house.ground(asked.viewer)
    if query.parent is not None:
        ground.unit(query.parent)
    within = ground.units
    shapes = [
        UnitShape.of(code, unit, unit.parent if unit.parent in within else None)
        for code, unit in within.items()
        if query.parent in (None, unit.parent)
    ]
    return _page(asked, query, shapes)


@router.get("/feeds", name="feeds")
def feeds(asked: Asking, query: Annotated[Paged, Query()]) -> Listed[FeedShape]:
    """The feeds, in the order of the catalogue."""
    catalogue, arrived = _catalogue(asked), arrived_feeds(asked.house.workplace)
    shapes = [FeedShape.of(code, feed, has_data=code in arrived) for code, feed in catalogue.feeds.items()]
    return _page(asked, query, shapes)
