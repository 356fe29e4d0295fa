"""Who follows whom: a process drawn from counts of “A directly followed by B”, heaviest path in the middle."""

from __future__ import annotations

from ganzhi.portal.charts.flow.draw import flow
from ganzhi.portal.charts.flow.model import Flow, FlowEdge, FlowNode, Folded

__all__ = ["Flow", "FlowEdge", "FlowNode", "Folded", "flow"]
