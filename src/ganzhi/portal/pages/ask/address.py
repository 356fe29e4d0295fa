"""Addresses of free questions: the address is the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from ganzhi.measure.views.ask.question import Question, pairs_of, question_of
from ganzhi.portal.ports.ask import AskPorts
from ganzhi.portal.visit import Visit

PATH = "/query"
SAVED_PATH = "/query/saved"
RUNNING_PATH = "/query/running"
_OWN = ("saved", "lang", "page", "sort", "encoding", "table")
"""Parameters beside which a saved question is asked as it was kept."""


def ask_ports_of(visit: Visit) -> AskPorts:
    """The ports of free questions."""
    ports = visit.context.ask
    assert ports is not None
    return ports


def address(question: Question, *more: tuple[str, str], page: bool = False) -> str:
    """The page that asks a question."""
    return with_pairs(PATH, (*pairs_of(question, page=page), *more))


def with_pairs(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    """A path with these parameters, in their order."""
    return f"{path}?{urlencode(pairs, quote_via=quote, safe=':,')}" if pairs else path


def changed(question: Question, **fields: Any) -> str:
    """The same question with some fields changed, on its first page."""
    return address(replace(question, page=1, **fields))


def asked(visit: Visit) -> Question:
    """The question of a visit: what its address says, or, where that names a saved one and nothing else, the saved one.

    Raises: InputError as `question_of`, and ASK030 for a saved one that is not there for the viewer.
    """
    question = question_of(visit.lists)
    saved = visit.query.get("saved")
    if not saved or any(name not in _OWN for name in visit.query):
        return question
    kept = ask_ports_of(visit).saved().get(saved[:64]).question
    return replace(kept, page=question.page, sort=question.sort or kept.sort)
