"""Builds the list of halls, each with its score, its waiting and how it promotes electronic channels (S002-082), and a hall's
day of promotion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.reach import arrived_feeds, has_data
from ganzhi.measure.build.journeys.shared import named
from ganzhi.measure.build.readings import Board, subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.panorama.places import HallPromotion, HallRow, HallsPage, PromotionRow
from ganzhi.measure.views.query import PageQuery

TOPIC = "halls"
PROMOTION = (
    "channels.promotion.hall_rate",
    "channels.promotion.accept_rate",
    "channels.promotion.use_rate",
)
"""Promotion of electronic channels in halls, and whether those who were won use them."""
SHOWN = ("halls.wait.within_10min", "halls.abandon_rate", "halls.voice.sms_satisfied", "halls.device.availability")
PER_PAGE = 50


def halls_page(reader: Reader, query: PageQuery, page: int = 1) -> HallsPage:
    """The halls of a unit, lowest score first, a page at a time."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query)
    halls = halls_below(reader, scope.unit)
    arrived = arrived_feeds(reader.workplace)
    codes = [c for c in (*SHOWN, *PROMOTION) if c in catalogue.indicators and has_data(catalogue, c, arrived)]
    topic = catalogue.topics.get(TOPIC)
    head = topic.headline if topic is not None else None
    board = Board(reader, [*([head] if head else []), *codes], basis=scope.basis)
    now, before = scope.period, scope.compared_with or scope.period.previous()
    board.ask(scope.unit, [now])
    if halls:
        board.ask(scope.unit, [before, now], units=tuple(halls))
    rows = [_row(catalogue, board, code, hall, head, codes, (now, before)) for code, hall in halls.items()]
    rows = ranked(rows)
    pages = max(1, math.ceil(len(rows) / PER_PAGE))
    if page > pages:
        raise InputError(Issue("REQ004", "page", params={"value": str(page), "known": f"1–{pages}"}))
    return HallsPage(
        scope=scope,
        headline=named(catalogue.topics, TOPIC) if topic is not None else None,
        subjects=tuple(subject_of(catalogue, code, now.grain) for code in codes),
        promotion=tuple(code for code in codes if code in PROMOTION),
        whole=tuple(board.reading(code, scope.unit, now) for code in codes),
        rows=tuple(rows[(page - 1) * PER_PAGE : page * PER_PAGE]),
        total=len(rows),
        page=page,
        pages=pages,
    )


def hall_promotion(reader: Reader, unit: str, day: date | None = None) -> HallPromotion | None:
    """A hall's day of promotion, by default the last of which promotions arrived; None where none ever did.

    Raises: InputError REQ012 for a unit out of reach.
    """
    catalogue = reader.workplace.catalogue
    reader.ground.unit(unit)
    rate, accepted, _ = PROMOTION
    feed = catalogue.indicators[rate].feed if rate in catalogue.indicators else None
    days = () if feed is None else [each for each, share in reader.arrived(feed).items() if share]
    if feed is None or not days:
        return None
    period = period_of_day(Grain.DAY, day or max(days), reader.workplace.zone)
    codes = [code for code in PROMOTION if code in catalogue.indicators]
    today, month = Board(reader, codes), Board(reader, codes, basis="todate")
    for board in (today, month):
        board.ask(unit, [period])
    counts = today.reading(accepted, unit, period)
    return HallPromotion(
        unit=unit,
        day=period,
        rows=tuple(
            PromotionRow(
                subject_of(catalogue, code, Grain.MONTH),
                today.reading(code, unit, period),
                month.reading(code, unit, period),
            )
            for code in codes
        ),
        counted=accepted,
        feed=feed,
        made=None if counts.withheld else int(counts.denominator or 0),
        accepted=None if counts.withheld else int(counts.numerator or 0),
        score=month.score_now(rate, unit, period, None),
    )


def halls_below(reader: Reader, unit: str) -> dict[str, Unit]:
    """The halls of a unit within reach, itself included where it is one."""
    units = reader.workplace.catalogue.units
    found: dict[str, Unit] = {}
    for code, each in reader.ground.units.items():
        if each.level != "hall":
            continue
        current: str | None = code
        while current is not None and current != unit:
            current = units[current].parent
        if current == unit:
            found[code] = each
    return found


def _row(
    catalogue: Catalogue,
    board: Board,
    code: str,
    hall: Unit,
    head: str | None,
    codes: Sequence[str],
    periods: tuple[Period, Period],
) -> HallRow:
    now, before = periods
    above = catalogue.units.get(hall.parent) if hall.parent else None
    return HallRow(
        unit=code,
        name=hall.name,
        county=above.name if above is not None else None,
        score=None if head is None else board.score_now(head, code, now, before),
        rank=None,
        rank_before=None,
        readings=tuple(board.reading(each, code, now) for each in codes),
    )


def ranked(rows: Sequence[HallRow]) -> list[HallRow]:
    """Lowest first, those without a score last, each with its rank now and before; equal scores share a rank."""
    now = [row.score.score if row.score is not None else None for row in rows]
    before = [row.score.before if row.score is not None else None for row in rows]
    told = [
        replace(row, rank=_rank(score, now), rank_before=_rank(was, before))
        for row, score, was in zip(rows, now, before, strict=True)
    ]
    return sorted(told, key=lambda row: (row.rank is None, -(row.rank or 0), row.unit))


def _rank(own: float | None, scores: Sequence[float | None]) -> int | None:
    return None if own is None else 1 + sum(each is not None and each > own for each in scores)
