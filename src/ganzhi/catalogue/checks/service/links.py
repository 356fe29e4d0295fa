"""Every reference among processes, touchpoints, guidance and indicators, as `references` reports them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue

Reference = tuple[tuple[str, ...], str, str]
"""Where it stands, the kind it refers to, the code it names."""

PLAIN: tuple[tuple[str, str, str], ...] = (
    ("process_classes", "stage", "stages"),
    ("chain_links", "parent", "chain_links"),
    ("channels", "parent", "channels"),
    ("contact_contents", "parent", "contact_contents"),
    ("activities", "stage", "stages"),
    ("activities", "processes", "processes"),
    ("activities", "needs", "needs"),
    ("processes", "process_class", "process_classes"),
    ("processes", "commercial_process", "commercial_processes"),
    ("processes", "capability", "capabilities"),
    ("processes", "channels", "channels"),
    ("processes", "systems", "systems"),
    ("processes", "chain", "chain_links"),
    ("processes", "codes", "code_systems"),
    ("state_machines", "process", "processes"),
    ("touchpoints", "process", "processes"),
    ("touchpoints", "step", "contact_steps"),
    ("touchpoints", "content", "contact_contents"),
    ("touchpoints", "channels", "channels"),
    ("touchpoints", "attributes", "attributes"),
    ("flows", "feed", "feeds"),
    ("flows", "process", "processes"),
    ("traces", "process", "processes"),
    ("traces", "chains", "feeds"),
    ("traces", "hops", "feeds"),
    ("blueprints", "process", "processes"),
    ("blueprints", "flow", "flows"),
    ("selections", "priorities", "priorities"),
    ("selections", "contact_steps", "contact_steps"),
    ("shortfalls", "process", "processes"),
    ("shortfalls", "indicators", "indicators"),
    ("shortfalls", "attribute", "attributes"),
    ("slas", "indicator", "indicators"),
    ("interfaces", "system", "systems"),
    ("interfaces", "feed", "feeds"),
    ("reports", "indicators", "indicators"),
    ("reports", "codes", "code_systems"),
    ("feeds", "codes", "code_systems"),
    ("indicators", "commercial_process", "commercial_processes"),
    ("indicators", "processes", "processes"),
    ("indicators", "touchpoints", "touchpoints"),
    ("indicators", "attribute", "attributes"),
    ("indicators", "products", "products"),
    ("indicators", "codes", "code_systems"),
    ("indicators", "same_as", "indicators"),
    ("occasions", "units", "units"),
    ("occasions", "products", "products"),
    ("warning_rules", "indicator", "indicators"),
    ("warning_rules", "exposure", "indicators"),
    ("warning_rules", "publication", "publications"),
    ("departments", "works", "working_times"),
    ("departments", "escalates_to", "departments"),
    ("scenes", "units", "units"),
)
"""Kind, field and the kind it refers to, where the field is a code, a list of codes or a table keyed by codes."""


def links(catalogue: Catalogue) -> Iterator[Reference]:
    """References of `PLAIN`, and those inside lists of tables."""
    for kind, field, target in PLAIN:
        for code, entry in getattr(catalogue, kind).items():
            yield from _of_field((kind, code, field), getattr(entry, field), target)
    yield from _of_frame(catalogue)
    yield from _of_selections(catalogue)
    yield from _of_blueprints(catalogue)
    yield from _of_traces(catalogue)
    yield from _of_departments(catalogue)
    yield from _of_capacities(catalogue)
    for code, indicator in catalogue.indicators.items():
        yield from _of_measures(code, indicator)


def _of_field(path: tuple[str, ...], value: object, target: str) -> Iterator[Reference]:
    if value is None:
        return
    if isinstance(value, str):
        yield path, target, value
    elif isinstance(value, dict):
        yield from (((*path, key), target, key) for key in value)
    elif isinstance(value, Iterable):
        yield from (((*path, str(number)), target, str(each)) for number, each in enumerate(value))


def _of_frame(catalogue: Catalogue) -> Iterator[Reference]:
    for code, process in catalogue.processes.items():
        for name, step in process.steps.items():
            yield ("processes", code, "steps", name, "system"), "systems", step.system
            if step.feed is not None:
                yield ("processes", code, "steps", name, "feed"), "feeds", step.feed
    for code, activity in catalogue.activities.items():
        for number, weight in enumerate(activity.weights):
            if weight.product is not None:
                yield ("activities", code, "weights", str(number), "product"), "products", weight.product
    for code, priority in catalogue.priorities.items():
        for number, each in enumerate(priority.weights):
            yield ("priorities", code, "weights", str(number), "process"), "processes", each.process


def _of_departments(catalogue: Catalogue) -> Iterator[Reference]:
    for code, department in catalogue.departments.items():
        for field in ("answers_for", "persons"):
            for number, each in enumerate(getattr(department, field)):
                path = ("departments", code, field, str(number), "products")
                yield from _of_field(path, each.products, "products")


def _of_capacities(catalogue: Catalogue) -> Iterator[Reference]:
    for code, rule in catalogue.warning_rules.items():
        if rule.capacity is not None:
            path = ("warning_rules", code, "capacity")
            yield (*path, "desks", "feed"), "feeds", rule.capacity.desks.feed
            yield from _of_field((*path, "handling"), rule.capacity.handling, "indicators")
            yield from _of_field((*path, "waited"), rule.capacity.waited, "indicators")


def _of_selections(catalogue: Catalogue) -> Iterator[Reference]:
    for code, selection in catalogue.selections.items():
        for number, pressure in enumerate(selection.pressures):
            yield ("selections", code, "pressures", str(number), "indicator"), "indicators", pressure.indicator
        for number, chosen in enumerate(selection.chosen):
            path = ("selections", code, "chosen", str(number))
            yield (*path, "process"), "processes", chosen.process
            yield from _of_field((*path, "processes"), chosen.processes, "processes")
            yield from _of_field((*path, "contact_steps"), chosen.contact_steps, "contact_steps")


def _of_traces(catalogue: Catalogue) -> Iterator[Reference]:
    for code, machine in catalogue.state_machines.items():
        if machine.record is not None:
            yield ("state_machines", code, "record", "feed"), "feeds", machine.record.feed
    for code, trace in catalogue.traces.items():
        for name, step in trace.steps.items():
            yield from _of_field(("traces", code, "steps", name, "system"), step.system, "systems")
            yield from _of_field(("traces", code, "steps", name, "feed"), step.feed, "feeds")
        yield from _of_field(("traces", code, "signs"), trace.signs, "indicators")
        if trace.releases is not None:
            yield ("traces", code, "releases", "feed"), "feeds", trace.releases.feed
        for field in ("known", "nearby"):
            for name, each in getattr(trace, field).items():
                yield ("traces", code, field, name, "feed"), "feeds", each.feed


def _of_blueprints(catalogue: Catalogue) -> Iterator[Reference]:
    for code, blueprint in catalogue.blueprints.items():
        for name, step in blueprint.steps.items():
            path = ("blueprints", code, "steps", name)
            yield from _of_field((*path, "measure"), step.measure, "indicators")
            yield from _of_field((*path, "perception"), step.perception, "indicators")
            yield from _of_field((*path, "touchpoint"), step.touchpoint, "touchpoints")
            yield from _of_field((*path, "system"), step.system, "systems")
            if step.standard is not None:
                yield from _of_field((*path, "standard", "indicator"), step.standard.indicator, "indicators")
            if step.contact is not None:
                yield from _of_field((*path, "contact", "step"), step.contact.step, "contact_steps")
                yield from _of_field((*path, "contact", "content"), step.contact.content, "contact_contents")
                yield from _of_field((*path, "contact", "channels"), step.contact.channels, "channels")
                yield from _of_field((*path, "contact", "attributes"), step.contact.attributes, "attributes")
        for number, link in enumerate(blueprint.links):
            yield from _of_field(
                ("blueprints", code, "links", str(number), "perception"), link.perception, "indicators"
            )
            if link.standard is not None:
                at = ("blueprints", code, "links", str(number), "standard", "indicator")
                yield from _of_field(at, link.standard.indicator, "indicators")
        for name, pilot in blueprint.pilots.items():
            yield from _of_field(("blueprints", code, "pilots", name, "units"), pilot.units, "units")
            yield from _of_field(("blueprints", code, "pilots", name, "measures"), pilot.measures, "indicators")
        for variant, each in blueprint.variants.items():
            for name, standard in each.standards.items():
                where = ("blueprints", code, "variants", variant, "standards", name, "indicator")
                yield from _of_field(where, standard.indicator, "indicators")


def _of_measures(code: str, indicator: Indicator) -> Iterator[Reference]:
    if indicator.rate is not None:
        yield ("indicators", code, "rate", "per"), "indicators", indicator.rate.per
    if indicator.secures is not None:
        yield ("indicators", code, "secures", "indicator"), "indicators", indicator.secures.indicator
