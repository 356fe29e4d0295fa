"""Ports of the page on which periods are closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.measure.reported.desk import ClosingDesk
from ganzhi.measure.views.closed import ClosingsPage, ToClose
from ganzhi.store.closings import Closing


@dataclass(frozen=True, slots=True)
class ClosingPorts:
    """Ports for one viewer. look: what would be kept of a period. close: period, the edition that was announced, note."""

    page: Callable[[], ClosingsPage]
    look: Callable[[str], ToClose]
    close: Callable[[str, int, str], Closing]


def closing_ports(desk: ClosingDesk, viewer: Viewer) -> ClosingPorts:
    """The ports on a desk, for one viewer."""
    return ClosingPorts(
        page=lambda: desk.page(viewer),
        look=lambda period: desk.look(viewer, period),
        close=lambda period, edition, note: desk.close(viewer, period, edition, note),
    )
