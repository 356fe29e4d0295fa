"""One indicator computed from sample files, as a view model for the command line and for pages.

Works on a workplace that was made for this and is thrown away (`wiring.trial`): the sample is loaded,
computed and asked for as any other data are, so that what is tried is what will happen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.data import Feed, FileFormat, MappedColumn
from ganzhi.catalogue.model.data import Mapping as FeedMapping
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport
from ganzhi.measure.known import arrived_days
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.records import RecordsPage, RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import Scored, ScoreRequest, score_all
from ganzhi.warehouse.workplace import Workplace

AS_WRITTEN = "as_written"
"""Mapping by which files whose columns are called as the feed's are loaded, where there is no other."""
_KINDS = {".xlsx": "excel", ".jsonl": "jsonl", ".parquet": "parquet"}
_WHOLES = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    loads: per file. days: a number per day with data; totals: over the smallest period that holds
    all days, or per year. scores: instead of both for an indicator that is a score of others.
    records: the first ones behind the first total. took_s: seconds for all of it.
    """

    code: str
    loads: tuple[LoadReport, ...]
    days: tuple[Observation, ...]
    totals: tuple[Observation, ...]
    scores: tuple[Scored, ...]
    records: RecordsPage | None
    took_s: float


def feeds_behind(catalogue: Catalogue, code: str) -> tuple[str, ...]:
    """The feeds an indicator, or what supports it, is computed from, in catalogue order."""
    found: set[str] = set()
    todo, seen = [code], set[str]()
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        indicator = catalogue.indicator(one)
        if indicator.feed is not None:
            found.add(indicator.feed)
        if indicator.rate is not None:
            todo.append(indicator.rate.per)
        todo += [*catalogue.children(one), *catalogue.risks(one)]
    return tuple(feed for feed in catalogue.feeds if feed in found)


def sample_files(catalogue: Catalogue, code: str, given: Sequence[str]) -> dict[str, list[Path]]:
    """The files of each feed from `FILE` and `FEED=FILE`.

    Raises: InputError CLI008 when a file's feed is not plain, REQ011 for an unknown feed.
    """
    behind = feeds_behind(catalogue, code)
    found: dict[str, list[Path]] = {}
    for text in given:
        feed, equals, name = text.partition("=")
        if equals and feed.strip() in catalogue.feeds:
            found.setdefault(feed.strip(), []).append(Path(name))
        elif len(behind) == 1:
            found.setdefault(behind[0], []).append(Path(text))
        else:
            raise InputError(Issue("CLI008", code, params={"feeds": ", ".join(behind) or "–"}))
    needed = () if catalogue.indicator(code).measure is None else behind
    if not found or any(feed not in found for feed in needed):
        raise InputError(Issue("CLI008", code, params={"feeds": ", ".join(behind) or "–"}))
    return found


def with_mappings(catalogue: Catalogue, files: Mapping[str, Sequence[Path]]) -> Catalogue:
    """The catalogue with a mapping by column names for each of these feeds that has none."""
    mapped = {each.feed for each in catalogue.mappings.values()}
    more = {
        f"{AS_WRITTEN}.{feed}": _as_written(catalogue.feeds[feed], feed, paths[0])
        for feed, paths in files.items()
        if feed not in mapped
    }
    return replace(catalogue, mappings={**catalogue.mappings, **more}) if more else catalogue


def _as_written(feed: Feed, code: str, path: Path) -> FeedMapping:
    formats = {"timestamp": "%Y-%m-%d %H:%M:%S", "date": "%Y-%m-%d"}
    columns = {name: MappedColumn(source=name, format=formats.get(c.type)) for name, c in feed.columns.items()}
    form = FileFormat.model_validate({"kind": _KINDS.get(path.suffix.lower(), "csv")})
    return FeedMapping(name=feed.name, feed=code, format=form, columns=columns)


def try_out(
    workplace: Workplace, code: str, files: Mapping[str, Sequence[Path]], *, mapping: str | None = None, first: int = 5
) -> Trial:
    """Load the files, compute, and answer for the top unit. first: records to show; mapping: of the only feed.

    Raises: InputError as loading and observing do.
    """
    started = time.perf_counter()
    loads = tuple(each for feed, paths in files.items() for each in load(workplace, feed, paths, mapping))
    refresh(workplace)
    days = sorted({day for feed in files for day, (_, rows) in arrived_days(workplace, feed).items() if rows})
    indicator = workplace.catalogue.indicator(code)
    with open_states(workplace) as reading:
        asked = _Asked(workplace, reading, code, tuple(days))
        found = asked.scores(loads) if indicator.measure is None else asked.numbers(loads, indicator, first)
    return replace(found, took_s=time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions of a trial."""

    workplace: Workplace
    reading: States
    code: str
    days: tuple[date, ...]

    def scores(self, loads: tuple[LoadReport, ...]) -> Trial:
        found: list[Scored] = []
        for grain, first, last in self._spans():
            unit = self.workplace.catalogue.root_unit
            found += score_all(self.workplace, self.reading, ScoreRequest((self.code,), unit, grain, first, last))
        return Trial(self.code, loads, (), (), tuple(found), None, 0.0)

    def numbers(self, loads: tuple[LoadReport, ...], indicator: Indicator, first: int) -> Trial:
        daily = self._observe(Grain.DAY, self.days[0], self.days[-1]) if self.days else []
        totals = [each for span in self._spans() for each in self._observe(*span)]
        page = None
        if totals and first and indicator.feed is not None:
            request = RecordsRequest(self.code, self.workplace.catalogue.root_unit, totals[0].period, limit=first)
            page = records(self.workplace, self.reading, request)
        return Trial(self.code, loads, tuple(daily), tuple(totals), (), page, 0.0)

    def _observe(self, grain: Grain, first: date, last: date) -> Iterator[Observation]:
        unit = self.workplace.catalogue.root_unit
        question = ObserveRequest((self.code,), unit, grain, first, last)
        return (each for each in observe(self.workplace, self.reading, question) if each.completeness > 0)

    def _spans(self) -> list[tuple[Grain, date, date]]:
        """The grain whose one period holds all days; the year, however many, when none does."""
        if not self.days:
            return []
        zone = self.workplace.zone
        for grain in _WHOLES:
            periods: list[Period] = list(periods_between(grain, self.days[0], self.days[-1], zone))
            if len(periods) == 1:
                return [(grain, self.days[0], self.days[-1])]
        return [(Grain.YEAR, self.days[0], self.days[-1])]
