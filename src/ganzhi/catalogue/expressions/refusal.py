"""A refusal inside the reading of one text, before anybody knows which file and entry it came from."""

from __future__ import annotations

from ganzhi.base.errors import Issue, Location


class Refused(Exception):  # noqa: N818 - a verdict on a text, not an error of ours
    """One rule is broken; `issue` turns it into an Issue at a place."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(code, params)

    def issue(self, subject: str, at: Location | None) -> Issue:
        """The Issue this refusal becomes."""
        return Issue(self.code, subject, at, self.params)
