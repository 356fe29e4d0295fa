"""What a visitor is told when they are not let in: little, and the same for every reason."""

from __future__ import annotations

from ganzhi.base.errors import GanzhiError, Issue


class NotSignedInError(GanzhiError):
    """Nobody, or somebody whose proof does not hold; answered with 401. The reason stands in the log only."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(f"{issue.code} {issue.subject}")


class TooManyAttemptsError(NotSignedInError):
    """Signing in has to wait; answered with 429 and `Retry-After: wait_s`."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(Issue("ACC021", params={"seconds": str(wait_s)}))
