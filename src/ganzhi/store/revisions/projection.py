"""Approved edits as files in the workspace, kept equal to what the store says.

Each approval is a folder `0001-<end of its id>` below `catalogue/edits`, written under a hidden name and
renamed when whole, so a reader sees all of it or nothing. Killed between commit and renaming, the
folder is made again from the store; a folder whose proposal is not approved (the store came back
from a backup) is taken away, its content being in the proposal. A folder that was changed by hand is
set aside under a hidden name. Refuses folders of a proposal the store has never seen (STO030).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ganzhi.base.errors import EngineError, InputError, Issue, Location
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.catalogue.exchange.changes import files_of, from_document
from ganzhi.catalogue.files import SourceFile
from ganzhi.store.open import Store
from ganzhi.store.revisions.proposals import Proposal

ID_END = 12
"""Characters of a proposal's id in its folder's name, and in what people type."""


HALF_AFTER_S = 600
"""Age from which a half-written folder is nobody's any more."""


def short_id(proposal: Proposal) -> str:
    """The end of a proposal's id, which is random."""
    return proposal.id[-ID_END:]


def folder_name(proposal: Proposal) -> str:
    """The folder of an approved proposal; names sort in the order of approval."""
    return f"{proposal.number or 0:04}-{short_id(proposal)}"


def settle(folder: Path, store: Store) -> list[str]:
    """Make the folder of approved edits say what the store says; names of what was made or taken away.

    Raises: InputError STO030 for edits the store knows nothing of; EngineError STO007 when the
    folder cannot be written.
    """
    approved = {folder_name(each): each for each in store.proposals.approved()}
    there = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if not approved and not there:
        return []
    try:
        return _settle(folder, store, approved, there)
    except OSError as error:
        params = {"reason": error.strerror or str(error)}
        raise EngineError(Issue("STO007", str(folder), params=params), retryable=True) from error


def _settle(folder: Path, store: Store, approved: dict[str, Proposal], there: Sequence[str]) -> list[str]:
    done: list[str] = []
    known = {short_id(each) for each in store.proposals.list()}
    strange = [name for name in there if not name.startswith(".") and name.rpartition("-")[2] not in known]
    if strange:
        raise InputError(
            [Issue("STO030", name, Location(f"{folder.parent.name}/{folder.name}/{name}")) for name in strange]
        )
    for name in there:
        if name.startswith(".half-"):
            _remove_old(folder / name, store)
        elif not name.startswith(".") and name not in approved:
            shutil.rmtree(folder / name)
            done.append(name)
    for name, proposal in approved.items():
        files = edit_files(proposal)
        if _read(folder / name) != {each.name.rpartition("/")[2]: each.data for each in files}:
            if (folder / name).exists():
                (folder / name).rename(folder / f".aside-{name}-{new_id()[-ID_END:]}")
            write_folder(folder, name, files)
            done.append(name)
    return done


def _remove_old(half: Path, store: Store) -> None:
    """Remove what a killed process left half written, but not what another one is writing now."""
    with contextlib.suppress(OSError):
        if abs(store.clock.now().timestamp() - half.stat().st_mtime) > HALF_AFTER_S:
            shutil.rmtree(half, ignore_errors=True)


def edit_files(proposal: Proposal) -> list[SourceFile]:
    """The files of an approved proposal."""
    decided = "" if proposal.decided_at is None else f"{proposal.decided_at:%Y-%m-%d}"
    heading = (
        f"Approved edit {folder_name(proposal)}; written by ganzhi, not to be edited by hand.\n"
        f"Proposed by {_line(proposal.author)}; approved by {_line(proposal.decided_by or '')} on {decided}.\n"
        f"Reason: {_line(proposal.reason)}"
    )
    return files_of(from_document(proposal.content), folder_name(proposal), heading)


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:200]


def _read(folder: Path) -> dict[str, bytes] | None:
    if not folder.is_dir():
        return None
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def write_folder(folder: Path, name: str, files: Sequence[SourceFile]) -> None:
    """Write an edit's files below a hidden name, bring them to the disk, and give them their name."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".half-{name}-{new_id()[-ID_END:]}"
    half.mkdir()
    for file in files:
        with (half / file.name.rpartition("/")[2]).open("wb") as stream:
            stream.write(file.data)
            stream.flush()
            os.fsync(stream.fileno())
    _sync(half)
    failpoint("revisions.half_written")
    try:
        half.rename(folder / name)
    except OSError:
        # Another process was quicker; both write the same.
        if not (folder / name).is_dir():
            raise
        shutil.rmtree(half, ignore_errors=True)
    _sync(folder)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
