"""What to answer when a request cannot be served: which parameter is wrong, what to do, the way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ganzhi.access.rights import AccessError
from ganzhi.base.errors import EngineError, GanzhiError, InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.base.messages import Lang, catalogue, cause, remedy
from ganzhi.portal.forms import Form
from ganzhi.portal.gate.limits import TooOftenError
from ganzhi.portal.links import with_parameter
from ganzhi.portal.visit import Visit

PARAMETER_OF = {
    "REQ001": "period",
    "REQ002": "grain",
    "REQ003": "period",
    "REQ010": "indicator",
    "REQ012": "region",
}
"""Parameter that an issue is about, where its subject is the value given and not the name."""

RENAMED = {"unit": "region", "compare": "vs"}
"""Names of view-model questions that URLs write otherwise."""


@dataclass(frozen=True, slots=True)
class Said:
    """One issue in words. parameter: the one that is wrong; without: the page without it."""

    code: str
    cause: str
    remedy: str
    parameter: str | None
    without: str | None


@dataclass(frozen=True, slots=True)
class After:
    """What a page shows of the form that was sent to it. done: what was done, in words; wrong: why nothing was; at: which
    act was wanted; given: what stood in the fields; status: of the answer."""

    done: str | None = None
    wrong: tuple[Said, ...] = ()
    at: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def model(self) -> dict[str, object]:
        """Its part of a template's model."""
        return {"done": self.done, "wrong": self.wrong, "at": self.at, "given": self.given}


@dataclass(frozen=True, slots=True)
class Refusal:
    """status: 400, 401, 403, 404, 405, 413, 429, 500 or 503. id: under which the log has the details, for 500 and 503.
    wait_s: after how long to ask again, where that is known."""

    status: int
    issues: tuple[Said, ...]
    id: str | None = None
    wait_s: int | None = None


def parameter_of(visit: Visit, issue: Issue) -> str | None:
    """The query parameter an issue is about, if it is about one."""
    if issue.subject and issue.subject in visit.codes.values() and issue.subject not in visit.query.values():
        return None
    named = RENAMED.get(issue.subject, issue.subject)
    for name in (named, PARAMETER_OF.get(issue.code)):
        if name in visit.query:
            return name
    return next((name for name, value in visit.query.items() if value and value[:64] == issue.subject), None)


def said_of(visit: Visit, issue: Issue) -> Said:
    """An issue in the reader's words."""
    lang: Lang = visit.lang
    parameter = parameter_of(visit, issue)
    without = None if parameter is None else with_parameter(visit.path, visit.query, parameter, None)
    if f"issue.{issue.code}.cause" not in catalogue(lang):
        return Said(issue.code, issue.code, "", parameter, without)
    return Said(issue.code, cause(lang, issue), remedy(lang, issue), parameter, without)


def refused(visit: Visit, form: Form, error: InputError) -> After:
    """After a form that was refused: nothing was done, what was typed stays."""
    said = tuple(said_of(visit, issue) for issue in error.issues)
    return After(wrong=said, at=form.values.get("do", "")[:40], given=form.values, status=400)


def refusal(visit: Visit, error: GanzhiError) -> Refusal:
    """The answer to an error that somebody raised on purpose."""
    if isinstance(error, InputError):
        said = tuple(said_of(visit, issue) for issue in error.issues)
        codes = set(visit.codes.values())
        missing = any(
            entry.parameter is None and (issue.subject in codes or issue.code.startswith("POR01"))
            for entry, issue in zip(said, error.issues, strict=True)
        )
        return Refusal(404 if missing else 400, said)
    if isinstance(error, AccessError):
        return Refusal(403, (said_of(visit, error.issue),))
    if isinstance(error, TooOftenError):
        return Refusal(429, (said_of(visit, error.issue),), wait_s=error.wait_s)
    if isinstance(error, EngineError):
        return Refusal(503, (said_of(visit, error.issue),), new_id())
    return Refusal(500, (), new_id())
