"""`ganzhi knowledge`: a note is written with a file, listed, taken out and withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")


def test_a_note_goes_in_and_comes_out(ganzhi: Program, workspace: Path, tmp_path: Path) -> None:
    at = ("-w", workspace)
    file = tmp_path / "minutes.pdf"
    file.write_bytes(b"\x00minutes")
    assert "no notes" in ganzhi("knowledge", "list", *at).out
    where = ("indicator", "hotline.answer_rate")
    more = ("--text", "peer review", "--link", "Rules https://example.test/r", "--file", file)
    added = ganzhi("knowledge", "add", *where, "Target raised", "--kind", "decision", *more, *at)
    assert (added.status, "Note 1" in added.err) == (0, True)
    (note,) = ganzhi("knowledge", "list", "--search", "PEER", "--format", "json", *at).json
    assert (note["subject"], note["file"]) == ("hotline.answer_rate", "minutes.pdf")
    assert note["links"] == [{"title": "Rules", "target": "https://example.test/r"}]
    ganzhi("knowledge", "file", 1, "--out", tmp_path / "copy.pdf", *at)
    assert (tmp_path / "copy.pdf").read_bytes() == file.read_bytes()
    assert ganzhi("knowledge", "add", "process", "nobody", "x", "--text", "y", *at).status == 2
    assert ganzhi("knowledge", "withdraw", 1, "--why", "superseded", *at).status == 0
    assert "no notes" in ganzhi("knowledge", "list", *at).out
    (gone,) = ganzhi("knowledge", "list", "--format", "json", *at).json
    assert gone["withdrawn_why"] == "superseded"
