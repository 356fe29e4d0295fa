"""`simulate`, `receive`, and `demo` with its province."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ganzhi.cli.main import run
from ganzhi.province.incidents import INCIDENTS
from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli-province")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clean day of a tiny province; tests only read it."""
    root = tmp_path_factory.mktemp("province") / "p"
    asked = ["simulate", str(root), "--scale", "0.0002", "--days", "1", "--start", "2012-03-01", "--clean"]
    assert run([*asked, "--lang", "en"]) == 0
    return root


@pytest.mark.parametrize(("lang", "word"), [("en", "incident to let loose"), ("zh", "要发生的事件")])
def test_help_explains_simulate_in_both_languages(ganzhi: Program, lang: str, word: str) -> None:
    said = ganzhi("simulate", "--help", "--lang", lang)
    assert said.status == 0
    assert word in said.out
    for option in ("--scale", "--days", "--seed", "--incident", "--start", "--clean", "--incidents"):
        assert option in said.out


def test_simulate_writes_deliveries_units_and_the_truth(ganzhi: Program, tmp_path: Path) -> None:
    said = ganzhi(
        "simulate", tmp_path / "p", "--scale", 0.0002, "--days", 2, "--start", "2012-02-29", "--seed", 5, "--incident",
        "recharge-2012", "--incident", "port-spam@2012-02-29",
    )  # fmt: skip
    assert said.status == 0
    assert "recharge-2012" in said.err
    assert "units.yaml" in said.err
    assert sorted(path.name for path in (tmp_path / "p").iterdir() if path.name != "later") == [
        "catalogue", "delivered", "truth",
    ]  # fmt: skip
    story = json.loads((tmp_path / "p/truth/simulation.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in story["incidents"]] == ["recharge-2012", "port-spam"]
    assert (story["scale"], story["days"], story["seed"]) == (0.0002, 2, 5)
    assert [path.name for path in sorted((tmp_path / "p/delivered").iterdir())] == ["20120229", "20120301"]


def test_incidents_lists_every_incident_in_the_readers_language(ganzhi: Program) -> None:
    english, chinese = ganzhi("simulate", "--incidents"), ganzhi("simulate", "--incidents", "--lang", "zh")
    assert english.status == chinese.status == 0
    for name, kind in INCIDENTS.items():
        assert name in english.out
        assert kind.en in english.out
        assert kind.zh in chinese.out


def test_simulate_never_writes_into_a_folder_that_holds_something(ganzhi: Program, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    said = ganzhi("simulate", tmp_path, "--scale", 0.0002, "--days", 1)
    assert said.status == 2
    assert "CLI009" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--incident", "recharge-2013"), "CLI010"),
        (("--scale", 0), "CLI011"),
        (("--scale", 11), "CLI011"),
        (("--scale", "nan"), "CLI011"),
        (("--start", "1999-01-01"), "CLI011"),
        (("--incident", "recharge-2012@2012-06-01", "--days", 3), "CLI012"),
        (("--incident", "sms-delay", "--days", 3), "CLI012"),
    ],
)
def test_simulate_refuses_what_it_cannot_do(
    ganzhi: Program, tmp_path: Path, arguments: tuple[object, ...], code: str
) -> None:
    said = ganzhi("simulate", tmp_path / "p", *arguments)
    assert said.status == 2
    assert code in said.err
    assert not (tmp_path / "p").exists()


def test_simulate_asks_for_a_folder(ganzhi: Program) -> None:
    said = ganzhi("simulate")
    assert said.status == 2
    assert "DIR" in said.err


def test_receive_of_an_empty_folder_says_so(ganzhi: Program, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = ganzhi("receive", tmp_path / "empty", "-w", workspace)
    assert said.status == 3
    assert "ING025" in said.err


def _table(text: str) -> dict[str, list[int]]:
    """The printed tallies by feed."""
    rows = [line.split() for line in text.splitlines()[2:]]
    return {row[0]: [int(cell.replace(",", "")) for cell in row[1:]] for row in rows}


@pytest.fixture
def delivery(province: Path, tmp_path: Path) -> Path:
    """A folder with some files of the province and one that nobody knows."""
    folder = tmp_path / "delivery"
    (folder / "20120301").mkdir(parents=True)
    for pattern in ("queue_tickets_*", "am_ps_payment_*", "am_balance_*"):
        for path in (province / "delivered/20120301").glob(pattern):
            shutil.copy(path, folder / "20120301")
    (folder / "20120301" / "notes.docx").write_bytes(b"not a delivery")
    return folder


def test_receive_loads_a_folder_once_and_tells_what_it_does_not_know(
    ganzhi: Program, workspace: Path, province: Path, delivery: Path
) -> None:
    shutil.copy(province / "catalogue/units.yaml", workspace / "catalogue/units.yaml")
    first = ganzhi("receive", delivery, "--jobs", 1, "-w", workspace)
    assert first.status == 0
    assert "notes.docx" in first.err
    counts = _table(first.out)
    lines = (delivery / "20120301/queue_tickets_20120301.csv").read_text(encoding="utf-8").count("\n") - 1
    assert counts["queue_tickets"][:4] == [1, 0, lines, lines]
    assert counts["balance_changes"][0] == 4
    again = ganzhi("receive", delivery, "--jobs", 1, "-w", workspace)
    assert again.status == 0
    assert all(row[0] == row[1] and not any(row[2:]) for row in _table(again.out).values())
    assert _table(again.out).keys() == counts.keys()


def test_a_refused_file_gives_status_3_and_stops_nothing(
    ganzhi: Program, workspace: Path, province: Path, delivery: Path
) -> None:
    shutil.copy(province / "catalogue/units.yaml", workspace / "catalogue/units.yaml")
    broken = delivery / "20120301/queue_tickets_20120301.csv"
    broken.write_text("ticket;hall\n1;2\n", encoding="utf-8")
    other = delivery / "20120302/queue_tickets_20120302.csv"
    other.parent.mkdir()
    whole = (province / "delivered/20120301/queue_tickets_20120301.csv").read_text(encoding="utf-8")
    other.write_text(whole, encoding="utf-8")
    said = ganzhi("receive", delivery, "--jobs", 1, "-w", workspace)
    assert said.status == 3
    assert "queue_tickets_20120301.csv" in said.err
    counts = _table(said.out)
    assert counts["queue_tickets"][0] == 2
    assert counts["queue_tickets"][3] == whole.count("\n") - 1
    assert counts["payments"][3] > 0


@pytest.mark.slow
def test_a_demo_simulates_receives_and_computes_once(ganzhi: Program, tmp_path: Path) -> None:
    """On its last day alone only the source's own incident takes place."""
    asked = ("demo", "--no-serve", "--scale", 0.0005, "--days", 1, "-w", tmp_path / "demo")
    first = ganzhi(*asked)
    assert first.status == 0
    assert "recharge-2012" in first.err
    assert "sms-delay" not in first.err
    said = ganzhi("observe", "recharge.payments", "--grain", "day", "--format", "json", "-w", tmp_path / "demo")
    assert any(each["value"] for each in said.json)
    again = ganzhi(*asked)
    assert again.status == 0
    assert "Nothing changed" in again.err
    tallies = _table(again.out.partition("file ")[0])
    assert tallies
    assert all(row[0] == row[1] for row in tallies.values())
