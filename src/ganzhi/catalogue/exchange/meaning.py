"""What an indicator's number stands on, as a text: equal texts, equal numbers from equal records.

Everything that goes into the value counts: the measure, the parts it is made of, the feed's key, time
and unit, the columns, derived columns and rules it uses. Names, targets, weights and places do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.indicators import MEASURES, Indicator
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import Catalogue

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_COLUMN_FACTS = {"type", "min", "max", "allowed", "scale", "on_violation"}


def meaning_of(catalogue: Catalogue, code: str) -> str:
    """The canonical text of what is computed; for a score of children, that it is one."""
    return json.dumps(_meaning(catalogue, code, ()), ensure_ascii=False, sort_keys=True)


def changed_meanings(old: Catalogue, new: Catalogue) -> tuple[str, ...]:
    """Indicators of both catalogues whose number means something else now, in the new one's order."""
    common = [code for code in new.indicators if code in old.indicators]
    same_feed = {code: feed == new.feeds.get(code) for code, feed in old.feeds.items()}
    return tuple(
        code
        for code in common
        if not _untouched(old, new, code, same_feed, ()) and meaning_of(old, code) != meaning_of(new, code)
    )


def _untouched(old: Catalogue, new: Catalogue, code: str, same_feed: Mapping[str, bool], path: tuple[str, ...]) -> bool:
    """Whether an indicator, its feed and its parts are equal, so that it need not be looked at closely."""
    indicator = old.indicators.get(code)
    if indicator != new.indicators.get(code):
        return False
    if indicator is None or code in path:
        return True
    return same_feed.get(indicator.feed or "", True) and all(
        _untouched(old, new, other, same_feed, (*path, code)) for other in _parts(indicator)
    )


def _meaning(catalogue: Catalogue, code: str, path: tuple[str, ...]) -> object:
    indicator = catalogue.indicators.get(code)
    if indicator is None or code in path:
        return code
    measures = {name: _dump(getattr(indicator, name)) for name in MEASURES if getattr(indicator, name) is not None}
    feed = catalogue.feeds.get(indicator.feed or "")
    return {
        "unit": indicator.unit,
        "measure": measures,
        "feed": indicator.feed,
        "facts": None if feed is None else _facts(feed, json.dumps(measures)),
        "parts": {other: _meaning(catalogue, other, (*path, code)) for other in sorted(_parts(indicator))},
    }


def _dump(value: Model) -> object:
    return value.model_dump(mode="json")


def _parts(indicator: Indicator) -> set[str]:
    """Indicators whose numbers go into this one's."""
    found = set()
    for whole in (indicator.ratio, indicator.rate):
        for side in ("numerator", "denominator"):
            part = getattr(whole, side, None)
            if part is not None and part.indicator is not None:
                found.add(part.indicator)
    if indicator.rate is not None:
        found.add(indicator.rate.per)
    return found


def _facts(feed: Feed, measures: str) -> object:
    """What of a feed bears on measures that use these words."""
    used = _used(feed, [measures, *(rule.check for rule in feed.rules.values())])
    return {
        "kind": feed.kind,
        "key": feed.key,
        "time": feed.time,
        "unit": feed.unit,
        "version": feed.version,
        "window": _dump(feed.window),
        "columns": {
            name: feed.columns[name].model_dump(mode="json", include=_COLUMN_FACTS)
            for name in used
            if name in feed.columns
        },
        "derived": {name: [feed.derived[name].type, feed.derived[name].expr] for name in used if name in feed.derived},
        "rules": [[rule.check, rule.on_violation, rule.blanks] for rule in feed.rules.values()],
    }


def _used(feed: Feed, texts: Iterable[str]) -> list[str]:
    """Columns and derived columns that some texts name, also through other derived columns."""
    found: set[str] = set()
    todo = list(texts)
    while todo:
        words = set(_WORD.findall(todo.pop())) - found
        found |= words & feed.columns.keys()
        fresh = words & feed.derived.keys()
        found |= fresh
        todo += [feed.derived[name].expr for name in fresh]
    return sorted(found)
