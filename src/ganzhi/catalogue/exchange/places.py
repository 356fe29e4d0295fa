"""Issues about a proposal, told at the place people know: the cell of their workbook.

A proposal is checked as catalogue files that nobody has seen; their names and lines help no one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ganzhi.base.errors import Issue, Location


def relocated(
    issues: Iterable[Issue],
    folder: str,
    places: Mapping[tuple[str, ...], Location],
    drop: Mapping[str, tuple[str, ...]],
) -> list[Issue]:
    """Issues with cells instead of lines below `folder`, where `places` knows them.

    A reference to an entry that the proposal drops becomes CAT136: it is the dropping that is refused.
    """
    found = []
    for issue in issues:
        if issue.code == "CAT070" and issue.params.get("value") in drop.get(issue.params.get("kind", ""), ()):
            params = {"kind": issue.params["kind"], "by": issue.subject}
            found.append(Issue("CAT136", issue.params["value"], issue.at, params))
        elif issue.at is not None and issue.at.file.startswith(f"{folder}/"):
            kind = issue.at.file.removeprefix(f"{folder}/").partition(".")[0]
            at = _place(kind, issue.subject, places)
            found.append(replace(issue, at=at or Location(f"{folder} {kind}", 0)))
        else:
            found.append(issue)
    return found


def _place(kind: str, subject: str, places: Mapping[tuple[str, ...], Location]) -> Location | None:
    """The place of the deepest field that the subject `code.field.…` names."""
    words = subject.split(".")
    for end in range(len(words), 0, -1):
        code = ".".join(words[:end])
        path = [kind, code]
        if tuple(path) not in places:
            continue
        at = places[tuple(path)]
        for word in words[end:]:
            path.append(word)
            if tuple(path) not in places:
                break
            at = places[tuple(path)]
        return at
    return None
