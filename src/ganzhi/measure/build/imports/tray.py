"""Uploads that do not count yet, as folders on the disk: `imports/<id>/` with the file and what is known of it.

An upload is there whole or not at all: it is written under another name and renamed last. It belongs to
who sent it and is thrown away after `KEPT`. Nothing of what a browser says becomes a path but a safe form
of the file's name, in a folder of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.ingest.reading.delivered import shown_name
from ganzhi.warehouse.disk import disk_errors_as_issues, sync

FOLDER = "imports"
ABOUT = ".about.json"
"""No safe name begins with a dot."""
MOST_BYTES = 64 << 20
KEPT = timedelta(hours=24)
MOST_WAITING = 20
"""Uploads of one login; the oldest give way."""

_HALF_KEPT = timedelta(hours=1)
_CHUNK = 1 << 20
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSAFE = re.compile(r"[^\w.+-]+")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Upload:
    """What is known of an upload. tops: units its sender is bound to. name: as it was called, safe to show.
    file: as it is called here. load: what it became, None as long as it does not count."""

    id: str
    login: str
    tops: tuple[str, ...]
    feed: str
    mapping: str
    name: str
    file: str
    size: int
    sha256: str
    at: datetime
    load: str | None = None

    @property
    def until(self) -> datetime:
        """When it is thrown away."""
        return self.at + KEPT


def safe_name(given: str) -> str:
    r"""A file's name that is no path, starts with no dot and holds letters, digits and `._+-` only.

    >>> safe_name("..\\..\\etc/passwd"), safe_name("话务 3月.csv"), safe_name(".\x00"), safe_name("a" * 99 + ".csv")[-8:]
    ('passwd', '话务_3月.csv', 'upload', 'aaaa.csv')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = _UNSAFE.sub("_", last).lstrip("._-")
    stem, dot, ending = name.rpartition(".")
    ending = ending[:12]
    if not dot or not stem:
        return name[:_LONGEST_NAME] or "upload"
    while len(f"{stem}.{ending}".encode()) > 2 * _LONGEST_NAME or len(stem) + len(ending) + 1 > _LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem}.{ending}"


class Tray:
    """The uploads of a workspace."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER

    def put(self, upload: Upload, content: BinaryIO) -> Upload:
        """Keep an upload; size and hash are taken from what was read.

        Raises: InputError IMP002 when it is too large, IMP003 when it is empty; EngineError when the disk fails.
        """
        with disk_errors_as_issues(upload.name):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            half = self._folder / f".part-{upload.id}"
            half.mkdir(mode=0o700)
            try:
                size, sha256 = _write(content, half / upload.file, upload.name)
                done = replace(upload, size=size, sha256=sha256)
                failpoint("imports.written")
                _write_about(half, done)
                half.rename(self._folder / upload.id)
                sync(self._folder)
            except BaseException:
                shutil.rmtree(half, ignore_errors=True)
                raise
        return done

    def get(self, id_: str, now: datetime) -> Upload:
        """An upload; InputError IMP001 when there is none, or its time is over."""
        found = self._read(id_) if _ID.fullmatch(id_) else None
        if found is None or found.until <= now:
            raise InputError(Issue("IMP001", id_[:40]))
        return found

    def path(self, upload: Upload) -> Path:
        """The file of an upload."""
        return self._folder / upload.id / upload.file

    def waiting(self, now: datetime) -> tuple[Upload, ...]:
        """Uploads that do not count yet, newest first."""
        found = (self._read(each.name) for each in self._folders() if _ID.fullmatch(each.name))
        kept = (each for each in found if each is not None and each.load is None and each.until > now)
        return tuple(sorted(kept, key=lambda each: each.id, reverse=True))

    def done(self, upload: Upload, load: str) -> None:
        """Note what an upload became; its content goes, what is known of it stays until its time is over."""
        with disk_errors_as_issues(upload.name):
            if (self._folder / upload.id).is_dir():
                _write_about(self._folder / upload.id, replace(upload, load=load))
                self.path(upload).unlink(missing_ok=True)

    def drop(self, upload: Upload) -> None:
        """Throw an upload away; one that is gone already is no error."""
        gone = self._folder / f".gone-{upload.id}"
        try:
            (self._folder / upload.id).rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def sweep(self, now: datetime) -> int:
        """Throw away what is over its time, half-made or unreadable; how many."""
        count = 0
        for each in self._folders():
            upload = self._read(each.name) if _ID.fullmatch(each.name) else None
            if upload is not None and upload.until > now:
                continue
            if upload is None and now - _touched(each) < _HALF_KEPT:
                continue
            shutil.rmtree(each, ignore_errors=True)
            count += 1
        return count

    def _folders(self) -> Iterator[Path]:
        if self._folder.is_dir():
            yield from sorted(each for each in self._folder.iterdir() if each.is_dir() and not each.is_symlink())

    def _read(self, id_: str) -> Upload | None:
        try:
            kept = json.loads((self._folder / id_ / ABOUT).read_text(encoding="utf-8"))
            told = {**kept, "tops": tuple(kept["tops"]), "at": datetime.fromisoformat(kept["at"])}
            return Upload(**told)
        except (OSError, ValueError, KeyError, TypeError):
            return None


def new_upload(login: str, tops: tuple[str, ...], feed: str, mapping: str, name: str, at: datetime) -> Upload:
    """An upload about to be kept."""
    shown = shown_name(unicodedata.normalize("NFC", name).encode("utf-8", "replace").decode())[-120:] or "–"
    return Upload(new_id(), login, tops, feed, mapping, shown, safe_name(name), 0, "", at)


def _touched(folder: Path) -> datetime:
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)


def _write(content: BinaryIO, path: Path, name: str) -> tuple[int, str]:
    hasher, size = hashlib.sha256(), 0
    with path.open("xb") as target:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise InputError(Issue("IMP002", "file", params={"name": name, "most": str(MOST_BYTES >> 20)}))
            hasher.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if not size:
        raise InputError(Issue("IMP003", "file", params={"name": name}))
    return size, hasher.hexdigest()


def _write_about(folder: Path, upload: Upload) -> None:
    half = folder / f"{ABOUT}.part"
    half.write_text(json.dumps({**asdict(upload), "at": upload.at.isoformat()}, ensure_ascii=False), encoding="utf-8")
    sync(half)
    half.replace(folder / ABOUT)
    sync(folder)
