"""Where people change the catalogue: propose, look, approve, reject.

A proposal is checked completely, as if it were approved already, when it is made and again when it is
decided. One whose base is no longer in force is built again on what is, as long as nobody touched
the same entries; otherwise it is refused with both versions named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, InternalError, Issue, Location
from ganzhi.catalogue.content import from_json, to_json
from ganzhi.catalogue.exchange.changes import Change, files_of, from_document, still_applies, to_document
from ganzhi.catalogue.exchange.difference import Difference, difference
from ganzhi.catalogue.exchange.places import relocated
from ganzhi.catalogue.files import SourceFile
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import Store
from ganzhi.store.revisions.projection import settle
from ganzhi.store.revisions.proposals import Approval, Proposal

PROPOSED = "proposal"
"""Folder name in messages about files that are not written yet."""

Load = Callable[[Sequence[SourceFile]], tuple[Catalogue | None, list[Issue]]]
"""Loads the workspace's catalogue with files that would be the next approved edit."""
Places = Mapping[tuple[str, ...], Location]


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal with what it would do now. rebased_from: its base, where another version is in force now."""

    proposal: Proposal
    difference: Difference
    result: Catalogue
    warnings: tuple[Issue, ...] = ()
    rebased_from: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The catalogue of a workspace as something that people change.

    current: the catalogue in force, as files and approved edits have it. edits: their folder.
    """

    store: Store
    current: Catalogue
    load: Load
    edits: Path
    zone: ZoneInfo

    def base(self, version: str) -> Catalogue:
        """A catalogue by its version: the one in force, or one the store remembers (REQ026 otherwise)."""
        if version == self.current.version:
            return self.current
        content = self.store.catalogues.get(version)
        if content is None:
            raise InputError(Issue("REQ026", version[:64], params={"found": "0", "known": self.current.version}))
        return from_json(content)

    def propose(
        self,
        change: Change,
        *,
        author: str,
        reason: str,
        source: str,
        base: str | None = None,
        places: Places | None = None,
    ) -> Judged:
        """Record a change as a proposal when what would come of it passes every check.

        base: the version it was made from, by default the one in force. places: where its fields
        stand in the file it came from, for issues.
        Raises: InputError STO031 when entries were changed since, and every issue of the result.
        """
        made_from = base or self.current.version
        result, warnings = self._result(change, made_from, places or {})
        found = self.store.proposals.propose(
            base_version=made_from, content=to_document(change), author=author, reason=reason, source=source
        )
        return self._judged(found, result, warnings)

    def judge(self, proposal: Proposal) -> Judged:
        """What an open proposal would do now, or what a decided one did; errors as of `propose`."""
        if proposal.state == "approved" and proposal.resulting_version is not None:
            result = self.base(proposal.resulting_version)
            return Judged(proposal, difference(self.base(proposal.base_version), result), result)
        result, warnings = self._result(from_document(proposal.content), proposal.base_version, {})
        return self._judged(proposal, result, warnings)

    def approve(self, proposal: Proposal, *, by: str, note: str = "", valid_from: date | None = None) -> Judged:
        """Put a proposal in force, wholly or not at all, and write its files.

        valid_from: the day the definitions hold from, by default today.
        Raises: InputError as of `judge`, STO005 when the catalogue changed meanwhile, REQ029, REQ030.
        """
        judged = self.judge(proposal) if proposal.state == "proposed" else None
        today = self.store.clock.now().astimezone(self.zone).date()
        result = self.current if judged is None else judged.result
        approval = Approval(self.current.version, result.version, to_json(result), valid_from or today)
        done = self.store.proposals.approve(proposal, approval, by=by, note=note)
        assert judged is not None
        settle(self.edits, self.store)
        again, _ = self.load(())
        if again is None or again.version != result.version:
            raise InternalError(f"the approved edit gives {again and again.version}, not {result.version}")
        return replace(judged, proposal=done)

    def _judged(self, proposal: Proposal, result: Catalogue, warnings: tuple[Issue, ...]) -> Judged:
        stale = None if proposal.base_version == self.current.version else proposal.base_version
        return Judged(proposal, difference(self.current, result), result, warnings, stale)

    def _result(self, change: Change, base: str, places: Places) -> tuple[Catalogue, tuple[Issue, ...]]:
        """The catalogue in force with the change, checked."""
        if base != self.current.version:
            touched = still_applies(change, self.base(base), self.current)
            if touched:
                params = {"base": base, "current": self.current.version}
                raise InputError([Issue("STO031", f"{kind}.{code}", params=params) for kind, code in touched])
        result, issues = self.load(files_of(change, PROPOSED))
        found = relocated(issues, PROPOSED, places, change.drop)
        errors = [issue for issue in found if issue.severity == "error"]
        if errors or result is None:
            raise InputError(errors)
        return result, tuple(found)
