"""What differs between two catalogues, field by field, and what of it changes numbers.

Works on values only, so that any two catalogues can be compared: two versions the store remembers,
a pack and a workspace, a proposal and what it is proposed for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ganzhi.catalogue.exchange.changes import written_kinds
from ganzhi.catalogue.exchange.meaning import changed_meanings
from ganzhi.catalogue.exchange.yaml_text import flow, plain
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import KINDS, Catalogue

How = Literal["added", "removed", "changed"]
Effect = Literal["meaning", "judgement", "wording", "other"]
EFFECTS: tuple[Effect, ...] = ("meaning", "judgement", "wording", "other")
"""What a change does, the gravest first: other numbers; other scores, levels or trees; other words only;
anything else (place in the framework, owner, codes)."""

_JUDGING = frozenset(
    ["direction", "targets", "supports", "coverage", "min_n", "retired", "state", "weights", "limits", "scope"]
)
_WORDS = frozenset(["zh", "en"])
_NATURAL_KEYS = ("parent", "process", "code", "indicator", "state", "source")
"""Fields by which members of a list are recognised when their place in it changed."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """path: dotted, members of lists in brackets. old, new: plain values; None where there is none."""

    path: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry that differs. name: its Chinese and English name, empty where it has none.

    effect: of all changes of the entry the gravest. fields: of an added or removed entry, all it says.
    """

    kind: str
    code: str
    how: How
    effect: Effect
    name: tuple[str, str]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """From one catalogue (`old`, a version) to another (`new`).

    entries: in the order of kinds. meanings: indicators in both whose number means something else,
    also those that did not change themselves but stand on a feed or a part that did.
    """

    old: str
    new: str
    entries: tuple[EntryChange, ...]
    meanings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.entries)

    def count(self, how: How) -> int:
        """Number of entries that were added, removed or changed."""
        return sum(entry.how == how for entry in self.entries)

    def of_kind(self, kind: str) -> tuple[EntryChange, ...]:
        """The entries of one kind."""
        return tuple(entry for entry in self.entries if entry.kind == kind)


def difference(old: Catalogue, new: Catalogue) -> Difference:
    """Everything that differs between two catalogues."""
    meanings = changed_meanings(old, new)
    before, after = written_kinds(old), written_kinds(new)
    entries = tuple(
        change
        for kind, _ in KINDS
        for change in _of_kind(kind, before[kind], after[kind], frozenset(meanings) if kind == "indicators" else None)
    )
    return Difference(old.version, new.version, entries, meanings)


def _of_kind(
    kind: str, before: Mapping[str, Model], after: Mapping[str, Model], meanings: frozenset[str] | None
) -> Iterator[EntryChange]:
    for code, entry in after.items():
        old = before.get(code)
        if old == entry:
            continue
        fields = tuple(_compare("", None if old is None else _values(old), _values(entry)))
        if old is None:
            yield EntryChange(kind, code, "added", _effect_of_new(meanings), _name(entry), fields)
        else:
            effect = "meaning" if code in (meanings or ()) else _effect(kind, fields)
            yield EntryChange(kind, code, "changed", effect, _name(entry), fields)
    for code, entry in before.items():
        if code not in after:
            fields = tuple(_compare("", _values(entry), None))
            yield EntryChange(kind, code, "removed", _effect_of_new(meanings), _name(entry), fields)


def _effect_of_new(meanings: frozenset[str] | None) -> Effect:
    """An indicator that comes or goes changes what can be known; other entries do not by themselves."""
    return "other" if meanings is None else "meaning"


def _effect(kind: str, fields: tuple[FieldChange, ...]) -> Effect:
    roots = {field.path.partition(".")[0].partition("[")[0] for field in fields}
    if kind in ("indicators", "slas", "priorities", "selections") and roots & _JUDGING:
        return "judgement"
    return "wording" if all(field.path.rpartition(".")[2] in _WORDS for field in fields) else "other"


def _values(entry: Model) -> dict[str, Any]:
    found = plain(entry.model_dump(mode="python", exclude_defaults=True))
    assert isinstance(found, dict)
    return found


def _name(entry: Model) -> tuple[str, str]:
    name = getattr(entry, "name", None)
    return ("", "") if name is None else (name.zh, name.en)


def _compare(path: str, old: object, new: object) -> Iterator[FieldChange]:
    if old == new:
        return
    if isinstance(old, Mapping | None) and isinstance(new, Mapping | None):
        before, after = old or {}, new or {}
        for name in dict.fromkeys([*before, *after]):
            yield from _compare(f"{path}.{name}" if path else str(name), before.get(name), after.get(name))
        if not before and not after:
            yield FieldChange(path, old, new)
        return
    if _are_members(old) and _are_members(new):
        before, after = _members(old), _members(new)
        for name in dict.fromkeys([*before, *after]):
            yield from _compare(f"{path}[{name}]", before.get(name), after.get(name))
        if before == after:
            yield FieldChange(path, old, new)
        return
    yield FieldChange(path, old, new)


def _are_members(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)
    )


def _members(value: Any) -> dict[str, object]:
    """Members of a list by what identifies them, by number where nothing does."""
    found: dict[str, object] = {}
    for number, each in enumerate(value or (), start=1):
        key = next((str(each[name]) for name in _NATURAL_KEYS if isinstance(each.get(name), str)), str(number))
        found[key if key not in found else f"{key}#{number}"] = each
    return found


def shown(value: object) -> str:
    """A value for people, on one line; nothing as an empty text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else flow(value)


def as_records(found: Difference) -> list[dict[str, object]]:
    """One record per changed field, for programs and tables."""
    return [
        {
            "kind": entry.kind,
            "code": entry.code,
            "how": entry.how,
            "effect": entry.effect,
            "field": field.path,
            "old": field.old,
            "new": field.new,
        }
        for entry in found.entries
        for field in entry.fields
    ]
