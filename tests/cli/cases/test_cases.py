"""`ganzhi cases`: the samples that the demo loads, found, decided upon, given away and taken in again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ganzhi.cli.serve import CASES, sample_file
from ganzhi.complaints.cases.content import categories
from ganzhi.complaints.cases.library import Library
from ganzhi.complaints.cases.samples import load_samples
from ganzhi.wiring import opened
from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")


@pytest.mark.requirement("S003-032", "S003-034")
def test_the_samples_are_found_decided_upon_and_given_away(ganzhi: Program, workspace: Path, tmp_path: Path) -> None:
    at = ("-w", workspace)
    assert "No cases" in ganzhi("cases", "find", "停机", *at).err
    file = sample_file(CASES)
    with opened(workspace) as open_workspace:
        library = Library(open_workspace.workplace)
        known = set(categories(open_workspace.workplace.catalogue, library.today()))
        assert (load_samples(library, file.name, file.read_bytes()).cases, load_samples(library, "", b"").cases) == (
            20,
            0,
        )
        assert {each.content.category for each in library.cases()} == known
    found = ganzhi(
        "cases", "find", "缴费以后还是停机，没有复机", "--category", "provisioning", "--format", "json", *at
    ).json
    assert (found[0]["category"], found[0]["wording"][:4]) == ("provisioning", "您的费用")
    assert "复机" in found[0]["words"][0]

    assert ganzhi("cases", "retire", 3, *at).err.startswith("CAS001")
    assert "Case 3: Retired." in ganzhi("cases", "retire", 3, "--note", "old", *at).err
    assert [each["number"] for each in ganzhi("cases", "list", "--state", "retired", "--format", "json", *at).json] == [
        3
    ]
    undone = ganzhi("cases", "undo", 3, "--lang", "zh", *at)
    assert (undone.status, "撤销上一步" in undone.err) == (0, True)

    given = ganzhi("cases", "export", "--out", tmp_path / "cases.json", *at)
    assert "20 cases exported" in given.err
    document = json.loads((tmp_path / "cases.json").read_text(encoding="utf-8"))
    document["cases"] = [{**document["cases"][0], "fix": "退订"}, *document["cases"][1:]]
    (tmp_path / "cases.json").write_text(json.dumps(document), encoding="utf-8")
    assert "20 cases read: 0 new, 1 changed, 19 the same" in ganzhi("cases", "import", tmp_path / "cases.json", *at).err
    own = ganzhi("cases", "approve", 1, *at)
    assert (own.status, own.err[:6]) == (2, "CAS007")
    shown = ganzhi("cases", "show", 1, *at).out
    assert "没有订购却多出流量包" in shown
    assert "waits for approval" in shown
    tidy = ganzhi("cases", "tidy", "--format", "json", *at)
    assert (tidy.status, tidy.json[0]["waiting"]) == (1, [1])
