"""Settings are read whole, overridden by the environment, and every problem is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.messages import LANGS, render
from ganzhi.base.settings import first_settings, read_settings


def _workspace(folder: Path, text: str) -> Path:
    (folder / "ganzhi.toml").write_text(text, encoding="utf-8")
    return folder


def test_new_settings_read_back_what_they_were_made_of(tmp_path: Path) -> None:
    _workspace(tmp_path, first_settings('江南 "移动"', "telecom", "Asia/Urumqi"))
    found = read_settings(tmp_path, {})
    assert (found.workspace.name, found.workspace.timezone, found.serve.host) == (
        '江南 "移动"',
        "Asia/Urumqi",
        "127.0.0.1",
    )


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    _workspace(tmp_path, "[serve]\nport = 9000\n")
    found = read_settings(tmp_path, {"GANZHI_SERVE_PORT": "9001", "GANZHI_ENGINE_MEMORY_MB": "256"})
    assert (found.serve.port, found.engine.memory_mb) == (9001, 256)


def test_all_problems_are_named_at_once_with_line_and_near_miss(tmp_path: Path) -> None:
    text = '[workspace]\ntimezone = "Asia/Shanghia"\n\n[engine]\nmemroy_mb = 512\nthreads = -1\n'
    with pytest.raises(InputError) as refused:
        read_settings(_workspace(tmp_path, text), {})
    found = {(i.code, i.subject, i.at.line if i.at else 0) for i in refused.value.issues}
    assert found == {
        ("CFG003", "workspace.timezone", 2),
        ("CFG002", "engine.memroy_mb", 5),
        ("CFG003", "engine.threads", 6),
    }
    texts = [render(lang, issue) for lang in LANGS for issue in refused.value.issues]
    assert any("memory_mb" in text for text in texts)
    assert any("Asia/Shanghai" in text for text in texts)


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_settings(tmp_path, {})
    assert [issue.code for issue in refused.value.issues] == ["CFG001"]


def test_broken_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_settings(_workspace(tmp_path, "[workspace\n"), {})
    assert refused.value.issues[0].code == "CFG004"
    assert "line 1" in refused.value.issues[0].params["detail"]


def test_a_section_inside_a_section_is_read_overridden_and_checked_like_any_other(tmp_path: Path) -> None:
    text = '[engine]\nkind = "clickhouse"\n\n[engine.clickhouse]\nhost = "db"\n'
    found = read_settings(_workspace(tmp_path, text), {"GANZHI_ENGINE_CLICKHOUSE_PORT": "9440"}).engine
    assert (found.kind, found.clickhouse.host, found.clickhouse.port) == ("clickhouse", "db", 9440)
    wrong = '[engine]\nkind = "oracle"\n\n[engine.clickhouse]\nhst = "db"\nport = 70000\n'
    with pytest.raises(InputError) as refused:
        read_settings(_workspace(tmp_path, wrong), {})
    assert {(i.code, i.subject, i.at.line if i.at else 0, i.params.get("near")) for i in refused.value.issues} == {
        ("CFG003", "engine.kind", 2, None),
        ("CFG002", "engine.clickhouse.hst", 5, "host"),
        ("CFG003", "engine.clickhouse.port", 6, None),
    }
