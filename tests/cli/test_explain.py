"""`ganzhi explain` on the sample: the parts of January's third week add up, in both forms and languages."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")

WEEK = ("--period", "1999-W04")


@pytest.mark.requirement("S000-125")
def test_json_splits_a_ratio_over_every_declared_dimension_without_remainder(ganzhi: Program, january: Path) -> None:
    said = ganzhi("explain", "hotline.answer_rate", *WEEK, "--format", "json", "-w", january)
    assert said.status == 0
    (found,) = said.json
    weeks = ganzhi(
        "observe", "hotline.answer_rate", "--grain", "week", "--from", "1999-01-18", "--to", "1999-01-31", "--format",
        "json", "-w", january,
    ).json  # fmt: skip
    assert found["difference"] == pytest.approx(weeks[1]["value"] - weeks[0]["value"], abs=1e-12)
    assert (found["period"], found["compared_with"], found["reason"]) == ("1999-W04", "1999-W03", "explained")
    assert {cut["dimension"] for cut in found["cuts"]} >= {"call_type", "priority"}
    for cut in found["cuts"]:
        assert cut["way"] == "rate_mix"
        assert math.fsum(piece["change"] for piece in cut["pieces"]) == pytest.approx(found["difference"], abs=1e-12)


def test_a_score_is_split_down_to_its_leaves(ganzhi: Program, january: Path) -> None:
    (found,) = ganzhi("explain", "index.hotline", *WEEK, "--format", "json", "-w", january).json
    if found["reason"] == "explained":
        points = [part["points"] for part in found["split"]["parts"] if part["points"] is not None]
        assert math.fsum(points) == pytest.approx(found["difference"], abs=1e-9)
    else:
        assert found["split"] is None


@pytest.mark.parametrize(("lang", "word", "kind"), [("zh", "接通率", "普通业务"), ("en", "rate", "Regular")])
def test_a_table_says_it_in_words_and_never_that_anything_is_caused(
    ganzhi: Program, january: Path, lang: str, word: str, kind: str
) -> None:
    said = ganzhi("explain", "hotline.answer_rate", *WEEK, "--by", "call_type", "--lang", lang, "-w", january)
    assert said.status == 0
    first, *rest = said.out.splitlines()
    assert word in first
    assert any(kind in line for line in rest)
    assert "caus" not in said.out
    assert "导致" not in said.out


def test_against_the_target_and_with_a_dimension_of_the_calendar(ganzhi: Program, january: Path) -> None:
    said = ganzhi(
        "explain",
        "hotline.answer_rate",
        *WEEK,
        "--vs",
        "target",
        "--by",
        "hour_of_day",
        "--format",
        "json",
        "-w",
        january,
    )
    (found,) = said.json
    (cut,) = [each for each in found["cuts"] if each["dimension"] == "hour_of_day"]
    assert cut["way"] == "distance"
    assert math.fsum(piece["change"] for piece in cut["pieces"]) == pytest.approx(found["difference"], abs=1e-12)
    assert found["difference"] == pytest.approx(found["observation"]["value"] - found["target"], abs=1e-12)


def test_what_is_unknown_is_said_and_not_split(ganzhi: Program, january: Path) -> None:
    said = ganzhi("explain", "hotline.answer_rate", "--period", "1998-W53", "-w", january)
    assert said.status == 0
    assert "unknown" in said.out
    assert len(said.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nowhere",), "REQ0"),
        (("hotline.answer_rate", "--unit", "nowhere"), "REQ0"),
        (("hotline.answer_rate", "--period", "soon"), "REQ001"),
        (("hotline.answer_rate", *WEEK, "--by", "colour"), "CMP009"),
    ],
)
def test_wrong_use_is_refused_by_name(ganzhi: Program, january: Path, arguments: tuple[str, ...], code: str) -> None:
    said = ganzhi("explain", *arguments, "-w", january)
    assert said.status == 2
    assert code in said.err
    assert said.raw == b""
