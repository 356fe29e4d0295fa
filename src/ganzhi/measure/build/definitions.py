"""How a number is made, in words and in the catalogue's own expressions."""

from __future__ import annotations

from ganzhi.base.messages import Lang, say
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.indicators import CountOf, Indicator, Part, ValueOf
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.views.indicator import Definition
from ganzhi.numerics.histogram import ALPHA


def both(key: str, **params: object) -> Text:
    """A message of ours as a text in both languages."""
    return Text(zh=say("zh", key, **params), en=say("en", key, **params))


def definition_of(catalogue: Catalogue, code: str) -> Definition:
    """The definition of an indicator for readers."""
    indicator = catalogue.indicator(code)
    feed = catalogue.feeds.get(indicator.feed) if indicator.feed else None
    source = next((s for s in catalogue.sources.values() if indicator.feed in s.feeds), None)
    place = catalogue.place("indicators", code)
    numerator, denominator = _expressions(indicator)
    uses = (("management", Grain.MONTH), ("operations", Grain.HOUR))
    return Definition(
        formula=_formula(catalogue, code),
        numerator_sql=numerator,
        denominator_sql=denominator,
        feed=indicator.feed,
        feed_name=feed.name if feed else None,
        source=source.name if source else None,
        owner=indicator.owner,
        error_bound=ALPHA if indicator.percentile is not None else None,
        file=str(place or ""),
        targets=tuple(
            (use, subject_of(catalogue, code, grain))
            for use, grain in uses
            if getattr(indicator.targets, use) is not None
        ),
    )


def _formula(catalogue: Catalogue, code: str) -> Text:
    """The formula in words; of a score with many children it is longer than a text of the catalogue may be."""
    return Text.model_construct(zh=_words(catalogue, code, "zh"), en=_words(catalogue, code, "en"))


def _phrase(lang: Lang, kind: str, where: str | None, **params: object) -> str:
    if where is None:
        return say(lang, f"views.formula_{kind}", **params)
    return say(lang, f"views.formula_{kind}_where", where=where, **params)


def _value(lang: Lang, kind: str, value: ValueOf) -> str:
    return _phrase(lang, kind, value.where, of=value.of)


def _words(catalogue: Catalogue, code: str, lang: Lang) -> str:
    indicator = catalogue.indicator(code)
    name = indicator.measure
    if name is None:
        children = catalogue.children(code)
        named = (f"{catalogue.indicator(c).name.in_(lang)} × {weight:g}" for c, weight in children.items())
        return say(lang, "views.formula_score", children=("；" if lang == "zh" else "; ").join(named))
    if indicator.count is not None:
        return _phrase(lang, "count", indicator.count.where)
    if indicator.ratio is not None:
        return say(
            lang,
            "views.formula_ratio",
            numerator=_part_words(catalogue, indicator.ratio.numerator, lang),
            denominator=_part_words(catalogue, indicator.ratio.denominator, lang),
        )
    if indicator.rate is not None:
        base = catalogue.indicator(indicator.rate.per).name.in_(lang)
        if indicator.rate.whole:
            names = (d.name.in_(lang) for n in indicator.rate.whole if (d := catalogue.dimensions.get(n)) is not None)
            base = say(lang, "views.formula_whole", base=base, dimensions=("、" if lang == "zh" else ", ").join(names))
        numerator_words = _part_words(catalogue, indicator.rate.numerator, lang)
        return say(lang, "views.formula_ratio", numerator=numerator_words, denominator=base)
    if indicator.share_within is not None:
        share = indicator.share_within
        return _phrase(lang, "share", share.where, of=share.of, limit=f"{share.limit:f}")
    if indicator.percentile is not None:
        quantile = indicator.percentile
        return _phrase(lang, "percentile", quantile.where, of=quantile.of, p=f"{quantile.p:f}")
    value = getattr(indicator, name)
    assert isinstance(value, ValueOf)
    return _value(lang, name, value)


def _part_words(catalogue: Catalogue, part: Part, lang: Lang) -> str:
    if part.indicator is not None:
        words = catalogue.indicator(part.indicator).name.in_(lang)
    elif part.count is not None:
        words = _phrase(lang, "count", part.count.where)
    else:
        kind = "sum" if part.sum is not None else "distinct"
        value = part.sum or part.distinct
        assert value is not None
        words = _value(lang, kind, value)
    return words if part.times == 1 else say(lang, "views.formula_times", times=f"{part.times:f}", part=words)


def _expressions(indicator: Indicator) -> tuple[str | None, str | None]:
    """Numerator and denominator as the catalogue writes them."""
    if indicator.ratio is not None:
        return _expression(indicator.ratio.numerator), _expression(indicator.ratio.denominator)
    if indicator.rate is not None:
        return _expression(indicator.rate.numerator), indicator.rate.per
    name = indicator.measure
    if name is None:
        return None, None
    if indicator.count is not None:
        return _count(indicator.count), None
    if indicator.share_within is not None:
        share = indicator.share_within
        where = f" where {share.where}" if share.where else ""
        return f"count({share.of} <= {share.limit}){where}", f"count({share.of}){where}"
    if indicator.mean is not None:
        where = f" where {indicator.mean.where}" if indicator.mean.where else ""
        return f"sum({indicator.mean.of}){where}", f"count({indicator.mean.of}){where}"
    value = getattr(indicator, name)
    where = f" where {value.where}" if value.where else ""
    return f"{name}({value.of}){where}", None


def _count(count: CountOf) -> str:
    return f"count where {count.where}" if count.where else "count"


def _expression(part: Part) -> str:
    times = "" if part.times == 1 else f"{part.times:f} × "
    if part.indicator is not None:
        return times + part.indicator
    if part.count is not None:
        return times + _count(part.count)
    kind, value = ("sum", part.sum) if part.sum is not None else ("distinct", part.distinct)
    assert value is not None
    return f"{times}{kind}({value.of})" + (f" where {value.where}" if value.where else "")
