"""The support system as a drawing, from the customer to the departments."""

from __future__ import annotations

from ganzhi.portal.charts.support.draw import system_chart
from ganzhi.portal.charts.support.model import ChartBox, ChartJoint, SystemChart

__all__ = ["ChartBox", "ChartJoint", "SystemChart", "system_chart"]
