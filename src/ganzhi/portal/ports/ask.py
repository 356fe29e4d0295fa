"""What the pages of free questions ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.measure.build.ask.saved import SavedQuestions
from ganzhi.measure.views.ask.answers import IndicatorsAnswer, RecordsAnswer
from ganzhi.measure.views.ask.options import AskForm, RunningQuestion
from ganzhi.measure.views.ask.question import Question


@dataclass(frozen=True, slots=True)
class AskPorts:
    """Ports of free questions, for one viewer.

    form: what can be chosen. indicators, records: answers; export: all rows or groups. saved: the questions the
    viewer keeps or may open. running: what the viewer has running; cancel: stop one, False when it is not running.
    """

    form: Callable[[Question], AskForm]
    indicators: Callable[[Question], IndicatorsAnswer]
    records: Callable[[Question], RecordsAnswer]
    export: Callable[[Question], RecordsAnswer]
    saved: Callable[[], SavedQuestions]
    running: Callable[[], tuple[RunningQuestion, ...]]
    cancel: Callable[[str], bool]


def ask_ports(desk: AskDesk, viewer: Viewer) -> AskPorts:
    """The ports on a desk."""
    return AskPorts(
        form=lambda question: desk.form(viewer, question),
        indicators=lambda question: desk.indicators(viewer, question),
        records=lambda question: desk.records(viewer, question),
        export=lambda question: desk.export(viewer, question),
        saved=lambda: desk.saved(viewer),
        running=lambda: desk.runs(viewer),
        cancel=lambda identity: desk.cancel(viewer, identity),
    )
