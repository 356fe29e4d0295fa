"""What the operations answer from: one open workspace, its answers, and who may ask what."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.counted.limits import shared_by
from ganzhi.access.rights import LOCAL, Ground, Viewer
from ganzhi.access.shown.hidden import Hidden, hidden_from
from ganzhi.access.tokens import Tokens
from ganzhi.api.cursor import Cursors
from ganzhi.api.limits import Limiter
from ganzhi.measure.answers import Answers
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import Workspace

GROUNDS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. token: the public part of the token; None for this machine's own user."""

    viewer: Viewer
    token: str | None = None


THIS_MACHINE = Caller(LOCAL)


class House:
    """An open workspace as the API sees it. guarded: whether visits begin with signing in."""

    def __init__(
        self,
        workplace: Workplace,
        answers: Answers,
        tokens: Tokens,
        limiter: Limiter,
        guarded: Callable[[], bool],
    ) -> None:
        self.workplace, self.answers, self.tokens = workplace, answers, tokens
        self.limiter, self.guarded = limiter, guarded
        self.cursors = Cursors()
        self._guard = threading.Lock()
        self._grounds: dict[tuple[str, ...], tuple[Ground, Hidden]] = {}

    def ground(self, viewer: Viewer) -> Ground:
        """The units that exist for a viewer."""
        return self._of(viewer)[0]

    def hidden(self, viewer: Viewer) -> Hidden:
        """What must not be named to a viewer."""
        return self._of(viewer)[1]

    def _of(self, viewer: Viewer) -> tuple[Ground, Hidden]:
        with self._guard:
            found = self._grounds.get(viewer.units)
        if found is None:
            ground = Ground(self.workplace.catalogue, viewer)
            found = ground, hidden_from(self.workplace.catalogue, ground)
            with self._guard:
                if len(self._grounds) >= GROUNDS_KEPT:
                    self._grounds.clear()
                self._grounds[viewer.units] = found
        return found


def house_of(workspace: Workspace, answers: Answers, guarded: Callable[[], bool]) -> House:
    """The API's view of an open workspace; answers: shared with the pages. guarded: the door's rule, see `House`."""
    store, limits = workspace.workplace.store, workspace.settings.api
    limiter = Limiter(limits.requests_per_minute, limits.at_once, shared=shared_by(store))
    return House(workspace.workplace, answers, Tokens(store), limiter, guarded)
