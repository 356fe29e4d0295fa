"""Bodies of pages that were set before.

The body of a page that says so (`Page.rests`) depends on what is asked, in which language, by a viewer of which rights,
and on one state of the numbers; never on who asks. It is set for a viewer without a name, and given again to everybody
for whom it would come out the same. What belongs to one visitor (their name, the token of their forms) stands in the
frame around it, which is set anew for each request.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace

from markupsafe import Markup

from ganzhi.access.rights import Viewer
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.page import Html
from ganzhi.portal.visit import Visit

MOST_KEPT = 512
MOST_CHARACTERS = 24_000_000
"""Of all bodies together; some 50 MB."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page that was set. html: without its model. body: the page without its frame, or the part that was asked for."""

    html: Html
    body: Markup


class Bodies:
    """The latest bodies; safe for threads."""

    def __init__(self, most: int = MOST_KEPT, characters: int = MOST_CHARACTERS) -> None:
        self._most, self._characters = most, characters
        self._guard = threading.Lock()
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> Made | None:
        """What was kept under a key."""
        with self._guard:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, made: Made) -> None:
        """Keep a body, and let go of those that were not asked for lately."""
        with self._guard:
            former = self._kept.pop(key, None)
            self._size += len(made.body) - (0 if former is None else len(former.body))
            self._kept[key] = made
            while self._kept and (len(self._kept) > self._most or self._size > self._characters):
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.body)


def nameless(visit: Visit, door: Door) -> Visit:
    """The visit of somebody of the same rights who has no name, no session and no browser: what is set for it can hold
    nothing of the visitor."""
    viewer = _nameless(visit.context.viewer)
    return replace(
        visit,
        context=door.context(viewer),
        visitor=Visitor(viewer, ""),
        lang_chosen=False,
        cookies={},
        address="",
        agent="",
        origin="",
        cross_site=False,
    )


def _nameless(viewer: Viewer) -> Viewer:
    return replace(viewer, login="", name="")


def key_of(name: str, visit: Visit, state: Hashable, part: str | None) -> Hashable:
    """All that a body depends on. name: of the page. state: of what it rests on, read before it is set."""
    asked = tuple((key, tuple(values)) for key, values in visit.lists.items() if key != "lang")
    return name, state, _nameless(visit.context.viewer), visit.lang, visit.path, tuple(visit.query.items()), asked, part
