"""A dbt project that declares indicators of channel transactions to MetricFlow, written from the plan's formulas.

One view over the Parquet file of rows with the feed's derived columns and the city of each unit; one measure for each
of ours (a sum of what its filter lets through); simple metrics for counts, ratios for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.ground.day import catalogue_of
from benchmarks.ground.transactions import FEED, PROVINCE, ZONE
from ganzhi.compile.formulas import Formula
from ganzhi.compile.measures import Kind, Measure
from ganzhi.compile.plan import FeedPlan, plan_feed

SHAPES = ("count", "ratio", "share_within", "mean")


def _plan() -> FeedPlan:
    return plan_feed(catalogue_of(PROVINCE), FEED)


def chosen_indicators(number: int) -> tuple[str, ...]:
    """The first indicators of the feed that are counts or ratios of counts and sums over it alone."""
    found = [code for code, each in _plan().formulas.items() if each.shape in SHAPES and each.per is None]
    if len(found) < number:
        raise AssertionError(f"only {len(found)} indicators of {FEED} can be declared to MetricFlow")
    return tuple(found[:number])


@dataclass
class Project:
    """folder: where the project is written. file: the rows. codes: which indicators."""

    folder: Path
    file: Path
    codes: Sequence[str]

    @property
    def base(self) -> Path:
        """The DuckDB database that holds the views."""
        return self.folder / "rows.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """Where MetricFlow finds the profile."""
        return {"DBT_PROFILES_DIR": str(self.folder), "DBT_PROJECT_DIR": str(self.folder)}

    @cached_property
    def formulas(self) -> Mapping[str, Formula]:
        """The formulas of the chosen indicators."""
        plan = _plan()
        return {code: plan.formula(code) for code in self.codes}

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, in the order of codes."""
        return tuple(code.replace(".", "_") for code in self.codes)

    @property
    def factors(self) -> Mapping[str, float]:
        """What a metric's value is multiplied by to be the indicator's."""
        found = {}
        for code, formula in self.formulas.items():
            over, under = formula.numerator, formula.denominator
            assert over is not None
            found[code] = float(formula.scale * over.times / (under.times if under else 1))
        return found

    def write(self, day: date) -> None:
        """All files of the project."""
        (self.folder / "models").mkdir(parents=True)
        settings = {"TimeZone": ZONE.key}
        profile = {"type": "duckdb", "path": str(self.base), "threads": 2, "settings": settings}
        project = {
            "name": "transactions",
            "version": "1.0",
            "config-version": 2,
            "profile": "bench",
            "model-paths": ["models"],
        }
        self._put("profiles.yml", {"bench": {"target": "dev", "outputs": {"dev": profile}}})
        self._put("dbt_project.yml", project)
        self._put(
            "models/models.yml",
            {"models": [self._spine()], "semantic_models": [self._model()], "metrics": self._metrics()},
        )
        (self.folder / "models" / "transactions.sql").write_text(self._rows(), encoding="utf-8")
        spine = (
            f"SELECT day::DATE AS date_day FROM range(DATE '{day}', DATE '{day + timedelta(1)}', INTERVAL 1 DAY) d(day)"
        )
        (self.folder / "models" / "days.sql").write_text(spine, encoding="utf-8")

    def _put(self, name: str, content: object) -> None:
        # YAML takes JSON
        (self.folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def _rows(self) -> str:
        derived = "".join(f', {each.sql} AS "{each.name}"' for each in _plan().derived)
        cities = [
            f"('{code}', 'c{n % PROVINCE.counties % PROVINCE.cities:06}')"
            for kind, number in (("d", PROVINCE.counties), ("h", PROVINCE.halls))
            for n in range(number)
            for code in (f"{kind}{n:06}",)
        ]
        return (
            f"SELECT t.*, t.done_at::DATE AS made_on, u.city{derived}\nFROM read_parquet('{self.file}') t\n"
            f"JOIN (VALUES {', '.join(cities)}) u(unit, city) ON u.unit = t.unit"
        )

    def _spine(self) -> dict[str, Any]:
        return {
            "name": "days",
            "time_spine": {"standard_granularity_column": "date_day"},
            "columns": [{"name": "date_day", "granularity": "day"}],
        }

    def _measures(self) -> dict[str, Measure]:
        terms = [term for each in self.formulas.values() for term in (each.numerator, each.denominator) if term]
        return {term.measure.name: term.measure for term in terms}

    def _model(self) -> dict[str, Any]:
        return {
            "name": "transactions",
            "model": "ref('transactions')",
            "defaults": {"agg_time_dimension": "made_on"},
            "entities": [{"name": "transaction", "type": "primary", "expr": "transaction_id"}],
            "dimensions": [
                {"name": "made_on", "type": "time", "type_params": {"time_granularity": "day"}},
                {"name": "city", "type": "categorical"},
            ],
            "measures": [
                {"name": name, "agg": "sum", "expr": _expression(each)} for name, each in self._measures().items()
            ],
        }

    def _metrics(self) -> list[dict[str, Any]]:
        found = [_simple(f"of_{name}", name) for name in self._measures()]
        for metric, formula in zip(self.metrics, self.formulas.values(), strict=True):
            over, under = formula.numerator, formula.denominator
            assert over is not None
            if under is None:
                found.append(_simple(metric, over.measure.name))
            else:
                parts = {"numerator": f"of_{over.measure.name}", "denominator": f"of_{under.measure.name}"}
                found.append({"name": metric, "label": metric, "type": "ratio", "type_params": parts})
        return found


def _simple(name: str, measure: str) -> dict[str, Any]:
    return {"name": name, "label": name, "type": "simple", "type_params": {"measure": measure}}


def _expression(measure: Measure) -> str:
    """What is added up of a row."""
    conditions = [f"({each})" for each in measure.where]
    if measure.kind is Kind.COUNT:
        if measure.value is not None:
            conditions.append(f"{measure.value.sql} is not null")
        return f"case when {' and '.join(conditions) or 'true'} then 1 else 0 end"
    assert measure.kind is Kind.SUM
    assert measure.value is not None
    return f"case when {' and '.join(conditions) or 'true'} then {measure.value.sql} else 0 end"
