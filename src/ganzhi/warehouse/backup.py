"""One folder that holds a whole workspace: store, warehouse files, catalogue and settings.

The store's copy is taken first-hand by the store; around it all files that counted at some moment
in between are put in, so the copy never names a file that is not there, whatever is loaded
meanwhile. `backup.json`, written last, lists every file with its SHA-256; without it a folder is
no backup. A second backup into the same folder adds what is missing. Keys and secrets from outside
the workspace are not part of it. Restores only into an empty place, after all hashes were checked.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.base.settings import SETTINGS_FILE
from ganzhi.store.manifest import FileRef
from ganzhi.warehouse.disk import disk_errors_as_issues, make_folder, sha256_of, sync
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.staging import FOLDER_MODE
from ganzhi.warehouse.sweep import SWEEP_LOCK
from ganzhi.warehouse.workplace import Workplace

INDEX = "backup.json"
FORMAT = 1
_FILES = "warehouse"
_SETS = "sets"
_STORE = "store.backup"
_SETTINGS_FOLDER = "catalogue"
_UNFINISHED = ".restoring"
_LOCK_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup: where it is in the backup, where it belongs in a workspace, its content."""

    path: str
    target: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds. commit: the manifest's commit it holds at least. added: files that were
    not there from an earlier backup."""

    made_at: str
    commit: int
    entries: tuple[Entry, ...]
    added: int

    @property
    def bytes(self) -> int:
        """Size of everything it lists."""
        return sum(entry.bytes for entry in self.entries)


def backup(workplace: Workplace, to: Path) -> BackupReport:
    """Write a backup to a new or empty folder, or bring the backup in `to` up to date.

    Raises: InputError WHS020 when `to` holds something else; EngineError WHS001 to WHS004.
    """
    to = to.absolute()
    _check_target(to, workplace.root)
    part = f"{_SETS}/{new_id()}"
    with (
        writer_lock(workplace.root, SWEEP_LOCK, _LOCK_WAIT_S, workplace.clock, "backup"),
        disk_errors_as_issues(str(to)),
    ):
        make_folder(to / part, upto=to, mode=0o700)
        to.chmod(0o700)
        before = workplace.store.manifest.snapshot()
        workplace.store.backup(to / part / _STORE)
        failpoint("backup.after_store")
        files = _files_since(workplace, before.commit)
        added = sum(_bring(workplace.files.checked_path(file), to / _FILES / file.path, file, to) for file in files)
        failpoint("backup.after_files")
        entries = [Entry(f"{_FILES}/{f.path}", f"{_FILES}/{f.path}", f.sha256, f.bytes) for f in files]
        entries += [_entry(to, f"{part}/{_STORE}", _STORE)]
        entries += _copy_settings(workplace.root, to, part)
        report = BackupReport(workplace.clock.now().isoformat(), before.commit, tuple(entries), added)
        _write_index(to, report)
        failpoint("backup.after_index")
        _remove_older_sets(to, part)
    return report


def read_index(folder: Path) -> BackupReport:
    """What a backup says it holds; InputError WHS021 when there is none, WHS022 when it is of a newer program."""
    try:
        raw = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if raw["product"] != "ganzhi":
            raise InputError(Issue("WHS021", str(folder)))
        if raw["format"] != FORMAT:
            raise InputError(Issue("WHS022", str(folder), params={"format": str(raw["format"])}))
        entries = tuple(Entry(**entry) for entry in raw["entries"])
        return BackupReport(raw["made_at"], raw["commit"], entries, 0)
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(Issue("WHS021", str(folder))) from None


def verify(folder: Path) -> list[Issue]:
    """Compare every file of a backup with its hash; empty when it is whole."""
    found: list[Issue] = []
    for entry in read_index(folder).entries:
        path = folder / entry.path
        try:
            if path.stat().st_size != entry.bytes or sha256_of(path) != entry.sha256:
                found.append(Issue("WHS024", entry.path))
        except OSError:
            found.append(Issue("WHS023", entry.path))
    return found


def restore(from_folder: Path, to: Path, restore_store: Callable[[Path], None]) -> BackupReport:
    """Make a workspace of a backup in a folder that is new or empty; the settings come last, so a
    half-restored folder is no workspace; it is emptied again, after a kill by the next restore.

    restore_store: fills the new workspace's store from the store's copy (wiring knows its URL).
    Raises: InputError WHS020 when `to` is not empty, WHS021 to WHS024 when the backup is not whole.
    """
    from_folder, to = from_folder.absolute(), to.absolute()
    if to.exists() and not (to / _UNFINISHED).exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError(Issue("WHS020", str(to)))
    report = read_index(from_folder)
    if broken := verify(from_folder):
        raise InputError(broken)
    try:
        with disk_errors_as_issues(str(to)):
            to.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            _empty(to)
            (to / _UNFINISHED).touch()
            (to / _FILES).mkdir(mode=FOLDER_MODE)
            (to / _SETTINGS_FOLDER).mkdir(mode=FOLDER_MODE)
            last = [entry for entry in report.entries if entry.target == SETTINGS_FILE]
            for entry in report.entries:
                if entry.target not in (_STORE, SETTINGS_FILE):
                    _put(from_folder, to, entry)
            store = next(entry for entry in report.entries if entry.target == _STORE)
            failpoint("restore.before_store")
            restore_store(from_folder / store.path)
            (to / _UNFINISHED).unlink()
            failpoint("restore.before_settings")
            for entry in last:
                _put(from_folder, to, entry)
    except BaseException:
        _empty(to)
        raise
    return report


def _check_target(to: Path, root: Path) -> None:
    if to == root or root in to.parents:
        raise InputError(Issue("WHS025", str(to)))
    if to.exists() and not (to / INDEX).is_file() and (not to.is_dir() or _holds_more_than_sets(to)):
        raise InputError(Issue("WHS020", str(to)))
    if (to / INDEX).is_file():
        read_index(to)


def _holds_more_than_sets(to: Path) -> bool:
    """A backup that was killed before its index left only these two folders."""
    return any(path.name not in (_SETS, _FILES) for path in to.iterdir())


def _files_since(workplace: Workplace, commit: int) -> list[FileRef]:
    """Every file that counted, or was an input of one that did, at some moment since `commit`."""
    manifest = workplace.store.manifest
    live = manifest.snapshot().files
    retired = manifest.retired_before(workplace.clock.now() + timedelta(days=36_500))
    needed = [*live, *(file for file in retired if file.removed is not None and file.removed > commit)]
    needed += manifest.files({id_ for file in needed for id_ in file.inputs})
    return sorted({file.path: file for file in needed}.values(), key=lambda file: file.path)


def _bring(source: Path, target: Path, file: FileRef, to: Path) -> bool:
    """Link a warehouse file into the backup, or copy it where linking is not possible; whether it was missing."""
    if target.exists() and target.stat().st_size == file.bytes:
        return False
    make_folder(target.parent, upto=to, mode=0o700)
    draft = target.with_name(f".{target.name}.part")
    draft.unlink(missing_ok=True)
    try:
        os.link(source, draft)
    except OSError:
        shutil.copyfile(source, draft)
        sync(draft)
        if sha256_of(draft) != file.sha256:
            draft.unlink()
            raise EngineError(Issue("WHS004", file.path)) from None
    draft.replace(target)
    sync(target.parent)
    return True


def _copy_settings(root: Path, to: Path, part: str) -> list[Entry]:
    found: list[Entry] = []
    for source in _settings_files(root):
        relative = str(source.relative_to(root))
        target = to / part / relative
        make_folder(target.parent, upto=to, mode=0o700)
        shutil.copyfile(source, target)
        sync(target)
        found.append(_entry(to, f"{part}/{relative}", relative))
    return found


def _settings_files(root: Path) -> Iterator[Path]:
    if (root / SETTINGS_FILE).is_file():
        yield root / SETTINGS_FILE
    yield from sorted(path for path in (root / _SETTINGS_FOLDER).rglob("*") if path.is_file())


def _entry(to: Path, path: str, target: str) -> Entry:
    file = to / path
    return Entry(path, target, sha256_of(file), file.stat().st_size)


def _write_index(to: Path, report: BackupReport) -> None:
    content = {
        "product": "ganzhi",
        "format": FORMAT,
        "made_at": report.made_at,
        "commit": report.commit,
        "entries": [{"path": e.path, "target": e.target, "sha256": e.sha256, "bytes": e.bytes} for e in report.entries],
    }
    draft = to / f"{INDEX}.part"
    draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
    sync(draft)
    draft.replace(to / INDEX)
    sync(to)


def _remove_older_sets(to: Path, part: str) -> None:
    for folder in (to / _SETS).iterdir():
        if folder != to / part:
            shutil.rmtree(folder, ignore_errors=True)


def _put(from_folder: Path, to: Path, entry: Entry) -> None:
    target = to / entry.target
    if ".." in Path(entry.target).parts or not target.is_relative_to(to):
        raise InputError(Issue("WHS021", str(from_folder)))
    make_folder(target.parent, upto=to, mode=FOLDER_MODE)
    shutil.copyfile(from_folder / entry.path, target)
    if entry.target.startswith(f"{_FILES}/"):
        target.chmod(0o440)
    sync(target)
    sync(target.parent)


def _empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
