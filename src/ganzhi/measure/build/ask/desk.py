"""Where free questions are asked: one for each process, shared by its viewers."""

from __future__ import annotations

from ganzhi.access.rights import Viewer
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.ask.indicators import indicators_answer
from ganzhi.measure.build.ask.options import ask_form
from ganzhi.measure.build.ask.records import records_answer, records_export
from ganzhi.measure.build.ask.running import Running
from ganzhi.measure.build.ask.saved import SavedQuestions
from ganzhi.measure.views.ask.answers import IndicatorsAnswer, RecordsAnswer
from ganzhi.measure.views.ask.options import AskForm, RunningQuestion
from ganzhi.measure.views.ask.question import Question


class AskDesk:
    """Answers free questions. most_rows: that one may read; deadline_s: for one answer."""

    def __init__(self, answers: Answers, *, most_rows: int, deadline_s: float) -> None:
        self._answers, self._most_rows = answers, most_rows
        self.running = Running(answers.workplace.clock, deadline_s)

    def form(self, viewer: Viewer, question: Question) -> AskForm:
        """What can be chosen."""
        return self._answers.fresh(viewer, lambda reader: ask_form(reader, question))

    def indicators(self, viewer: Viewer, question: Question) -> IndicatorsAnswer:
        """Numbers; see `indicators_answer`."""
        return self._answers.fresh(
            viewer, lambda reader: indicators_answer(reader, question, self.running, self._most_rows)
        )

    def records(self, viewer: Viewer, question: Question) -> RecordsAnswer:
        """A page of rows or groups; see `records_answer`."""
        return self._answers.fresh(
            viewer, lambda reader: records_answer(reader, question, self.running, self._most_rows)
        )

    def export(self, viewer: Viewer, question: Question) -> RecordsAnswer:
        """All rows or groups; see `records_export`."""
        return self._answers.fresh(
            viewer, lambda reader: records_export(reader, question, self.running, self._most_rows)
        )

    def saved(self, viewer: Viewer) -> SavedQuestions:
        """The saved questions of a viewer."""
        return SavedQuestions(self._answers.workplace, viewer)

    def runs(self, viewer: Viewer) -> tuple[RunningQuestion, ...]:
        """What the viewer has running."""
        viewer.require("query")
        return self.running.of(viewer.login)

    def cancel(self, viewer: Viewer, identity: str) -> bool:
        """Stop one of them; False when it is not running."""
        viewer.require("query")
        return self.running.cancel(viewer.login, identity)
