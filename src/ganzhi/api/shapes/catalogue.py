"""What is declared, as far as programs need it to ask for numbers and to show them."""

from __future__ import annotations

from datetime import date

from ganzhi.api.shapes.parts import Both, Shape, both
from ganzhi.catalogue.model.data import Column, Feed, Unit
from ganzhi.catalogue.model.indicators import Indicator, Limits, Topic
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import UNITS_OF_VALUE


class LimitsShape(Shape):
    """Where an indicator's levels and points begin, in its unit of value; null where derived from the others."""

    floor: float
    target: float
    challenge: float
    zero: float | None
    yellow: float | None
    orange: float | None
    red: float | None

    @classmethod
    def of(cls, limits: Limits | None) -> LimitsShape | None:
        """The declared limits."""
        if limits is None:
            return None
        given = {name: getattr(limits, name) for name in cls.model_fields}
        return cls(**{name: None if value is None else float(value) for name, value in given.items()})


class TargetsShape(Shape):
    """Targets per use."""

    management: LimitsShape | None
    operations: LimitsShape | None


class Link(Shape):
    """An indicator above or below in the tree: a share of the score by weight, or a risk that takes points off."""

    code: str
    weight: float | None
    points: float | None


class IndicatorShape(Shape):
    """An indicator."""

    code: str
    name: Both
    definition: Both
    layer: str
    type: str
    dimension: str
    direction: str | None
    unit_of_value: str
    decimals: int
    measure: str | None
    feed: str | None
    by: list[str]
    finest: str | None
    min_n: int
    targets: TargetsShape
    owner: Both | None
    state: str
    retired: bool
    has_data: bool


class IndicatorEntry(IndicatorShape):
    """An indicator with its place in the tree."""

    parents: list[Link]
    children: list[Link]
    topics: list[str]
    catalogue_version: str


class TopicShape(Shape):
    """A topic: a board of indicators for an audience."""

    code: str
    name: Both
    goal: Both
    function: Both
    audience: Both
    headline: str
    indicators: list[str]


class TopicEntry(TopicShape):
    """A topic with the catalogue it stands in."""

    catalogue_version: str


class UnitShape(Shape):
    """A unit within reach."""

    code: str
    name: Both
    level: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None

    @classmethod
    def of(cls, code: str, unit: Unit, parent: str | None) -> UnitShape:
        """parent: None where it is out of reach."""
        return cls(
            code=code,
            name=Both.of(unit.name),
            level=unit.level,
            parent=parent,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
        )


class ColumnShape(Shape):
    """A column of a feed."""

    name: str
    title: Both
    type: str
    required: bool
    protection: str

    @classmethod
    def of(cls, name: str, column: Column) -> ColumnShape:
        """A declared column."""
        title = Both.of(column.name)
        return cls(name=name, title=title, type=column.type, required=column.required, protection=column.protection)


class FeedShape(Shape):
    """A feed: the shape of one kind of record."""

    code: str
    name: Both
    record: Both
    kind: str
    key: list[str]
    time: str
    unit: str
    columns: list[ColumnShape]
    dimensions: list[str]
    finest: str
    retention_days: int
    has_data: bool

    @classmethod
    def of(cls, code: str, feed: Feed, *, has_data: bool) -> FeedShape:
        """A declared feed."""
        return cls(
            code=code,
            name=Both.of(feed.name),
            record=Both.of(feed.record),
            kind=feed.kind,
            key=list(feed.key),
            time=feed.time,
            unit=feed.unit,
            columns=[ColumnShape.of(name, each) for name, each in feed.columns.items()],
            dimensions=list(feed.dimensions),
            finest=feed.finest.value,
            retention_days=feed.retention_days,
            has_data=has_data,
        )


def topic_fields(code: str, topic: Topic) -> dict[str, object]:
    """The fields of a topic."""
    texts = {name: Both.of(getattr(topic, name)) for name in ("name", "goal", "function", "audience")}
    return {"code": code, **texts, "headline": topic.headline, "indicators": list(topic.indicators)}


def indicator_fields(code: str, indicator: Indicator, *, has_data: bool) -> dict[str, object]:
    """The fields of an indicator itself."""
    return {
        "code": code,
        "name": Both.of(indicator.name),
        "definition": Both.of(indicator.definition),
        "layer": indicator.layer,
        "type": indicator.type,
        "dimension": indicator.dimension,
        "direction": indicator.direction,
        "unit_of_value": UNITS_OF_VALUE[indicator.unit],
        "decimals": indicator.decimals,
        "measure": indicator.measure,
        "feed": indicator.feed,
        "by": list(indicator.by),
        "finest": None if indicator.finest is None else indicator.finest.value,
        "min_n": indicator.min_n,
        "targets": TargetsShape(
            management=LimitsShape.of(indicator.targets.management),
            operations=LimitsShape.of(indicator.targets.operations),
        ),
        "owner": both(indicator.owner),
        "state": indicator.state,
        "retired": indicator.retired,
        "has_data": has_data,
    }


def indicator_entry(catalogue: Catalogue, code: str, *, has_data: bool) -> IndicatorEntry:
    """An indicator with its place in the tree; InputError REQ010 when there is none of that code."""
    indicator = catalogue.indicator(code)
    parents = [
        Link(
            code=each.parent,
            weight=None if each.weight is None else float(each.weight),
            points=None if each.points is None else float(each.points),
        )
        for each in indicator.supports
    ]
    children = [Link(code=child, weight=weight, points=None) for child, weight in catalogue.children(code).items()]
    children += [Link(code=child, weight=None, points=points) for child, points in catalogue.risks(code).items()]
    return IndicatorEntry.model_validate(
        {
            **indicator_fields(code, indicator, has_data=has_data),
            "parents": parents,
            "children": children,
            "topics": [name for name, topic in catalogue.topics.items() if code in topic.indicators],
            "catalogue_version": catalogue.version,
        }
    )
