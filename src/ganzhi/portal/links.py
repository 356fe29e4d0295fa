"""Every URL the portal writes. The URL is the state; what is the default is left out of it.

A `Links` holds the scope of the page it writes for; a step down keeps region, period, comparison
and basis and adds one condition (ui.md sections 3 and 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery

FORMS = ("csv", "xlsx", "json")
WHERE_PREFIX = "d."
"""In front of a dimension's name in the query of a records page."""

Pairs = Mapping[str, str | int | None]


def url(path: str, pairs: Pairs) -> str:
    """A path with those pairs that are neither None nor empty, quoted; the empty value of a dimension is
    a condition of its own (rows in which it is unknown) and stays.

    >>> url("/search", {"q": "a&b", "page": None}), url("/records/calls", {"d.agent": ""})
    ('/search?q=a%26b', '/records/calls?d.agent=')
    """
    given = [
        f"{_quoted(key)}={_quoted(str(value))}"
        for key, value in pairs.items()
        if value is not None and (value != "" or key.startswith(WHERE_PREFIX))
    ]
    return f"{path}?{'&'.join(given)}" if given else path


_PLAIN = re.compile(r"[A-Za-z0-9_.~:,-]*")


def _quoted(text: str) -> str:
    """A text in a query; most need nothing, and a page has hundreds of them."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe=":,")


def _segment(code: str) -> str:
    return quote(code, safe="") if "," in code or ":" in code or not _PLAIN.fullmatch(code) else code


@dataclass(frozen=True, slots=True)
class Links:
    """Links that keep a scope; fields are None where the default holds."""

    region: str | None = None
    period: str | None = None
    vs: str | None = None
    basis: str | None = None

    @staticmethod
    def asked(query: PageQuery) -> Links:
        """Links that repeat what the request asked."""
        return Links(query.unit, query.period, query.compare, query.basis)

    @staticmethod
    def of(scope: Scope, query: PageQuery) -> Links:
        """Links for a page that shows `scope`: defaults left out, whether asked for or not."""
        unit = scope.unit if scope.default_unit is not None else query.unit
        period = scope.period.key if scope.default_period is not None else query.period
        start = scope.default_period.key if scope.default_period is not None else None
        return Links(
            None if unit == scope.default_unit else unit,
            None if period == start else period,
            None if scope.compare == "prev" else scope.compare,
            None if scope.basis == "period" else scope.basis,
        )

    def at(self, **changed: str | None) -> Links:
        """The same with some of region, period, vs, basis changed; None means the default."""
        return replace(self, **changed)

    def _scope(self, *, region: bool = True) -> dict[str, str | int | None]:
        own = {"region": self.region} if region else {}
        return {**own, "period": self.period, "vs": self.vs, "basis": self.basis}

    def overview(self) -> str:
        """The overview."""
        return url("/overview", self._scope())

    def region_page(self, unit: str) -> str:
        """A place: the overview scoped to it."""
        return url(f"/regions/{_segment(unit)}", self._scope(region=False))

    def attention(self, page: int | None = None) -> str:
        """Every indicator in alert."""
        return url("/attention", {**self._scope(), "page": page})

    def panorama(self, process: str | None = None) -> str:
        """The panorama of perception elements: all processes, or the touchpoints of one."""
        return url("/journeys/panorama", {"process": process, **self._scope()})

    def lifecycle(self) -> str:
        """The customer's life cycle by weight, score and problems."""
        return url("/journeys/lifecycle", self._scope())

    def modules(self, layer: str | None = None) -> str:
        """The seven modules in one of three layers; without one, in the viewer's own."""
        return url("/modules", {"layer": layer, **self._scope()})

    def module(self, code: str) -> str:
        """A professional module."""
        return url(f"/modules/{_segment(code)}", self._scope())

    def halls(self, page: int | None = None) -> str:
        """The halls."""
        return url("/halls", {**self._scope(), "page": page})

    def hall(self, unit: str) -> str:
        """A hall."""
        return url(f"/halls/{_segment(unit)}", self._scope(region=False))

    def wall(self, shown: str, page: int | None = None) -> str:
        """A set of pages for a large screen."""
        return url(f"/wall/{_segment(shown)}", {**self._scope(), "page": page})

    def topics(self) -> str:
        """All topics."""
        return url("/topics", self._scope())

    def topic(self, code: str) -> str:
        """A topic."""
        return url(f"/topics/{_segment(code)}", self._scope())

    def indicator(self, code: str, **more: str | int | None) -> str:
        """more: by, grain, span, view."""
        return url(f"/indicators/{_segment(code)}", {**self._scope(), **more})

    def explain(self, code: str, **more: str | int | None) -> str:
        """Where the change of an indicator comes from. more: by, moves."""
        return url(f"/explain/{_segment(code)}", {**self._scope(), **more})

    def records(
        self,
        feed: str,
        indicator: str,
        part: str | None = None,
        where: Mapping[str, str] | None = None,
        **more: str | int | None,
    ) -> str:
        """more: sort, q, page, cols."""
        conditions = {f"{WHERE_PREFIX}{name}": value for name, value in (where or {}).items()}
        asked: dict[str, str | int | None] = {"indicator": indicator, "part": part}
        return url(f"/records/{_segment(feed)}", {**asked, **self._scope(), **conditions, **more})

    def record(
        self,
        feed: str,
        load: str,
        line: int,
        indicator: str | None = None,
        part: str | None = None,
        where: Mapping[str, str] | None = None,
        **more: str | int | None,
    ) -> str:
        """One record, and the list it is opened from. more: sort, q, and `at`, its place in the list from 1."""
        conditions = {f"{WHERE_PREFIX}{name}": value for name, value in (where or {}).items()}
        asked: dict[str, str | int | None] = {"indicator": indicator, "part": part}
        path = f"/records/{_segment(feed)}/{_segment(load)}/{line}"
        return url(path, {**asked, **self._scope(), **conditions, **more} if indicator else {})

    def dictionary(self, **filters: str | int | None) -> str:
        """The dictionary under filters."""
        return url("/dictionary", filters)

    def entry(self, code: str) -> str:
        """An indicator's definition."""
        return f"/dictionary/{_segment(code)}"

    def journeys(self, **filters: str | int | None) -> str:
        """The process frame under filters."""
        return url("/journeys", filters)

    def journey(self, process: str) -> str:
        """One process."""
        return url(f"/journeys/{_segment(process)}", self._scope())

    def benchmark(self, process: str, **more: str | None) -> str:
        """Places compared on the indicators of a process. more: layer."""
        return url(f"/journeys/{_segment(process)}/benchmark", {**self._scope(), **more})

    def touchpoint(self, process: str, code: str) -> str:
        """A touchpoint on the page of its process."""
        return f"{self.journey(process)}#tp-{_segment(code)}"

    def touchpoints(self, **filters: str | int | None) -> str:
        """The touchpoint matrix under filters."""
        return url("/journeys/touchpoints", filters)

    def derivation(self, process: str | None = None) -> str:
        """The derivation of indicators, for all processes or one."""
        return url("/journeys/derivation", {"process": process})

    def selection(self, code: str | None = None) -> str:
        """Key-process selection; the first that is declared by default."""
        return url("/journeys/selection", {"selection": code, **self._scope()})

    def flows(self) -> str:
        """The flows there are."""
        return "/flows"

    def traces(self) -> str:
        """The transactions that are followed across systems."""
        return "/traces"

    def trace(self, code: str) -> str:
        """One of them."""
        return f"/traces/{_segment(code)}"

    def blueprints(self) -> str:
        """The service blueprints."""
        return url("/blueprints", self._scope())

    def system_panorama(self, focus: str | None = None) -> str:
        """The support system from front to back. focus: the place whose ways are shown."""
        return url("/blueprints/panorama", {"focus": focus, **self._scope()})

    def blueprint(self, code: str, variant: str | None = None) -> str:
        """A service blueprint, or a segment's variant of it."""
        return url(f"/blueprints/{_segment(code)}", {"variant": variant, **self._scope()})

    def handbook(self, code: str, variant: str | None = None) -> str:
        """The handbook of a blueprint's standards."""
        return url(f"/blueprints/{_segment(code)}/handbook", {"variant": variant, **self._scope()})

    def ivr(self) -> str:
        """The voice menu."""
        return url("/ivr", self._scope())

    def flow(self, code: str) -> str:
        """A flow, without what cases are chosen by."""
        return f"/flows/{_segment(code)}"

    def tree(self, **filters: str | int | None) -> str:
        """The four-layer tree under filters."""
        return url("/dictionary/tree", filters)

    def matrix(self) -> str:
        """The matrix of commercial processes and dimensions."""
        return "/dictionary/matrix"

    def feeds(self, **filters: str | int | None) -> str:
        """The catalogue of feeds under filters."""
        return url("/dictionary/feeds", filters)

    def feed(self, code: str, column: str | None = None) -> str:
        """The contract of a feed, or one column in it."""
        return f"/dictionary/feeds/{_segment(code)}" + (f"#c-{_segment(column)}" if column else "")

    def reports(self) -> str:
        """The catalogue of report specifications."""
        return "/dictionary/reports"

    def report(self, code: str) -> str:
        """The specification of a report."""
        return f"/dictionary/reports/{_segment(code)}"

    def surroundings(self) -> str:
        """Interfaces, systems, agreements, external codes, products."""
        return "/dictionary/frame"

    def changes(self, a: str | None = None, b: str | None = None, page: int | None = None) -> str:
        """Versions and proposals; with two versions what differs between them."""
        return url("/dictionary/changes", {"a": a, "b": b, "page": page})

    def workbook(self) -> str:
        """The whole catalogue as a workbook."""
        return "/dictionary/workbook.xlsx"

    def data(self) -> str:
        """Data arrival."""
        return "/data"

    def rejects(self, load: str, page: int = 1) -> str:
        """The rows a load refused."""
        return url(f"/data/rejects/{_segment(load)}", {"page": page if page > 1 else None})


def in_form(link: str, form: str) -> str:
    """The link to the same content as csv, xlsx or json.

    >>> in_form("/overview?period=1999", "csv")
    '/overview.csv?period=1999'
    """
    path, mark, query = link.partition("?")
    return f"{path}.{form}{mark}{query}"


def with_parameter(path: str, query: Mapping[str, str], name: str, value: str | None) -> str:
    """The page asked for, with one parameter set or (None) without it."""
    kept: dict[str, str | int | None] = {key: text for key, text in query.items() if key != name}
    return url(path, {**kept, name: value} if value is not None else kept)
