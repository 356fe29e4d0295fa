"""The kept catalogue: the same as a fresh one, made again whenever anything differs, never in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue import kept
from ganzhi.catalogue.content import to_json
from ganzhi.catalogue.kept import load_kept
from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.catalogue.model.whole import Catalogue

NAME = "indicators:\n  hotline.calls:\n    name: {zh: 呼入总量, en: Calls %s}\n"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """An overlay with one change."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "own.yaml").write_text(NAME % "received", encoding="utf-8")
    return folder


def test_what_is_kept_is_what_was_read(overlay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = load_kept("telecom", overlay, tmp_path / "cache")

    def never(*_: object, **__: object) -> Catalogue:
        raise AssertionError("read again")

    monkeypatch.setattr(kept, "load_catalogue", never)
    again = load_kept("telecom", overlay, tmp_path / "cache")
    assert again is not fresh
    assert to_json(again) == to_json(fresh)
    assert list(again.indicators) == list(fresh.indicators)
    for kind, code in (("indicators", "hotline.calls"), ("feeds", "calls")):
        assert again.place(kind, code) == fresh.place(kind, code)


def test_a_changed_file_is_read_anew(overlay: Path, tmp_path: Path) -> None:
    load_kept("telecom", overlay, tmp_path / "cache")
    (overlay / "own.yaml").write_text(NAME % "taken", encoding="utf-8")
    assert load_kept("telecom", overlay, tmp_path / "cache").indicators["hotline.calls"].name.en == "Calls taken"


def test_a_catalogue_with_errors_is_not_kept(overlay: Path, tmp_path: Path) -> None:
    (overlay / "own.yaml").write_text("indicators:\n  hotline.calls:\n    unit: apples\n", encoding="utf-8")
    with pytest.raises(InputError):
        load_kept("telecom", overlay, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json\n", "cut", "changed"])
def test_a_damaged_copy_is_made_again(overlay: Path, tmp_path: Path, damage: bytes | str) -> None:
    folder = tmp_path / "cache"
    first = load_kept("telecom", overlay, folder)
    (copy,) = folder.glob("*.json")
    whole = copy.read_bytes()
    if damage == "cut":
        damage = whole[: len(whole) // 2]
    elif damage == "changed":
        damage = whole.replace(b"Calls received", b"Calls stolen!!")
    assert isinstance(damage, bytes)
    copy.write_bytes(damage)
    assert to_json(load_kept("telecom", overlay, folder)) == to_json(first)
    assert copy.read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_is_no_reason_to_fail(overlay: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert (
        load_kept("telecom", overlay, tmp_path / "file" / "cache").indicators["hotline.calls"].name.en
        == "Calls received"
    )


def test_few_copies_are_kept(overlay: Path, tmp_path: Path) -> None:
    for number in range(kept.MOST_KEPT + 2):
        (overlay / "own.yaml").write_text(NAME % f"of kind {number}", encoding="utf-8")
        load_kept("telecom", overlay, tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == kept.MOST_KEPT


def test_another_process_finds_what_is_kept(overlay: Path, tmp_path: Path) -> None:
    """What it is named by must not hold what differs from process to process, such as places in memory."""
    load_kept("telecom", overlay, tmp_path / "cache")
    (kept_as,) = (tmp_path / "cache").iterdir()
    ask = "from pathlib import Path; from ganzhi.catalogue import kept; print(kept._name([*kept.read_pack('telecom'), *kept.read_overlay(Path({0!r}))[0]]))"
    said = subprocess.run([sys.executable, "-c", ask.format(str(overlay))], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == kept_as.name


def test_a_change_inside_a_model_of_a_model_gives_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept by a program whose limits were other numbers is not read: the same version would have two contents."""
    before = kept._shape.__wrapped__()
    assert kept._shape.__wrapped__() == before
    changed = {**TimeLimit.model_fields, "hours": TimeLimit.model_fields["working_days"]}
    monkeypatch.setattr(TimeLimit, "__pydantic_fields__", changed)
    assert kept._shape.__wrapped__() != before
