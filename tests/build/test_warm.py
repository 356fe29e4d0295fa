"""What people ask first is asked before they do."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.scope import Reader
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


def test_who_asks_while_an_answer_is_being_built_waits_for_it(workspace: Workspace) -> None:
    answers, built, go = Answers(workspace.workplace, serving_cache(workspace)), [0], threading.Event()

    def build(reader: Reader) -> object:
        built[0] += 1
        assert go.wait(10)
        return object()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(answers.kept, LOCAL, "what", build) for _ in range(8)]
        go.set()
        found = {id(each.result()) for each in asked}
    assert (built[0], len(found)) == (1, 1)


def test_a_build_that_fails_keeps_nobody_waiting_and_nothing(workspace: Workspace) -> None:
    answers, built = Answers(workspace.workplace, serving_cache(workspace)), [0]

    def build(reader: Reader) -> int:
        built[0] += 1
        if built[0] < 3:
            raise ValueError("no")
        return built[0]

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            answers.kept(LOCAL, "what", build)
    assert [answers.kept(LOCAL, "what", build) for _ in range(2)] == [3, 3]
