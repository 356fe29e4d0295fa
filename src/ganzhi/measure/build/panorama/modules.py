"""Builds the seven professional modules and their three layers (S002-111, S002-114).

`MODULES` says which topics, dimensions and families of indicators belong to a module; which indicators that are is
read from the catalogue, so a new indicator appears in its module by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.blocks import scorecard_rows, with_row_sparks
from ganzhi.measure.build.contributions import contributions_of
from ganzhi.measure.build.journeys.shared import all_named
from ganzhi.measure.build.overview import asked_over
from ganzhi.measure.build.panorama.brief import brief, watched
from ganzhi.measure.build.panorama.marks import counted, judged
from ganzhi.measure.build.readings import Board
from ganzhi.measure.build.records import parts_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.panorama.modules import Behind, ModulePage, ModulesPage, ModuleSummary
from ganzhi.measure.views.panorama.start import ModuleStanding
from ganzhi.measure.views.parts import Scope, ScorecardRow
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class Module:
    """What belongs to a module.

    topics: all their indicators, or those of one `dimension`. families: indicators whose codes begin so, too.
    without: families that belong to another module. heads: the indicators whose scores lead it.
    """

    code: str
    topics: tuple[str, ...] = ()
    dimension: str | None = None
    families: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()


MODULES: tuple[Module, ...] = (
    Module(
        "channel_satisfaction",
        topics=("hotline", "halls", "channels", "complaints"),
        dimension="perception",
        families=("rating.",),
        without=("queue21.",),
    ),
    Module("complaints", topics=("complaints", "conduct"), heads=("index.care", "conduct.compliance")),
    Module("halls", topics=("halls",), without=("queue21.",), heads=("index.hall",)),
    Module(
        "proactive", topics=("reminders",), families=("proactive.",), heads=("proactive.service", "remind.experience")
    ),
    Module("hall_shortfalls", families=("queue21.",), heads=("queue21.waiting",)),
    Module("electronic", topics=("channels",), without=("queue21.",), heads=("index.e_channels",)),
    Module("satisfaction", topics=("voice",), heads=("voice.satisfaction",)),
)
"""多渠道满意度、投诉分析、营业厅服务、主动服务、营业厅短板提升、电子渠道、综合满意度, in the order of the source."""

WORST = 3
SHOWN = 14
LISTS = 12


def members(catalogue: Catalogue, module: Module) -> tuple[str, ...]:
    """The indicators of a module, heads first, in the order of its topics."""
    key = ("module", module.code)
    if key not in catalogue.computed:
        catalogue.computed[key] = _members(catalogue, module)
    found: tuple[str, ...] = catalogue.computed[key]
    return found


def _members(catalogue: Catalogue, module: Module) -> tuple[str, ...]:
    held = [code for topic in module.topics if topic in catalogue.topics for code in catalogue.topics[topic].indicators]
    held = [c for c in held if module.dimension in (None, catalogue.indicator(c).dimension)]
    held += [code for code in catalogue.indicators if code.startswith(module.families or "\0")]
    kept = [code for code in held if not (module.without and code.startswith(module.without))]
    heads = [code for code in module.heads if code in catalogue.indicators]
    return tuple(code for code in dict.fromkeys([*heads, *kept]) if not catalogue.indicators[code].retired)


def modules_page(reader: Reader, query: PageQuery, layer: str) -> ModulesPage:
    """All modules in one layer of three."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query)
    arrived = reader.fed
    held = {module.code: judged(catalogue, members(catalogue, module), scope, arrived) for module in MODULES}
    board = _board(reader, scope, [code for codes in held.values() for code in codes])
    return ModulesPage(scope, layer, tuple(_summary(catalogue, board, scope, m, held[m.code]) for m in MODULES))


def module_page(reader: Reader, query: PageQuery, code: str) -> ModulePage:
    """One module; InputError REQ034 when there is none of that code."""
    catalogue = reader.workplace.catalogue
    module = next((each for each in MODULES if each.code == code), None)
    if module is None:
        raise InputError(unknown("REQ034", code, {each.code: each for each in MODULES}))
    every = members(catalogue, module)
    feeds = tuple(dict.fromkeys(f for c in every if (f := catalogue.indicator(c).feed) is not None))
    scope = scope_of(reader, query, feeds=feeds)
    arrived = reader.fed
    held = judged(catalogue, every, scope, arrived)
    board, spark = asked_over(reader, scope, held)
    rows = scorecard_rows(catalogue, board, scope, _measured(catalogue, held))
    days = watched(catalogue, [t for t in module.topics if t in catalogue.topics], arrived, most=len(every))
    known = tuple(row for row in rows if row.now.value is not None)
    return ModulePage(
        scope=scope,
        summary=_summary(catalogue, board, scope, module, held),
        rows=with_row_sparks(board, scope, spark, known[:SHOWN]),
        brief=brief(reader, scope, [each for each in days if each in every]),
        lists=_lists(catalogue, rows) if reader.viewer.may("list") else None,
        topics=all_named(catalogue.topics, (each for each in module.topics if each in catalogue.topics)),
        reports=all_named(catalogue.reports, _reports(catalogue, every)),
        missing=_missing(catalogue, feeds, arrived),
        others=tuple(each.code for each in MODULES),
    )


def standings(
    catalogue: Catalogue, board: Board, scope: Scope, held: Mapping[str, Sequence[str]]
) -> tuple[ModuleStanding, ...]:
    """The modules on the start page, from a board that was asked about the period and the one before. held: per module
    those of its indicators that are judged."""
    found = []
    for module in MODULES:
        every = members(catalogue, module)
        readings = board.readings(_measured(catalogue, held[module.code]), scope.unit, scope.period)
        before = scope.compared_with or scope.period.previous()
        heads = [board.score_now(c, scope.unit, scope.period, before) for c in module.heads if c in every]
        scored = [each for each in heads if each.score is not None]
        lead = scored[0] if scored else None
        found.append(
            ModuleStanding(
                code=module.code,
                score=None if lead is None else lead.score,
                before=None if lead is None else lead.before,
                level=None if lead is None else lead.level,
                known=sum(each.value is not None for each in readings),
                in_alert=sum(each.level is not None for each in readings),
            )
        )
    return tuple(found)


def _board(reader: Reader, scope: Scope, codes: Sequence[str]) -> Board:
    """What the modules are told from: the period, the one before, the one compared with and a year before."""
    board = Board(reader, codes, basis=scope.basis)
    before, year = scope.period.previous(), scope.period.year_before()
    first = reader.first_day()
    board.ask(scope.unit, [before, scope.period])
    others = {scope.compared_with, year} - {None, before}
    for each in others:
        if each is not None and first is not None and each.last_day >= first:
            board.ask(scope.unit, [each])
    return board


def _measured(catalogue: Catalogue, codes: Sequence[str]) -> list[str]:
    return [code for code in codes if catalogue.indicator(code).measure is not None]


def _summary(catalogue: Catalogue, board: Board, scope: Scope, module: Module, held: Sequence[str]) -> ModuleSummary:
    now, before = scope.period, scope.period.previous()
    rows = scorecard_rows(catalogue, board, scope, _measured(catalogue, held))
    known = [row for row in rows if row.now.value is not None]
    heads = [code for code in module.heads if code in catalogue.indicators and code in held]
    lead = heads[0] if heads else None
    return ModuleSummary(
        code=module.code,
        scores=tuple(board.score_now(code, scope.unit, now, before) for code in heads),
        declared=len(members(catalogue, module)),
        indicators=len(rows),
        known=len(known),
        alerts=counted(row.now.level for row in rows),
        worst=tuple(known[:WORST]),
        contributions=contributions_of(catalogue, board, lead, scope.unit, now, before) if lead else (),
    )


def _lists(catalogue: Catalogue, rows: Sequence[ScorecardRow]) -> tuple[Behind, ...]:
    """The lists behind the indicators, worst first, with as many records as the number itself counts."""
    found = []
    for row in rows:
        code, feed = row.subject.code, catalogue.indicator(row.subject.code).feed
        if feed is None or row.now.value is None or not row.now.n:
            continue
        part = "denominator" if "denominator" in parts_of(catalogue, code) else None
        counts = row.now.denominator if part else row.now.n
        if counts == row.now.n:
            found.append(Behind(code, row.subject.name, feed, part, row.now.n))
    return tuple(found[:LISTS])


def _reports(catalogue: Catalogue, codes: Collection[str]) -> list[str]:
    """Reports at least half of whose indicators are the module's."""
    held = frozenset(codes)
    return [c for c, each in catalogue.reports.items() if 2 * len(held & set(each.indicators)) >= len(each.indicators)]


def _missing(catalogue: Catalogue, feeds: Sequence[str], arrived: Collection[str]) -> tuple[Named, ...]:
    return all_named(catalogue.feeds, (each for each in feeds if each not in arrived))
