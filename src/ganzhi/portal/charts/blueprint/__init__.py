"""A service blueprint as SVG: four lanes, three lines, evidence above, links that pass no box."""

from __future__ import annotations

from ganzhi.portal.charts.blueprint.draw import blueprint
from ganzhi.portal.charts.blueprint.model import BlueprintChart, ChartLink, ChartPhase, ChartStep

__all__ = ["BlueprintChart", "ChartLink", "ChartPhase", "ChartStep", "blueprint"]
