"""Rules a catalogue must keep, one file per rule; read top to bottom.

A check takes the whole catalogue and yields issues; it never raises for a bad catalogue and does
not complain about what refers to an unreadable entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks import (
    circles,
    code_lists,
    expressions,
    feeds,
    indicators,
    lookalikes,
    mappings,
    references,
    targets,
    topics,
    weights,
)
from ganzhi.catalogue.checks.process import blueprints, flows, traces
from ganzhi.catalogue.checks.service import (
    coverage,
    desk,
    frame,
    guidance,
    handling,
    literals,
    rates,
    readiness,
    taxonomy,
    tickets,
    touch,
    twins,
    wording,
)
from ganzhi.catalogue.checks.warning import capacity, occasions, publications, rules
from ganzhi.catalogue.model.whole import Catalogue

Check = Callable[[Catalogue], Iterator[Issue]]

CHECKS: tuple[Check, ...] = (
    references.check,
    circles.check,
    lookalikes.check,
    feeds.check,
    code_lists.check,
    mappings.check,
    expressions.check,
    indicators.check,
    weights.check,
    targets.check,
    topics.check,
    rates.check,
    literals.check,
    twins.check,
    frame.check,
    touch.check,
    guidance.check,
    readiness.check,
    coverage.check,
    wording.check,
    occasions.check,
    publications.check,
    rules.check,
    capacity.check,
    handling.check,
    desk.check,
    taxonomy.check,
    tickets.check,
    flows.check,
    traces.check,
    traces.check_machines,
    blueprints.check,
)
"""Every rule."""
