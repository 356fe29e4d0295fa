"""What differs between two catalogues, field by field, and which numbers mean something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ganzhi.catalogue.content import from_json, to_json
from ganzhi.catalogue.exchange.changes import (
    change_between,
    files_of,
    from_document,
    still_applies,
    to_document,
    written_kinds,
)
from ganzhi.catalogue.exchange.difference import as_records, difference, shown
from ganzhi.catalogue.exchange.yaml_text import yaml_file
from ganzhi.catalogue.load import codes_of_kinds
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.catalogue.yaml_nodes import read_yaml


def changed(catalogue: Catalogue, kind: str, code: str, **fields: Any) -> Catalogue:
    """The catalogue with other fields in an entry, checked as an entry."""
    entries = dict(getattr(catalogue, kind))
    data = entries[code].model_dump(mode="json", exclude_defaults=True) | fields
    entries[code] = type(entries[code]).model_validate({k: v for k, v in data.items() if v is not None})
    kinds = written_kinds(catalogue) | {kind: entries}
    lists = {**kinds["code_lists"], **codes_of_kinds(kinds)}
    return replace(catalogue, version="small 1.0.1+000000000000", **{**kinds, "code_lists": lists})


def test_a_catalogue_does_not_differ_from_itself_nor_from_its_remembered_copy(small: Catalogue) -> None:
    assert not difference(small, small)
    assert not difference(small, from_json(to_json(small)))


def test_a_changed_field_is_shown_with_old_and_new_value(small: Catalogue) -> None:
    new = changed(small, "indicators", "hall.served_rate", supports=[{"parent": "hall.index", "weight": "0.7"}])
    records = as_records(difference(small, new))
    assert [(r["code"], r["field"], shown(r["old"]), shown(r["new"])) for r in records] == [
        ("hall.served_rate", "supports[hall.index].weight", "0.6", "0.7")
    ]


@pytest.mark.parametrize(
    ("kind", "code", "fields", "effect", "meanings"),
    [
        ("indicators", "hall.served_rate", {"name": {"zh": "新名", "en": "New"}}, "wording", ()),
        ("indicators", "hall.served_rate", {"min_n": 10}, "judgement", ()),
        ("indicators", "hall.served_rate", {"owner": {"zh": "部", "en": "Dept"}, "by": None}, "other", ()),
        ("indicators", "hall.visits", {"count": {"where": "served"}}, "meaning", ("hall.visits",)),
        ("indicators", "hall.visits", {"unit": "ms"}, "meaning", ("hall.visits",)),
        ("stages", "use", {"name": {"zh": "用", "en": "Using"}}, "wording", ()),
    ],
)
def test_a_change_is_judged_by_what_it_does_to_numbers(
    small: Catalogue, kind: str, code: str, fields: dict[str, Any], effect: str, meanings: tuple[str, ...]
) -> None:
    found = difference(small, changed(small, kind, code, **fields))
    assert [(each.code, each.effect) for each in found.entries] == [(code, effect)]
    assert found.meanings == meanings


def test_a_feed_expression_changes_exactly_the_indicators_that_use_it(small: Catalogue) -> None:
    feed = small.feeds["visits"].model_dump(mode="json", exclude_defaults=True)
    feed["derived"]["short_wait"]["expr"] = "wait_s <= 300"
    found = difference(small, changed(small, "feeds", "visits", derived=feed["derived"]))
    assert found.meanings == ("hall.short_waits",)
    feed["rules"] = {"known": {"name": {"zh": "有", "en": "Known"}, "check": "wait_s < 9000"}}
    assert difference(small, changed(small, "feeds", "visits", rules=feed["rules"])).meanings == (
        "hall.visits",
        "hall.served_rate",
        "hall.short_waits",
        "hall.visits_per_10k",
    )


def test_code_lists_that_follow_from_entries_are_not_told_twice(small: Catalogue) -> None:
    new = changed(small, "processes", "visit", name={"zh": "访", "en": "Visit"})
    assert {each.kind for each in difference(small, new).entries} == {"processes"}
    assert "processes" not in written_kinds(small)["code_lists"]


def test_added_and_removed_entries_are_told_whole(small: Catalogue) -> None:
    without = replace(small, shortfalls={})
    added = difference(without, small).entries[0]
    assert (added.how, added.name) == ("added", ("排队久", "Long queues"))
    assert ("process", None, "visit") in [(f.path, f.old, f.new) for f in added.fields]
    removed = difference(small, without)
    assert removed.count("removed") == 1
    assert removed.of_kind("shortfalls")[0].fields[0].new is None


def test_a_change_survives_the_store_and_its_files(small: Catalogue) -> None:
    new = changed(small, "indicators", "hall.served_rate", min_n=7)
    change = change_between(small, {**written_kinds(new), "shortfalls": {}})
    assert from_document(to_document(change)) == change
    files = {each.name: each.data for each in files_of(change, "proposal", "made by a test")}
    assert set(files) == {"proposal/indicators.yaml", "proposal/dropped.yaml"}
    assert files["proposal/dropped.yaml"].decode() == "# made by a test\n\ndropped:\n  shortfalls: [long_queues]\n"
    assert still_applies(change, small, small) == []
    assert still_applies(change, small, new) == [("indicators", "hall.served_rate")]


def test_written_yaml_reads_back_as_it_was() -> None:
    odd = {
        "no": "yes",
        "a": ["1", "001", "2026-01-01", "~", "", "x: y", "# no", "'", '"', "行\n二"],
        "n": {},
        "on": [{}],
    }
    table, issues = read_yaml(yaml_file({"indicators": {"x": odd, "001": {"a": True, "b": 0.25}}}).encode(), "x")
    from ganzhi.catalogue.entries import data_of

    assert not issues
    assert table is not None
    assert data_of(table) == {"indicators": {"x": odd, "001": {"a": True, "b": 0.25}}}
