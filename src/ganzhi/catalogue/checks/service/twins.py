"""No two indicators mean the same: equal measures under two names (S000-049), or one name twice.

Measures are compared in normal form: canonical expressions, conditions in any order, a mean as a sum
over a count, a share within a limit as a ratio. An indicator that repeats another on purpose says so
in `same_as`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.checks.expressions import feed_columns, feed_scales
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.expressions import conditions, parse
from ganzhi.catalogue.expressions.refusal import Refused
from ganzhi.catalogue.model.data import ColumnType, Feed
from ganzhi.catalogue.model.indicators import Indicator, Part
from ganzhi.catalogue.model.whole import Catalogue

Aggregate = tuple[str, str, frozenset[str], str]
"""Kind, value, conditions and factor."""

Form = tuple[object, ...]


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report the later of two indicators with one meaning or one name."""
    seen: dict[Form, str] = {}
    names: dict[tuple[str, str], str] = {}
    for code, indicator in catalogue.indicators.items():
        if indicator.retired:
            continue
        for lang in ("zh", "en"):
            other = names.setdefault((lang, indicator.name.in_(lang).casefold()), code)
            if other != code:
                yield issue_at(catalogue, "CAT181", ("indicators", code, "name", lang), other=other)
        if indicator.same_as is not None:
            continue
        form = normal_form(catalogue, code)
        if form is not None:
            other = seen.setdefault(form, code)
            if other != code:
                later, first = _newer(catalogue, code, other)
                yield issue_at(catalogue, "CAT163", ("indicators", later), other=first)


def _newer(catalogue: Catalogue, one: str, other: str) -> tuple[str, str]:
    """Of two indicators the one to blame first: that of the workspace rather than that of the pack."""
    places = [catalogue.place("indicators", code) for code in (one, other)]
    shipped = [place is not None and place.file.startswith("pack/") for place in places]
    return (other, one) if shipped == [True, False] else (one, other)


def normal_form(catalogue: Catalogue, code: str) -> Form | None:
    """What an indicator measures, equal for equal meanings; None for scores and what cannot be read."""
    indicator = catalogue.indicators[code]
    feed = catalogue.feeds.get(indicator.feed or "")
    if feed is None:
        return None
    try:
        return _Reader(catalogue, feed).form(indicator)
    except (InputError, Refused, KeyError, RecursionError):
        return None  # reported by other checks


class _Reader:
    def __init__(self, catalogue: Catalogue, feed: Feed) -> None:
        self._catalogue = catalogue
        self._types: Mapping[str, ColumnType] = feed_columns(feed)
        self._scales = feed_scales(feed)

    def form(self, indicator: Indicator) -> Form:
        own = (indicator.feed, indicator.unit)
        if indicator.percentile is not None:
            it = indicator.percentile
            return (*own, "percentile", str(it.p), self._aggregate("of", it.of, it.where))
        if indicator.rate is not None:
            return (*own, "rate", self._part(indicator.rate.numerator), indicator.rate.per, indicator.rate.whole)
        if indicator.min is not None:
            return (*own, self._aggregate("min", indicator.min.of, indicator.min.where))
        if indicator.max is not None:
            return (*own, self._aggregate("max", indicator.max.of, indicator.max.where))
        return (*own, *self._quotient(indicator))

    def _quotient(self, indicator: Indicator) -> tuple[Aggregate, ...]:
        """Numerator, and denominator where there is one."""
        if indicator.ratio is not None:
            return self._part(indicator.ratio.numerator), self._part(indicator.ratio.denominator)
        if indicator.share_within is not None:
            share = indicator.share_within
            within = f"({share.of}) <= {share.limit:f}"
            where = f"({share.where}) and {within}" if share.where else within
            return self._aggregate("count", "", where), self._aggregate("count", share.of, share.where)
        if indicator.mean is not None:
            mean = indicator.mean
            return self._aggregate("sum", mean.of, mean.where), self._aggregate("count", mean.of, mean.where)
        for name in ("sum", "distinct"):
            value = getattr(indicator, name)
            if value is not None:
                return (self._aggregate(name, value.of, value.where),)
        return (self._aggregate("count", "", indicator.count.where if indicator.count else None),)

    def _part(self, part: Part) -> Aggregate:
        times = str(part.times.normalize())
        if part.indicator is not None:
            kind, of, where, _ = self._quotient(self._catalogue.indicators[part.indicator])[0]
            return kind, of, where, times
        for name in ("sum", "distinct"):
            value = getattr(part, name)
            if value is not None:
                return self._aggregate(name, value.of, value.where, times)
        return self._aggregate("count", "", part.count.where if part.count else None, times)

    def _aggregate(self, kind: str, of: str, where: str | None, times: str = "1") -> Aggregate:
        value = self._canonical(of) if of else ""
        held = conditions(where, self._types, scales=self._scales) if where else ()
        return kind, value, frozenset(held), times

    def _canonical(self, text: str) -> str:
        return parse(text, self._types, want="any", scales=self._scales).sql
