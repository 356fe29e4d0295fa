"""The files a catalogue is read from: a pack inside the package, and a workspace's overlay folder.

Owns what counts as a catalogue file and that a set of files is read in one consistent state. Refuses
what is not a regular file and what keeps changing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.yaml_nodes import LARGEST_FILE

MOST_FILES = 20_000
TRIES = 5


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file's bytes under the name issues show."""

    name: str
    data: bytes


def packs() -> tuple[str, ...]:
    """Names of the packs that ship."""
    return tuple(sorted(e.name for e in _packs_folder().iterdir() if e.joinpath("pack.yaml").is_file()))


def read_pack(pack: str) -> list[SourceFile]:
    """All files of a pack that ships, `pack.yaml` among them, in name order."""
    if pack not in packs():
        near = get_close_matches(pack, packs(), n=3, cutoff=0.4) or packs()
        raise InputError(Issue("CAT060", pack[:64], params={"near": ", ".join(near)}))
    found = _walk(_packs_folder().joinpath(pack), f"pack/{pack}")
    return sorted(found, key=lambda f: f.name)


def _packs_folder() -> Traversable:
    return files("ganzhi.catalogue").joinpath("pack")


def _walk(folder: Traversable, prefix: str) -> Iterator[SourceFile]:
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, name)
        elif _is_catalogue_file(entry.name):
            yield SourceFile(name, entry.read_bytes())


def _is_catalogue_file(name: str) -> bool:
    """Whether a file is ours: `*.yaml`, not hidden and not an editor's backup or lock file."""
    return name.endswith(".yaml") and not name.startswith((".", "#", "~"))


def read_overlay(folder: Path | None) -> tuple[list[SourceFile], list[Issue]]:
    """All catalogue files below a folder in one consistent state, and what is wrong with them.

    A folder that is absent has no files.
    """
    if folder is None or not folder.is_dir():
        return [], []
    for _ in range(TRIES):
        before = _stamps(folder)
        if len(before) > MOST_FILES:
            return [], [Issue("CAT018", "", Location(folder.name), {"limit": str(MOST_FILES)})]
        read, issues = _read_all(folder, before)
        if _stamps(folder) == before:
            return read, issues
    return [], [Issue("CAT017", "", Location(folder.name), {"tries": str(TRIES)})]


Stamp = tuple[int, int, int, int]
"""Inode, size, modification time, mode."""


def _stamps(folder: Path) -> dict[Path, Stamp]:
    """Every candidate file and its stamp; a folder reached through a link is not entered."""
    found: dict[Path, Stamp] = {}
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            if _is_catalogue_file(name) or (name.endswith(".yml") and not name.startswith(".")):
                path = Path(root, name)
                try:
                    status = path.stat()
                except OSError:
                    found[path] = (0, 0, 0, 0)
                else:
                    found[path] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)
    return found


def _read_all(folder: Path, stamps: dict[Path, Stamp]) -> tuple[list[SourceFile], list[Issue]]:
    read: list[SourceFile] = []
    issues: list[Issue] = []
    for path, (_, _, _, mode) in stamps.items():
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if path.suffix == ".yml":
            issues.append(Issue("CAT065", "", Location(name), severity="warning"))
            continue
        if not stat.S_ISREG(mode):  # opening a pipe would wait for ever
            issues.append(Issue("CAT016", "", Location(name), {"reason": "not a regular file"}))
            continue
        try:
            with path.open("rb") as stream:
                read.append(SourceFile(name, stream.read(LARGEST_FILE + 1)))
        except OSError as error:
            issues.append(Issue("CAT016", "", Location(name), {"reason": error.strerror or str(error)}))
    return read, issues
