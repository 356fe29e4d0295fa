"""Loading: files to nodes to entries to one checked `Catalogue`, with every issue at once.

Assumes nothing about the files. Refuses a catalogue with any error; warnings do not stop it.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.checks import CHECKS
from ganzhi.catalogue.checks.expressions import second_opinion
from ganzhi.catalogue.content import version_of
from ganzhi.catalogue.derive.encounters import registered
from ganzhi.catalogue.edits import DROPPED, Edit, dropped, lay_edits, split
from ganzhi.catalogue.entries import Entry, Places, build
from ganzhi.catalogue.expressions import SecondOpinion
from ganzhi.catalogue.files import SourceFile, read_overlay, read_pack
from ganzhi.catalogue.model.blueprints import Blueprint
from ganzhi.catalogue.model.data import CodeEntry, CodeList
from ganzhi.catalogue.model.parts import Model, Name, Text
from ganzhi.catalogue.model.whole import KINDS, Catalogue
from ganzhi.catalogue.overlay import Key, lay_over, one_layer
from ganzhi.catalogue.yaml_nodes import Node, Table, read_yaml


class PackHead(Model):
    """What `pack.yaml` says about a pack."""

    name: Name
    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    title: Text


@dataclass(frozen=True, slots=True)
class _Layer:
    """The entries of one set of files. whole: every file could be read. drop: entries it removes."""

    entries: Mapping[Key, Entry]
    whole: bool
    drop: frozenset[Key] = frozenset()


Built = tuple[Entry, Model | None, list[Issue]]
"""An entry with what it became and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Pack:
    """A pack that was read: its layer, its issues, and its entries as they are without an overlay."""

    layer: _Layer
    issues: tuple[Issue, ...]
    built: Mapping[Key, Built]


@lru_cache(maxsize=2)
def _read_pack(files: tuple[SourceFile, ...]) -> _Pack:
    """A pack's files, read once per process: they are the same for every workspace and every proposal."""
    layer, issues = _layer(files)
    models = dict(KINDS)
    built = {key: (entry, *build(entry, models[key[0]])) for key, entry in layer.entries.items()}
    return _Pack(layer, tuple(issues), built)


def load_catalogue(pack: str, overlay: Path | None, *, second: SecondOpinion | None = None) -> Catalogue:
    """The pack with the workspace's files laid over it, checked.

    overlay: the workspace's `catalogue` folder; absent or None means the pack alone.
    Raises: InputError with every error found.
    """
    catalogue, issues = load_with_issues(pack, overlay, second=second)
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors or catalogue is None:
        raise InputError(errors)
    return catalogue


@contextmanager
def without_collection() -> Iterator[None]:
    """Loading makes a hundred thousand small objects that all live on: looking for garbage among them
    again and again takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@without_collection()
def load_with_issues(
    pack: str, overlay: Path | None, *, second: SecondOpinion | None = None, proposed: Sequence[SourceFile] = ()
) -> tuple[Catalogue | None, list[Issue]]:
    """As `load_catalogue`, but with warnings, and without raising; None when there is an error.

    proposed: files that would become the next approved edit (see `catalogue.edits`).
    """
    try:
        pack_files = read_pack(pack)
    except InputError as error:
        return None, list(error.issues)
    head, issues = _head(pack, pack_files)
    files, problems = read_overlay(overlay)
    issues += problems
    shipped = _read_pack(tuple(f for f in pack_files if not f.name.endswith("/pack.yaml")))
    base = shipped.layer
    own, approvals = split(files)
    over, more = _layer(own)
    issues += [*shipped.issues, *more]
    edits = []
    for each in (*approvals, proposed):
        layer, more = _layer(each, edit=True)
        edits.append(layer)
        issues += more
    whole = all(layer.whole for layer in (base, over, *edits)) and not any(i.severity == "error" for i in problems)
    merged = lay_over(dict(base.entries), dict(over.entries))
    merged = lay_edits(merged, [Edit(layer.entries, layer.drop) for layer in edits])
    catalogue, more = _assemble(pack, head, merged, shipped.built)
    issues += more
    if whole:
        # A file that could not be read may hold what others refer to; checks would then mislead.
        issues += _check(catalogue, second)
    issues = _in_order(issues)
    return (None if any(i.severity == "error" for i in issues) else catalogue), issues


def _in_order(issues: Iterable[Issue]) -> list[Issue]:
    """Issues by file and line, each once."""
    seen: dict[tuple[Any, ...], Issue] = {}
    for issue in issues:
        seen.setdefault((issue.code, issue.subject, issue.at, tuple(sorted(issue.params.items()))), issue)
    nowhere = Location("")
    return sorted(seen.values(), key=lambda i: (i.at or nowhere, i.code, i.subject))


def _head(pack: str, files: Iterable[SourceFile]) -> tuple[PackHead | None, list[Issue]]:
    for file in files:
        if file.name == f"pack/{pack}/pack.yaml":
            table, issues = read_yaml(file.data, file.name)
            if table is None:
                return None, issues
            entry = Entry("pack", pack, Location(file.name, 1), table)
            head, issues = build(entry, PackHead)
            if isinstance(head, PackHead) and head.name != pack:
                issues = [Issue("CAT061", head.name, Location(file.name, 1), {"folder": pack})]
            return (head if isinstance(head, PackHead) else None), issues
    return None, [Issue("CAT060", pack, params={"near": "–"})]


def _layer(files: Iterable[SourceFile], *, edit: bool = False) -> tuple[_Layer, list[Issue]]:
    entries: list[Entry] = []
    issues: list[Issue] = []
    drop: frozenset[Key] = frozenset()
    whole = True
    for file in files:
        table, problems = read_yaml(file.data, file.name)
        issues += problems
        if table is None:
            whole = False
            continue
        for kind, node in table.fields.items():
            if edit and kind == DROPPED:
                gone, problems = dropped(node)
                drop |= gone
                found: list[Entry] = []
            else:
                found, problems = _entries_of(kind, table.keys[kind], node)
            entries += found
            issues += problems
            whole = whole and not problems
    by_key, doubles = one_layer(entries)
    return _Layer(by_key, whole, drop), issues + doubles


def _entries_of(kind: str, at: Location, node: Node) -> tuple[list[Entry], list[Issue]]:
    """The entries below one top-level key of a file."""
    kinds = [name for name, _ in KINDS]
    if kind not in kinds:
        near = get_close_matches(kind, kinds, n=1, cutoff=0.6) or kinds
        return [], [Issue("CAT020", kind[:64], at, {"kind": kind[:64], "near": ", ".join(near)})]
    if not isinstance(node, Table):
        return [], [Issue("CAT067", kind, at, {"kind": kind})]
    return [Entry(kind, code, node.keys[code], child) for code, child in node.fields.items()], []


def _assemble(
    pack: str, head: PackHead | None, entries: Mapping[Key, Entry], shipped: Mapping[Key, Built]
) -> tuple[Catalogue, list[Issue]]:
    models = dict(KINDS)
    in_pack = shipped.keys()
    built: dict[str, dict[str, Model]] = {kind: {} for kind in models}
    held: dict[Key, Entry] = {}
    unreadable: set[Key] = set()
    issues: list[Issue] = []
    for (kind, code), entry in sorted(entries.items(), key=lambda item: list(models).index(item[0][0])):
        before = shipped.get((kind, code))
        same = before is not None and before[0] is entry
        value, problems = before[1:] if before is not None and same else build(entry, models[kind])
        issues += problems if (kind, code) in in_pack else _mistyped(entry, problems, in_pack)
        if value is None:
            unreadable.add((kind, code))
        else:
            built[kind][code] = value
            held[kind, code] = entry
    built["code_lists"].update(codes_of_kinds(built))
    for blueprint in built["blueprints"].values():
        assert isinstance(blueprint, Blueprint)
        built["touchpoints"] |= {c: t for c, t in registered(blueprint).items() if c not in built["touchpoints"]}
    version = version_of(pack, head.version if head else "0.0.0", built)
    whole: dict[str, Any] = dict(built)
    return Catalogue(version=version, places=Places(held), unreadable=frozenset(unreadable), **whole), issues


CODE_KINDS = ("commercial_processes", "processes", "channels", "products")
"""Kinds whose codes are values of feed columns: a column may say `allowed: processes`."""


def codes_of_kinds(built: Mapping[str, Mapping[str, Model]]) -> dict[str, Model]:
    """A code list per kind of `CODE_KINDS`, unless one of that name is written down."""
    found: dict[str, Model] = {}
    for kind in CODE_KINDS:
        entries = tuple(CodeEntry(code=code, to=code, name=getattr(e, "name", None)) for code, e in built[kind].items())
        if entries and kind not in built["code_lists"]:
            found[kind] = CodeList(name=Text(zh=f"{kind} 代码", en=f"Codes of {kind}"), entries=entries)
    return found


def _mistyped(entry: Entry, problems: list[Issue], in_pack: Collection[Key]) -> list[Issue]:
    """The problems of a new entry; when it is not whole and is called almost like one of the pack,
    it was probably meant to change that one."""
    missing = [issue for issue in problems if issue.code == "CAT023"]
    near = get_close_matches(entry.code, [code for kind, code in in_pack if kind == entry.kind], n=3, cutoff=0.85)
    if not missing or not near:
        return problems
    fields = ", ".join(issue.params["field"] for issue in missing)
    hint = Issue("CAT068", entry.code, entry.at, {"near": ", ".join(near), "fields": fields})
    return [hint, *(issue for issue in problems if issue.code != "CAT023")]


def _check(catalogue: Catalogue, second: SecondOpinion | None) -> list[Issue]:
    issues = [issue for check in CHECKS for issue in check(catalogue)]
    if second is not None and not any(i.severity == "error" for i in issues):
        issues += second_opinion(catalogue, second)
    return issues
