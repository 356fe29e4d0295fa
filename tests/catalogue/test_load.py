"""A pack and a workspace's files become one catalogue, or every issue at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import LANGS, remedy, render
from ganzhi.catalogue import files
from ganzhi.catalogue.content import from_json, to_json
from ganzhi.catalogue.load import load_catalogue, load_with_issues
from ganzhi.catalogue.model.whole import Catalogue

Write = Callable[[str, str], Path]


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    return folder


@pytest.fixture
def write(overlay: Path) -> Write:
    def to(name: str, text: str) -> Path:
        path = overlay / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return to


def codes(overlay: Path) -> list[tuple[str, str, int]]:
    _, issues = load_with_issues("telecom", overlay)
    return [(i.code, i.at.file if i.at else "", i.at.line if i.at else 0) for i in issues]


def test_a_pack_alone_loads(tmp_path: Path) -> None:
    alone = load_catalogue("telecom", None)
    assert alone.version.startswith("telecom 0.4.0+")
    assert load_catalogue("telecom", tmp_path / "absent").version == alone.version


def test_a_new_code_is_a_new_entry_and_a_known_one_is_merged_field_by_field(overlay: Path, write: Write) -> None:
    write("units.yaml", "units:\n  gz: {name: {zh: 广州, en: Guangzhou}, level: city, parent: all}\n")
    text = "indicators:\n  hotline.answer_rate:\n    name: {en: Connected}\n    targets: {management: {floor: 85}}\n    by: [agent]\n"
    write("deep/more.yaml", text)
    base = load_catalogue("telecom", None)

    found = load_catalogue("telecom", overlay)

    assert list(found.units) == ["all", "gz"]
    changed, before = found.indicators["hotline.answer_rate"], base.indicators["hotline.answer_rate"]
    assert (changed.name.en, changed.name.zh) == ("Connected", before.name.zh)
    assert changed.targets.management is not None
    assert (changed.targets.management.floor, changed.targets.management.target) == (Decimal(85), Decimal(90))
    assert changed.by == ("agent",)
    assert changed.supports == before.supports
    assert list(found.indicators) == list(base.indicators)


def test_another_measure_replaces_the_one_of_the_pack(overlay: Path, write: Write) -> None:
    text = "indicators:\n  hotline.agents:\n    count: {where: outcome = 'AGENT' and talk_s > 9}\n"
    write("a.yaml", text)
    assert load_catalogue("telecom", overlay).indicators["hotline.agents"].measure == "count"


def test_another_origin_replaces_the_one_of_a_mapped_column(overlay: Path, write: Write) -> None:
    write("a.yaml", "mappings:\n  anonymous_bank:\n    columns:\n      unit: {source: server}\n")
    column = load_catalogue("telecom", overlay).mappings["anonymous_bank"].columns["unit"]
    assert (column.source, column.const) == ("server", None)


def test_places_lead_to_the_file_that_wrote_the_field(overlay: Path, write: Write) -> None:
    write("a.yaml", "indicators:\n  hotline.answer_rate:\n    decimals: 1\n")
    found = load_catalogue("telecom", overlay)
    assert str(found.place("indicators", "hotline.answer_rate", "decimals")) == "catalogue/a.yaml:3"
    layer = found.place("indicators", "hotline.answer_rate", "layer")
    assert str(layer).startswith("pack/telecom/hotline/access.yaml:")
    assert found.place("indicators", "hotline.answer_rate", "owner", "zh") == found.place(
        "indicators", "hotline.answer_rate"
    )
    assert found.place("indicators", "nowhere") is None


def test_all_issues_of_all_files_come_at_once_in_order(overlay: Path, write: Write) -> None:
    write("b.yaml", "indicators:\n  hotline.answer_rate:\n    nope: 1\n    nada: 2\n")
    write("a.yaml", "units:\n  gz: {level: towns}\n")
    with pytest.raises(InputError) as caught:
        load_catalogue("telecom", overlay)
    places = [(str(i.at), i.code) for i in caught.value.issues]
    assert places == [
        ("catalogue/a.yaml:2", "CAT023"),
        ("catalogue/a.yaml:2", "CAT024"),
        ("catalogue/b.yaml:3", "CAT022"),
        ("catalogue/b.yaml:4", "CAT022"),
    ]


def test_an_unreadable_entry_brings_no_issue_about_what_refers_to_it(overlay: Path, write: Write) -> None:
    write("a.yaml", "feeds:\n  calls:\n    nope: 1\n")
    assert codes(overlay) == [("CAT022", "catalogue/a.yaml", 3)]
    write("a.yaml", "indicators:\n  hotline.requested:\n    nope: 1\n")
    assert codes(overlay) == [("CAT022", "catalogue/a.yaml", 3)]
    write("a.yaml", "units:\n  all:\n    nope: 1\n")
    assert codes(overlay) == [("CAT022", "catalogue/a.yaml", 3)]


def test_an_unreadable_file_brings_no_issue_about_what_it_may_hold(overlay: Path, write: Write) -> None:
    write("units.yaml", "units:\n  gz: {name: {zh: 广州, en: Guangzhou}, level: city, parent: all\n")
    write("more.yaml", "units:\n  th: {name: {zh: 天河, en: Tianhe}, level: county, parent: gz}\n")
    assert [c for c, _, _ in codes(overlay)] == ["CAT013"]


def test_one_code_in_two_files_of_a_layer_is_an_error_with_both_places(overlay: Path, write: Write) -> None:
    unit = "units:\n  gz: {name: {zh: 广州, en: Guangzhou}, level: city, parent: all}\n"
    write("a.yaml", unit)
    write("b.yaml", "# moved\n" + unit)
    _, issues = load_with_issues("telecom", overlay)
    assert [(i.code, str(i.at)) for i in issues] == [("CAT025", "catalogue/b.yaml:3")]
    assert "catalogue/a.yaml:2" in render("en", issues[0])


def test_backups_hidden_files_and_editor_locks_are_not_read(overlay: Path, write: Write) -> None:
    for name in ("a.yaml~", ".a.yaml.swp", ".#a.yaml", "#a.yaml#", "a.yaml.bak", ".hidden/a.yaml", "readme.md"):
        write(name, "nonsense: [")
    (overlay / ".#b.yaml").symlink_to("user@host.123:456")
    assert codes(overlay) == []


def test_a_yml_file_is_named_but_stops_nothing(overlay: Path, write: Write) -> None:
    write("a.yml", "units: {}\n")
    found, issues = load_with_issues("telecom", overlay)
    assert found is not None
    assert [(i.code, i.severity, str(i.at)) for i in issues] == [("CAT065", "warning", "catalogue/a.yml")]
    assert ".yaml" in remedy("en", issues[0])


def test_a_pipe_or_a_dangling_link_is_reported_and_never_opened(overlay: Path) -> None:
    os.mkfifo(overlay / "a.yaml")
    (overlay / "b.yaml").symlink_to(overlay / "gone")
    assert codes(overlay) == [("CAT016", "catalogue/a.yaml", 0), ("CAT016", "catalogue/b.yaml", 0)]


def test_a_file_above_the_limit_is_not_read_whole(overlay: Path, write: Write) -> None:
    write("a.yaml", "# " + "x" * 2_000_000)
    assert codes(overlay) == [("CAT001", "catalogue/a.yaml", 0)]


def test_too_many_files_are_refused(overlay: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 3)
    for number in range(4):
        write(f"{number}.yaml", "units: {}\n")
    assert codes(overlay) == [("CAT018", "catalogue", 0)]


def test_files_that_change_while_they_are_read_are_read_again(
    overlay: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = "units:\n  gz: {{name: {{zh: 广州, en: {0}}}, level: city, parent: all}}\n"
    write("a.yaml", unit.format("First"))
    read_once, turns = files._read_all, []

    def read_while_somebody_saves(*given: Any) -> Any:
        turns.append(1)
        read = read_once(*given)
        if len(turns) == 1:
            write("a.yaml", unit.format("Second"))
        return read

    monkeypatch.setattr(files, "_read_all", read_while_somebody_saves)
    assert load_catalogue("telecom", overlay).units["gz"].name.en == "Second"
    assert len(turns) == 2


def test_files_that_never_rest_are_refused(overlay: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    read_once, turns = files._read_all, []

    def read_while_somebody_saves(*given: Any) -> Any:
        turns.append(1)
        write("a.yaml", "# " + "x" * len(turns))
        return read_once(*given)

    monkeypatch.setattr(files, "_read_all", read_while_somebody_saves)
    assert codes(overlay) == [("CAT017", "catalogue", 0)]
    assert len(turns) == files.TRIES


def test_an_unknown_pack_names_the_known_ones() -> None:
    for name in ("telekom", "../telecom", "", "hotline"):
        with pytest.raises(InputError) as caught:
            load_catalogue(name, None)
        assert [(i.code, i.params["near"]) for i in caught.value.issues] == [("CAT060", "telecom")]


def test_the_version_follows_the_content_and_nothing_else(overlay: Path, write: Write) -> None:
    base = load_catalogue("telecom", None).version
    write("a.yaml", "# a comment\nunits: {}\n")
    assert load_catalogue("telecom", overlay).version == base
    write("a.yaml", "indicators:\n  hotline.calls:\n    decimals: 0\n")
    assert load_catalogue("telecom", overlay).version == base
    write("a.yaml", "indicators:\n  hotline.calls:\n    decimals: 2\n")
    changed = load_catalogue("telecom", overlay).version
    assert changed != base
    assert changed.partition("+")[0] == base.partition("+")[0]


def test_content_is_kept_and_read_back_whole() -> None:
    found = load_catalogue("telecom", None)
    again = from_json(to_json(found))
    assert again.version == found.version
    for kind in ("sources", "feeds", "code_lists", "mappings", "units", "dimensions", "indicators", "topics"):
        assert getattr(again, kind) == getattr(found, kind)
        assert list(getattr(again, kind)) == list(getattr(found, kind))
    assert to_json(again) == to_json(found)


@pytest.mark.parametrize(
    ("look", "code", "near"),
    [
        (lambda c: c.indicator("hotline.answer_rat"), "REQ010", "hotline.answer_rate"),
        (lambda c: c.feed("call"), "REQ011", "calls"),
        (lambda c: c.unit("al"), "REQ012", "all"),
    ],
)
def test_looking_up_an_unknown_code_suggests_the_nearest(
    look: Callable[[Catalogue], object], code: str, near: str
) -> None:
    with pytest.raises(InputError) as caught:
        look(load_catalogue("telecom", None))
    (issue,) = caught.value.issues
    assert (issue.code, issue.params["near"].split(", ")[0]) == (code, near)
    assert all(near in remedy(lang, issue) for lang in LANGS)


def test_a_pack_that_calls_itself_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pack.yaml").write_text("name: yours\nversion: 1.0.0\ntitle: {zh: 它, en: It}\n")
    (tmp_path / "mine" / "units.yaml").write_text("units: {all: {name: {zh: 全, en: All}, level: province}}\n")
    monkeypatch.setattr(files, "_packs_folder", lambda: tmp_path)
    assert [i.code for i in load_with_issues("mine", None)[1]] == ["CAT061"]
    (tmp_path / "mine" / "pack.yaml").write_text("name: mine\nversion: 1.0.0\ntitle: {zh: 它, en: It}\n")
    assert load_catalogue("mine", None).root_unit == "all"


def test_names_with_markup_are_kept_as_text_and_long_ones_refused(overlay: Path, write: Write) -> None:
    name = "<script>alert(1)</script> =1+1 {{7*7}} {__class__}"
    write("a.yaml", f'units:\n  gz: {{name: {{zh: 广州, en: "{name}"}}, level: city, parent: all}}\n')
    assert load_catalogue("telecom", overlay).units["gz"].name.en == name
    write("a.yaml", f"units:\n  gz: {{name: {{zh: 广州, en: {'x' * 1000}}}, level: city, parent: all}}\n")
    assert codes(overlay) == [("CAT038", "catalogue/a.yaml", 2)]


def test_a_field_of_an_unforeseen_kind_of_fault_still_has_a_wording() -> None:
    issue = Issue("CAT066", "x", params={"field": "f", "problem": "p", "value": "v"})
    assert all(render(lang, issue) for lang in LANGS)
