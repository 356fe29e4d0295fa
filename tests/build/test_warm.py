"""What people ask first is asked before they do."""

from __future__ import annotations

from ganzhi.measure.answers import Answers
from ganzhi.portal.ports.warm import Warmer
from ganzhi.wiring import Workspace, serving_cache


def test_a_round_asks_for_the_start_page_and_every_topic(workspace: Workspace) -> None:
    answers = Answers(workspace.workplace, serving_cache(workspace))
    asked: list[object] = []
    ask = answers.fresh
    answers.fresh = lambda viewer, build: asked.append(ask(viewer, build))  # type: ignore[assignment, return-value]
    Warmer(answers).ask()
    kinds = [type(each).__name__ for each in asked]
    assert kinds == ["StartPage"] + ["TopicPage"] * len(workspace.workplace.catalogue.topics)


def test_it_stops_when_told(workspace: Workspace) -> None:
    warmer = Warmer(Answers(workspace.workplace, serving_cache(workspace)))
    warmer.start()
    warmer.stop(10)
    assert not warmer._thread.is_alive()
