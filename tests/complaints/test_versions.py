"""Earlier versions of the taxonomy: only those that changed it, with what they changed, by whom and why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ganzhi.complaints.versions import changes_between, read_taxonomy, taxonomy_versions
from ganzhi.store.catalogues import remember_in
from ganzhi.store.open import open_store
from tests.store.conftest import HandClock


def named(text: str, **more: object) -> dict[str, object]:
    return {"name": {"zh": text, "en": text}, **more}


def catalogue(version: str, taxonomy: dict[str, Any], feeds: int = 1) -> str:
    """A catalogue as the store remembers it; a code list bears the name of the taxonomy's own key."""
    decoy = {"problem_domains": {"name": {"zh": "x"}, "entries": []}}
    entries = {"code_lists": decoy, "feeds": {"n": feeds}, "problem_domains": taxonomy, "units": {}}
    return f'{{"version": {json.dumps(version)}, "entries": {json.dumps(entries, separators=(",", ":"))}}}'


OLD = {"bill": named("账务", categories={"fee": named("话费", cues=["贵"]), "gone": named("旧类")})}
NEW = {
    "bill": named("账务", owner={"zh": "部", "en": "d"}, categories={"fee": named("话费", cues=["贵", "多收"]), "late": named("迟到")}),
    "net": named("网络", categories={"data": named("上网")}),
}  # fmt: skip


@pytest.mark.requirement("S000-105")
def test_versions_tell_what_of_the_classes_changed_and_nothing_else(tmp_path: Path) -> None:
    clock = HandClock()
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", clock, ticks=clock)
    try:
        store.catalogues.remember("p 1", catalogue("p 1", OLD))
        clock.pass_time(minutes=1)
        store.catalogues.remember("p 2", catalogue("p 2", OLD, feeds=2))
        clock.pass_time(minutes=1)
        approved = {"author": "li.na", "reason": "按年度评审", "valid_from": date(2026, 12, 1)}
        with store.database.write() as connection:
            remember_in(connection, store.database, clock.now(), "p 3", catalogue("p 3", NEW), **approved)  # type: ignore[arg-type]
        last, first = taxonomy_versions(store.catalogues)
    finally:
        store.close()
    assert (first.version, first.before, first.classes, first.changes) == ("p 1", None, 2, ())
    assert (last.version, last.before, last.classes) == ("p 3", "p 2", 3)
    assert (last.author, last.reason, last.valid_from) == ("li.na", "按年度评审", date(2026, 12, 1))
    assert [(each.how, each.domain, each.code, each.name.zh, each.fields) for each in last.changes] == [
        ("changed", "bill", None, "账务", ("owner",)),
        ("changed", "bill", "fee", "话费", ("cues",)),
        ("added", "bill", "late", "迟到", ()),
        ("removed", "bill", "gone", "旧类", ()),
        ("added", "net", None, "网络", ()),
        ("added", "net", "data", "上网", ()),
    ]


def test_back_and_forth_is_nothing_and_a_catalogue_without_a_taxonomy_has_none() -> None:
    assert read_taxonomy(catalogue("v", NEW)) == NEW
    assert read_taxonomy('{"version": "v", "entries": {}}') == {}
    assert list(changes_between(NEW, NEW)) == []
    there = [(each.domain, each.code, each.how) for each in changes_between(OLD, NEW)]
    back = [(each.domain, each.code, each.how) for each in changes_between(NEW, OLD)]
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted(there, key=str) == sorted(((d, c, turned[how]) for d, c, how in back), key=str)
