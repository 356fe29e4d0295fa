from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.base.errors import InternalError
from ganzhi.base.messages import LANGS, render
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from tests.store.conftest import Opener
from tests.store.samples import a_file


def test_a_manifest_that_contradicts_its_head_is_reported(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE manifest_head SET number = 7")
    (issue,) = store.check()
    assert issue.code == "STO022"
    assert all("7" in render(lang, issue) for lang in LANGS)


def test_file_ids_that_would_be_given_twice_are_reported(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE manifest_head SET next_file = 1")
    assert [issue.code for issue in store.check()] == ["STO022"]


def test_records_that_point_nowhere_are_reported(sqlite_url: str, opened: Opener) -> None:
    store = opened(sqlite_url)
    raw = store.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys = OFF")
    raw.cursor().execute("INSERT INTO table_heads VALUES ('rows/calls', 99)")
    raw.invalidate()
    assert [issue.code for issue in store.check()] == ["STO023"]


def test_a_damaged_page_is_reported(sqlite_url: str, opened: Opener, tmp_path: Path) -> None:
    store = opened(sqlite_url)
    for n in range(30):
        store.manifest.commit(Change("load", (a_file("rows/calls", f"{n}" * 50),)))
    with store.database.read() as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'audit'"
        page = connection.exec_driver_sql(query).scalar_one()
    store.close()
    path = tmp_path / "store.sqlite"
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 8] = b"\xff" * 8
    path.write_bytes(data)
    codes = {issue.code for issue in opened(sqlite_url).check()}
    assert "STO006" in codes


def test_a_catalogue_version_has_one_content_for_ever(store: Store) -> None:
    store.catalogues.remember("telecom 1+0", "{}")
    store.catalogues.remember("telecom 1+0", "{}")
    with pytest.raises(InternalError):
        store.catalogues.remember("telecom 1+0", '{"feeds": {}}')
    assert store.catalogues.get("telecom 1+0") == "{}"
    assert store.catalogues.get("telecom 2+0") is None
    assert store.catalogues.versions() == ("telecom 1+0",)
