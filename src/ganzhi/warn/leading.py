"""What moved before an indicator did: candidates whose surprises go ahead of its own (S000-100, S000-111).

The wording is "moved before", never "caused". Statistics are `numerics.association.leads`: prewhitened, adjusted for all
lags and candidates that were tested, and confirmed on days that were held out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.influence import candidates_of
from ganzhi.measure.open import States
from ganzhi.numerics.association import LEAST_DAYS, Lead, leads
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.breaks import daily_values

DAYS_BACK: Final = 365
MOST_LAG: Final = 14
MOST_CANDIDATES: Final = 80
RATE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Leading:
    """A candidate with what is known of its lead. same_way: whether both went up together."""

    code: str
    lead: Lead
    same_way: bool


@dataclass(frozen=True, slots=True)
class LeadingReport:
    """rows: those that hold first, then the strongest others. tested: lags of all candidates; candidates: looked at; told:
    of which enough days were known. days: of the target that are known; enough: whether they are."""

    code: str
    unit: str
    first: date
    last: date
    days: int
    enough: bool
    candidates: int
    told: int
    tested: int
    rows: tuple[Leading, ...]


def find_leading(workplace: Workplace, reading: States, code: str, unit: str, last: date) -> LeadingReport:
    """What moved before an indicator of a unit in the year up to a day.

    Raises: InputError REQ010 for an indicator there is not, WRN041 for one without a measure.
    """
    catalogue = workplace.catalogue
    if code not in catalogue.indicators:
        raise InputError(unknown("REQ010", code, catalogue.indicators))
    if catalogue.indicator(code).measure is None:
        raise InputError(Issue("WRN041", code))
    first = last - timedelta(days=DAYS_BACK - 1)
    codes = leading_candidates(catalogue, code)
    values = daily_values(workplace, reading, (code, *codes), unit, first, last)
    target = values.get(code, [])
    known = sum(value is not None for value in target)
    names = [each for each in codes if each in values]
    found, tested = leads(target, [values[each] for each in names], most_lag=MOST_LAG, rate=RATE) if target else ((), 0)
    rows = tuple(Leading(names[each.candidate], each, each.r > 0) for each in found)
    return LeadingReport(code, unit, first, last, known, known >= LEAST_DAYS, len(codes), len(rows), tested, rows)


def leading_candidates(catalogue: Catalogue, code: str) -> tuple[str, ...]:
    """What supports the indicator and is measured on its processes, then every other measured indicator of how
    things run; not those that count the same rows."""
    indicator = catalogue.indicator(code)
    others = [each for each, one in catalogue.indicators.items() if one.dimension == "operation"]
    fit = (
        each
        for each in dict.fromkeys((*candidates_of(catalogue, code), *others))
        if (one := catalogue.indicator(each)).measure is not None
        and one.state == "live"
        and not one.retired
        and each != code
        and one.feed != indicator.feed
    )
    return tuple(fit)[:MOST_CANDIDATES]
