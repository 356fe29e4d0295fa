"""Short marks of what a number means, so that it can be said years later whether its definition has changed.

A mark covers the formula with everything it reads, the organisation, and for a score the targets and
weights of everything below it. Names and remarks are not in it. Equal meaning gives equal marks.
"""

from __future__ import annotations

from ganzhi.base.ids import digest
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.score import Use, score_tree_of
from ganzhi.numerics.tree import Branch


def value_mark(catalogue: Catalogue, code: str) -> str:
    """The mark of an indicator's own value; empty for a score of children."""
    indicator = catalogue.indicator(code)
    if indicator.feed is None:
        return ""
    key = ("reported.value_mark", code)
    if key not in catalogue.computed:
        plan = plan_feed(catalogue, indicator.feed)
        per = "" if indicator.rate is None else value_mark(catalogue, indicator.rate.per)
        rate = "" if indicator.rate is None else indicator.rate.model_dump_json()
        parts = (repr(plan.formula(code)), repr(plan.derived), rate, per, _organisation(catalogue))
        catalogue.computed[key] = digest(indicator.feed, *parts)[:12]
    found: str = catalogue.computed[key]
    return found


def score_mark(catalogue: Catalogue, use: Use, code: str) -> str:
    """The mark of an indicator's score for a use."""
    key = (f"reported.score_mark.{use}", code)
    if key not in catalogue.computed:
        node = score_tree_of(catalogue, use, [code]).tree.nodes[code]
        below = (child for child, _ in (*node.children, *node.risks)) if isinstance(node, Branch) else ()
        own = ("",) if isinstance(node, Branch) else (value_mark(catalogue, code), str(catalogue.indicator(code).min_n))
        marks = (score_mark(catalogue, use, child) for child in below)
        catalogue.computed[key] = digest(repr(node), *own, *marks)[:12]
    found: str = catalogue.computed[key]
    return found


def _organisation(catalogue: Catalogue) -> str:
    key = ("reported.organisation", "")
    if key not in catalogue.computed:
        lines = (f"{code}={each.model_dump_json(exclude={'name'})}" for code, each in catalogue.units.items())
        catalogue.computed[key] = digest(*lines)
    found: str = catalogue.computed[key]
    return found
