"""Evidence from the four sources of a cause analysis: assessment indicators, complaint handling, business data, and what
surveys say (S000-104). Which indicator belongs to which is read from what is declared of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe

SourceKind = Literal["assessment", "handling", "business", "survey"]
SOURCES: Final[tuple[SourceKind, ...]] = get_args(SourceKind)
HANDLING: Final = ("complaints", "complaint_steps", "trouble_reports")
BUSINESS: Final = (
    "product_user_counts",
    "subscriber_counts",
    "bills",
    "business_orders",
    "sp_subscriptions",
    "plan_months",
)
SURVEYS: Final = ("survey_answers", "sms_ratings", "peak_end_moments", "mystery_visits")
EACH: Final = 4
"""Indicators of each source that are told."""
TRIED: Final = 12
"""Indicators of each source that are asked for; the first of them of which anything is known are told."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value of one of the sources. where: the cut it was asked with; before: of the period before."""

    source: SourceKind
    indicator: str
    feed: str
    name: Text
    unit_of_value: str
    decimals: int
    value: float
    before: float | None
    n: int
    where: Mapping[str, str]


def evidence_of(
    reader: Reader, unit: str, period: Period, process: str, category: str, product: str
) -> tuple[Evidence, ...]:
    """Values of a unit and period that concern a process, category and product; of each source a few."""
    found: list[Evidence] = []
    for source in SOURCES:
        codes = _candidates(reader, source, process, product)[:TRIED]
        found += list(_told(reader, source, codes, unit, period, category, product))[:EACH]
    return tuple(found)


def _candidates(reader: Reader, source: SourceKind, process: str, product: str) -> list[str]:
    """Indicators of a source, those of the process first, then those of its commercial process; handling as a whole."""
    catalogue = reader.workplace.catalogue
    declared = catalogue.processes.get(process)
    commercial = None if declared is None else declared.commercial_process
    ranked = []
    for code, each in catalogue.indicators.items():
        if each.retired or each.feed is None or each.feed not in reader.fed or _source(each) != source:
            continue
        near = (
            0
            if process and process in each.processes
            else 1
            if commercial and each.commercial_process == commercial
            else 2
        )
        general = source == "handling" or (source == "business" and each.feed in BUSINESS[:2])
        if near == 2 and not general:
            continue
        ranked.append(
            (near if source != "handling" else int("complaint_category" not in each.by), LAYERS.index(each.layer), code)
        )
    return [code for _, _, code in sorted(ranked)]


def _source(indicator: Indicator) -> SourceKind | None:
    """Complaints by the feed they come in, surveys by theirs, business by what is sold and billed, the others where they
    have a target."""
    if indicator.feed in HANDLING:
        return "handling"
    if indicator.feed in SURVEYS:
        return "survey"
    if indicator.feed in BUSINESS:
        return "business"
    targets = indicator.targets
    return "assessment" if targets.management is not None or targets.operations is not None else None


def _told(
    reader: Reader, source: SourceKind, codes: list[str], unit: str, period: Period, category: str, product: str
) -> Iterator[Evidence]:
    catalogue = reader.workplace.catalogue
    before = period.previous()
    cuts = {code: _cut(catalogue.indicators[code], source, category, product) for code in codes}
    found: dict[tuple[str, Period], Observation] = {}
    for cut in dict.fromkeys(cuts.values()):
        found |= _asked(reader, tuple(code for code in codes if cuts[code] == cut), unit, before, period, dict(cut))
    for code in codes:
        indicator, now, then = catalogue.indicators[code], found.get((code, period)), found.get((code, before))
        if (
            now is not None
            and now.value is not None
            and now.n
            and (now.n >= indicator.min_n or reader.viewer.may("list"))
        ):
            yield Evidence(
                source, code, indicator.feed or "", indicator.name, now.unit_of_value, indicator.decimals, float(now.value),
                None if then is None or then.value is None or not then.n else float(then.value), now.n, dict(cuts[code]),
            )  # fmt: skip


def _cut(indicator: Indicator, source: SourceKind, category: str, product: str) -> tuple[tuple[str, str], ...]:
    """The cut an indicator is asked with: handling by category, handling and business by product."""
    if source == "handling" and category and "complaint_category" in indicator.by:
        return (("complaint_category", category),)
    if product and "product" in indicator.by and source in ("business", "handling"):
        return (("product", product),)
    return ()


def _asked(
    reader: Reader, codes: tuple[str, ...], unit: str, before: Period, period: Period, where: Mapping[str, str]
) -> dict[tuple[str, Period], Observation]:
    request = ObserveRequest(
        codes=codes,
        unit=unit,
        grain=period.grain,
        first=before.first_day,
        last=period.last_day,
        where=where,
        stale="show",
    )
    try:
        return {(each.code, each.period): each for each in observe(reader.workplace, reader.states, request)}
    except InputError:  # a cut that is declared and that some indicator's feed does not count by
        if len(codes) == 1:
            return {}
        found: dict[tuple[str, Period], Observation] = {}
        for code in codes:
            found |= _asked(reader, (code,), unit, before, period, where)
        return found
