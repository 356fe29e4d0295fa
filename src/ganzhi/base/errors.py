"""What can go wrong, as values.

Three families: `InputError` (someone's file, catalogue or request), `EngineError` (an outside
system; says whether a retry may help) and `InternalError` (our bug). Validation collects every
`Issue` and reports once; the wording of an issue lives in the message files, never in code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Location(NamedTuple):
    """A place in a file: `line` and `column` count from 1, 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return self.file if self.line == 0 else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, where, and (through its code's message) why and what to do.

    code: for example `CAT014`; `issue.<code>.cause` and `issue.<code>.remedy` are message keys.
    subject: the catalogue code, column or request field that is meant.
    params: values for the placeholders of the message; never personal data.
    """

    code: str
    subject: str = ""
    at: Location | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = "error"


class GanzhiError(Exception):
    """Root of everything this package raises on purpose."""


class InputError(GanzhiError):
    """Someone's file, catalogue or request is not acceptable; nothing has been changed."""

    def __init__(self, issues: Issue | Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = (issues,) if isinstance(issues, Issue) else tuple(issues)
        super().__init__("; ".join(f"{i.code} {i.at or ''} {i.subject}".strip() for i in self.issues))


class EngineError(GanzhiError):
    """An outside system (disk, database, engine) failed.

    retryable: whether the same call may succeed later without anybody changing anything.
    """

    def __init__(self, issue: Issue, *, retryable: bool = False) -> None:
        self.issue = issue
        self.retryable = retryable
        super().__init__(f"{issue.code} {issue.subject} {dict(issue.params)}")


class InternalError(GanzhiError):
    """Our own guarantee did not hold; the operation was abandoned and nothing was committed."""
