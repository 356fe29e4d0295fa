"""What is said to be live can be had; risks can be judged; internal targets secure something perceived (S000-029)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue

MOST_POINTS = 50
"""Points that all risks of one score may take off it together."""


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report blocked indicators that are live, weights of planned ones, and risks that cannot be judged."""
    for code, indicator in catalogue.indicators.items():
        if indicator.retired:
            continue
        yield from _live(catalogue, code, indicator)
        yield from _risks(catalogue, code, indicator)
        secured = indicator.secures and catalogue.indicators.get(indicator.secures.indicator)
        if secured and secured.dimension != "perception":
            path = ("indicators", code, "secures", "indicator")
            yield issue_at(
                catalogue, "CAT184", path, indicator=indicator.secures.indicator if indicator.secures else ""
            )
    for code in catalogue.indicators:
        total = sum(catalogue.risks(code).values())
        if total > MOST_POINTS:
            params = {"total": f"{total:g}", "limit": str(MOST_POINTS)}
            yield issue_at(catalogue, "CAT185", ("indicators", code), **params)


def _live(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    possible = indicator.feasibility
    if indicator.state == "live" and (
        possible.source_known is False or possible.collectable is False or possible.blocked_by is not None
    ):
        yield issue_at(catalogue, "CAT182", ("indicators", code, "feasibility"))
    if indicator.state != "live" and indicator.measure is None and not catalogue.children(code):
        for number, support in enumerate(indicator.supports):
            if support.weight is not None:
                path = ("indicators", code, "supports", str(number))
                yield issue_at(catalogue, "CAT186", path, state=indicator.state, parent=support.parent)


def _risks(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    for number, support in enumerate(indicator.supports):
        judged = indicator.direction is not None and indicator.targets.management is not None
        if support.points is not None and not judged and indicator.measure is not None:
            yield issue_at(catalogue, "CAT183", ("indicators", code, "supports", str(number), "points"))
