"""The analyses of the packages that are installed beside ganzhi, and the page of one."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from ganzhi.base.errors import EngineError, GanzhiError, InputError, Issue
from ganzhi.measure.analyses.analysis import GROUP, Analysis, Asking, Table, records_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery

LOG = logging.getLogger("ganzhi.analyses")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True)
class Installed:
    """An entry point. package, version: that brought it. analysis: None where it could not be loaded; fault: why."""

    code: str
    package: str
    version: str
    analysis: Analysis | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class AnalysisPage:
    """What an analysis found for a scope."""

    installed: Installed
    analysis: Analysis
    scope: Scope
    table: Table


@lru_cache(maxsize=1)
def installed() -> tuple[Installed, ...]:
    """All of them by code, found once in a process; of two of one code the first by package."""
    found: dict[str, Installed] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda each: (each.name, _package(each))):
        found.setdefault(point.name, _loaded(point))
    return tuple(found.values())


def analysis_page(reader: Reader, code: str, query: PageQuery) -> AnalysisPage:
    """Run an analysis for a viewer. Raises: InputError ANA001 for a code that is not installed; EngineError ANA002 for one
    that could not be loaded, failed, or gave back no proper table or records that it was not given."""
    known = {each.code: each for each in installed()}
    if code not in known:
        near = ", ".join(get_close_matches(code, known, 3) or sorted(known)[:3]) or "–"
        raise InputError(Issue("ANA001", code, params={"known": near}))
    of, scope = known[code], scope_of(reader, query)
    if of.analysis is None:
        raise _failed(of, of.fault)
    asking = Asking(reader, scope)
    try:
        table: object = of.analysis.run(asking)
        proper = isinstance(table, Table) and all(len(row) == len(table.columns) for row in table.rows)
    except GanzhiError:
        raise
    except Exception as error:
        LOG.exception("analysis failed", extra={"analysis": code, "package": of.package})
        raise _failed(of, type(error).__name__) from error
    if not isinstance(table, Table) or not proper:
        raise _failed(of, "Table")
    opened = (records_of(cell) for row in table.rows for cell in row)
    if not all(asking.gave(each) for each in opened if each is not None):
        raise _failed(of, "Records")
    return AnalysisPage(of, of.analysis, scope, table)


def _failed(of: Installed, kind: str) -> EngineError:
    return EngineError(Issue("ANA002", of.code, params={"package": of.package, "kind": kind}), retryable=False)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else ""


def _loaded(point: EntryPoint) -> Installed:
    version = point.dist.version if point.dist is not None else ""
    if not _CODE.fullmatch(point.name):
        return Installed(point.name, _package(point), version, None, "name")
    try:
        analysis = point.load()
    except Exception as error:
        LOG.warning("analysis not loaded", exc_info=error, extra={"analysis": point.name})
        return Installed(point.name, _package(point), version, None, type(error).__name__)
    fault = "" if isinstance(analysis, Analysis) else type(analysis).__name__
    return Installed(point.name, _package(point), version, None if fault else analysis, fault)
