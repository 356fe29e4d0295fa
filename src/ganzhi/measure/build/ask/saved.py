"""Saved questions as a viewer may see them. Whoever opens one asks it anew, within their own reach.

A question shared in a unit is seen by those who work in that unit or below it. What a shared question says
about units that are not there for the reader is left out before the reader sees it.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlencode

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.asked import PLACE
from ganzhi.measure.build.ask.values import listed
from ganzhi.measure.views.ask.options import SavedQuestion
from ganzhi.measure.views.ask.question import Condition, Question, pairs_of, question_of
from ganzhi.store.questions import UNDO, Questions, Shared
from ganzhi.store.questions import Question as Kept
from ganzhi.warehouse.workplace import Workplace

MOST_FIELDS = 400


class SavedQuestions:
    """The saved questions of a workplace, for one viewer."""

    def __init__(self, workplace: Workplace, viewer: Viewer) -> None:
        viewer.require("query")
        self._workplace, self._viewer = workplace, viewer
        self._ground = Ground(workplace.catalogue, viewer)
        self._kept: Questions = workplace.store.questions

    def list(self) -> tuple[SavedQuestion, ...]:
        """The viewer's own and those shared with them, own ones first."""
        found = [self._seen(each) for each in self._kept.list(self._viewer.login) if self._may_see(each)]
        return tuple(sorted(found, key=lambda each: not each.own))

    def get(self, identity: str) -> SavedQuestion:
        """One of them; own ones that were deleted too, while they can be brought back.

        Raises: InputError ASK030 for one that is not there for the viewer.
        """
        return self._seen(self._found(identity))

    def save(self, name: str, shared: Shared, question: Question) -> SavedQuestion:
        """Keep a question; errors as of `Questions.add`."""
        content = urlencode(pairs_of(question))
        kept = self._kept.add(name=name, owner=self._viewer.login, shared=shared, unit=self._unit, content=content)
        return self._seen(kept)

    def change(
        self,
        identity: str,
        version: int,
        *,
        name: str | None = None,
        shared: Shared | None = None,
        question: Question | None = None,
    ) -> SavedQuestion:
        """Change a question as it was in a version; errors as of `Questions.change`."""
        content = None if question is None else urlencode(pairs_of(question))
        seen = self._as_of(identity, version)
        changed = self._kept.change(
            seen, self._viewer.login, name=name, shared=shared, unit=self._unit, content=content
        )
        return self._seen(changed)

    def delete(self, identity: str, version: int) -> SavedQuestion:
        """Delete it; `restore` brings it back. Errors as of `Questions.change`."""
        return self._seen(self._kept.delete(self._as_of(identity, version), self._viewer.login))

    def restore(self, identity: str, version: int) -> SavedQuestion:
        """Bring it back. Errors as of `Questions.change`."""
        return self._seen(self._kept.restore(self._as_of(identity, version), self._viewer.login))

    def state(self, kept: Kept) -> SavedQuestion:
        """A kept question of the viewer's own as they see it; for conflicts."""
        return self._seen(kept)

    @property
    def _unit(self) -> str:
        return self._viewer.units[0] if self._viewer.units else ""

    def _found(self, identity: str) -> Kept:
        kept = self._kept.get(identity)
        if kept is None or not self._may_see(kept):
            raise InputError(Issue("ASK030", identity[:64]))
        return kept

    def _as_of(self, identity: str, version: int) -> Kept:
        """The question as the viewer saw it: a version that is no longer the latest makes a conflict of the change."""
        return replace(self._found(identity), version=version)

    def _may_see(self, kept: Kept) -> bool:
        if kept.owner == self._viewer.login:
            return kept.deleted_at is None or kept.deleted_at > self._workplace.clock.now() - UNDO
        if kept.deleted_at is not None or kept.shared == "nobody":
            return False
        return kept.shared == "everybody" or self._works_in(kept.unit)

    def _works_in(self, unit: str) -> bool:
        """Whether one of the viewer's places is the unit or lies below it; empty is the whole organisation."""
        if unit == "":
            return True
        catalogue = self._workplace.catalogue
        if unit not in catalogue.units:
            return False
        shared_in = Ground(catalogue, replace(self._viewer, units=(unit,)))
        return any(shared_in.within(each) for each in self._viewer.units or (catalogue.root_unit,))

    def _seen(self, kept: Kept) -> SavedQuestion:
        own = kept.owner == self._viewer.login
        asked = question_of(parse_qs(kept.content, max_num_fields=MOST_FIELDS))
        question = asked if own else lent(self._workplace.catalogue, self._ground, asked)
        return SavedQuestion(
            id=kept.id,
            name=kept.name,
            owner=kept.owner,
            shared=kept.shared,
            own=own,
            deleted=kept.deleted_at is not None,
            changed_at=kept.changed_at,
            version=kept.version,
            question=question,
            left_out=question != asked,
        )


def lent(catalogue: Catalogue, ground: Ground, question: Question) -> Question:
    """Somebody else's question without the units that are not there for the reader."""
    unit = question.unit if question.unit is not None and ground.within(question.unit) else None
    columns = {PLACE} | {feed.unit for code, feed in catalogue.feeds.items() if code == question.feed}
    conditions = tuple(
        each
        for each in question.conditions
        if each.column not in columns or all(ground.within(value) for value in _values(each))
    )
    return replace(question, unit=unit, conditions=conditions)


def _values(condition: Condition) -> tuple[str, ...]:
    if condition.op in ("empty", "filled"):
        return ()
    try:
        return listed(condition.value, "v")
    except InputError:
        return (condition.value,)
