"""What the URL of a page said, raw: None or empty where it said nothing. Read by `scope` and the builders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The parameters every page of numbers has: place, period, comparison (`vs`), basis."""

    unit: str | None = None
    period: str | None = None
    compare: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class IndicatorQuery:
    """by: dimension of the breakdown. grain: grain of the trend. span_days: how far the trend goes back."""

    by: str | None = None
    grain: str | None = None
    span_days: int | None = None


@dataclass(frozen=True, slots=True)
class RecordsQuery:
    """part: `numerator`, `denominator` or `all`. where: dimension values. page counts from 1; sort is
    a column, with `-` in front for descending; search is literal text over the shown columns. whole: the
    first 500 on one page."""

    part: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    page: int = 1
    sort: str | None = None
    search: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class DictionaryQuery:
    """Filters of the list of indicators, literal text to look for, and the page from 1 (None: every row).

    data: `arrived` or `waiting`. source: a system that delivers records.
    """

    layer: str | None = None
    type: str | None = None
    dimension: str | None = None
    commercial_process: str | None = None
    process_class: str | None = None
    process: str | None = None
    state: str | None = None
    source: str | None = None
    feed: str | None = None
    data: str | None = None
    search: str | None = None
    page: int | None = 1
