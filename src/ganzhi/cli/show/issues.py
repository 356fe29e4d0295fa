"""Issues as people and programs read them."""

from __future__ import annotations

from collections.abc import Sequence

from ganzhi.base.errors import Issue
from ganzhi.base.messages import Lang, cause, remedy, render

ISSUE_COLUMNS = ("code", "severity", "file", "line", "subject", "cause", "remedy")


def as_text(lang: Lang, issues: Sequence[Issue]) -> str:
    """Every issue with code, place, subject, cause and remedy; errors before warnings."""
    ordered = sorted(issues, key=lambda issue: issue.severity != "error")
    return "\n".join(render(lang, issue) for issue in ordered)


def as_records(lang: Lang, issues: Sequence[Issue]) -> list[dict[str, object]]:
    """Every issue as a record of `ISSUE_COLUMNS`; a file without a line has line 0."""
    return [
        {
            "code": issue.code,
            "severity": issue.severity,
            "file": issue.at.file if issue.at else None,
            "line": issue.at.line if issue.at else None,
            "subject": issue.subject,
            "cause": cause(lang, issue),
            "remedy": remedy(lang, issue),
        }
        for issue in issues
    ]
