"""Once per content, once per key: repeats, corrections, versions, races, kills, replay."""

from __future__ import annotations

import csv as csv_module
import gzip
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ganzhi.base.errors import EngineError, InputError
from ganzhi.ingest import quarantine
from ganzhi.ingest.load import load
from ganzhi.ingest.replay import replay
from ganzhi.store.manifest import Change
from ganzhi.warehouse.locks import writer_lock
from tests.ingest.desk import Desk, column, columns_with, csv, feed_columns_with, line, text

ROOT = Path(__file__).resolve().parents[2]
POINTS = (
    "ingest.opened",
    "ingest.staged",
    "ingest.settled",
    "ingest.day_written",
    "ingest.rows_written",
    "ingest.before_commit",
    "files.after_copy",
    "files.before_rename",
    "files.after_rename",
    "store.within_commit",
    "store.before_commit",
)
COMMITTED = ("store.after_commit", "ingest.after_commit")


def child(root: Path, start: Path, *words: str, failpoint: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "GANZHI_FAILPOINT": failpoint}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.child", str(root), str(start), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def released(children: Iterable[subprocess.Popen[str]], start: Path) -> list[tuple[int, str, str]]:
    """Let all children that are ready go at once; status, last line and errors of each."""
    found = list(children)
    for each in found:
        assert each.stdout is not None
        each.stdout.readline()
    start.touch()
    ended = []
    for each in found:
        out, err = each.communicate(timeout=120)
        ended.append((each.returncode, out.strip(), err))
    return ended


@pytest.mark.parametrize("name", ["visits.csv", "other.csv"])
def test_the_same_bytes_count_once_under_any_name(desk: Desk, name: str) -> None:
    first = desk.load(csv(line(1), line(2)))
    state = desk.state()
    again = desk.load(csv(line(1), line(2)), name)
    assert (again.state, again.load_id, again.already_loaded) == ("already", first.load_id, True)
    assert [issue.code for issue in again.issues] == ["ING210"]
    assert desk.state() == state


def test_the_same_rows_in_other_bytes_are_duplicates(desk: Desk) -> None:
    desk.load(csv(line(1), line(2)))
    for name, content in (("a.csv", csv(line(2), line(1))), ("b.csv.gz", gzip.compress(csv(line(1), line(2))))):
        report = desk.load(content, name)
        assert (report.state, report.accepted, report.duplicate, report.replaced) == ("accepted", 0, 2, 0)
    assert len(desk.rows()) == 2


def test_a_correction_replaces_also_on_another_day(desk: Desk) -> None:
    desk.load(csv(line(1), line(2, at="2026-03-01 10:00:00"), line(3, at="2026-03-01 11:00:00")))
    report = desk.load(csv(line(2, at="2026-03-09 10:00:00"), line(1, amount="7"), line(4)), "second.csv")
    assert (report.accepted, report.duplicate, report.replaced, report.tally.retired) == (1, 0, 2, 2)
    assert [(r["id"], r["amount"]) for r in desk.rows()] == [("v1", 7), ("v2", 2), ("v3", 3), ("v4", 4)]
    partitions = {ref.partition: ref.rows for ref in desk.workplace.store.manifest.snapshot().table("rows/visits")}
    assert sum(partitions.values()) == 4
    assert partitions["2026-03-01"] == 1
    assert partitions["2026-03-09"] == 1


def test_a_day_that_loses_its_last_row_has_no_file(desk: Desk) -> None:
    desk.load(csv(line(1, at="2026-03-01 10:00:00")))
    desk.load(csv(line(1, at="2026-03-02 10:00:00")), "second.csv")
    assert desk.workplace.store.manifest.snapshot().partitions("rows/visits") == ("2026-03-02",)


def test_equal_rows_of_a_file_count_once_and_contradicting_ones_not_at_all(desk: Desk) -> None:
    report = desk.load(csv(line(1), line(2), line(1), line(3, note="a"), line(3, note="b"), line(3, note="a")))
    assert (report.accepted, report.duplicate, report.rejected) == (2, 1, 3)
    assert [(r["id"], r["_line"]) for r in desk.rows()] == [("v1", 2), ("v2", 3)]
    assert [(r.line, r.reason, r.field) for r in desk.rejected()] == [(n, "ING137", "id") for n in (5, 6, 7)]
    assert report.reasons == {"ING137": 3}


def test_a_version_column_decides_within_a_file_and_between_files(desk: Desk) -> None:
    feed = {"columns": feed_columns_with(version=column("int")), "version": "version"}
    mapping = {"columns": columns_with(version={"source": "note"}, note=None)}
    desk.use(feed=feed, mapping=mapping)
    first = desk.load(csv(line(1, note="2"), line(1, note="3", amount="30"), line(1, note="1"), line(2, note="5")))
    assert (first.accepted, first.duplicate, first.rejected) == (2, 2, 0)
    late = desk.load(csv(line(1, note="2", amount="20"), line(2, note="6", amount="60")), "late.csv")
    assert (late.accepted, late.duplicate, late.replaced) == (0, 1, 1)
    assert [(r["id"], r["amount"], r["version"]) for r in desk.rows()] == [("v1", 30, 3), ("v2", 60, 6)]
    torn = desk.load(csv(line(3, note="1", amount="1"), line(3, note="1", amount="2"), line(3, note="0")), "torn.csv")
    assert (torn.accepted, torn.rejected) == (0, 3)


def test_a_new_version_of_a_file_merges_or_replaces_as_declared(desk: Desk) -> None:
    for mode, left in (("merge", ["v1", "v2", "v3"]), ("replace", ["v2", "v3"])):
        desk.use(mapping={"new_version": mode})
        desk.load(csv(line(1), line(2), line(9, at="2025-01-01 00:00:00")), "a.csv")
        desk.load(csv(line(9, at="2025-01-01 00:00:01")), "other.csv")
        report = desk.load(csv(line(2), line(3)), "a.csv")
        ids = [row["id"] for row in desk.rows()]
        assert ids == [*left, "v9"]
        assert (report.accepted, report.duplicate) == (1, 1)
        assert report.tally.retired == (1 if mode == "replace" else 0)
        desk = Desk(desk.root.parent / f"after-{mode}")


def test_keys_are_compared_exactly_across_types_and_widths(desk: Desk) -> None:
    feed = {"key": ["at", "amount"], "columns": feed_columns_with(amount=column("int"))}
    desk.use(feed=feed)
    desk.load(csv(line(1, amount="9"), line(1, amount="10"), line(1, amount="-9"), line(1, amount="0009999999999")))
    report = desk.load(csv(line(1, amount="9", note="new"), line(1, amount="010")), "second.csv")
    assert (report.accepted, report.duplicate, report.replaced) == (0, 1, 1)


def test_a_row_file_without_bounds_is_searched_all_the_same(desk: Desk) -> None:
    desk.load(csv(line(1, at="2026-03-01 10:00:00"), line(2, at="2026-03-01 10:00:00")))
    manifest, files = desk.workplace.store.manifest, desk.workplace.files
    (before,) = manifest.snapshot().table("rows/visits")
    with desk.workplace.engine.loading_session() as session:
        source = f"SELECT * FROM read_parquet(['{files.path(before)}'])"
        merged = files.write(session, source, "rows/visits", before.partition, order_by="id DESC", key="hall")
    assert (merged.key_min, merged.key_max) == ("h1", "h1")
    manifest.commit(Change(kind="compact", add=(merged,), retire=(before.id,)))
    assert desk.load(csv(line(1, at="2026-03-01 10:00:00"), line(3)), "second.csv").duplicate == 1


def test_a_second_loader_is_told_who_holds_the_feed(desk: Desk) -> None:
    path = desk.file("visits.csv", csv(line(1)))
    with (
        writer_lock(desk.root, "feed-visits", 1, desk.clock, "another load"),
        pytest.raises(EngineError) as caught,
    ):
        load(desk.workplace, "visits", [path], wait_s=0.1)
    assert caught.value.retryable
    assert caught.value.issue.params["pid"] == str(os.getpid())
    assert caught.value.issue.params["what"] == "another load"
    assert desk.load(path).accepted == 1


def test_two_processes_with_the_same_file_count_it_once(desk: Desk, tmp_path: Path) -> None:
    content = csv(*(line(n) for n in range(200)))
    files = [desk.file(name, content) for name in ("a.csv", "b.csv")]
    start = tmp_path / "start"
    ended = released([child(desk.root, start, str(file)) for file in files], start)
    assert sorted(out for _, out, _ in ended) == ['[["accepted", 200, 0, 0, 0]]', '[["already", 0, 0, 0, 0]]']
    assert len(desk.rows()) == 200


def test_two_processes_with_overlapping_files_count_every_key_once(desk: Desk, tmp_path: Path) -> None:
    files = [
        desk.file("a.csv", csv(*(line(n) for n in range(150)))),
        desk.file("b.csv", csv(*(line(n) for n in range(50, 200)))),
    ]
    start = tmp_path / "start"
    ended = released([child(desk.root, start, str(file)) for file in files], start)
    assert sorted(out for _, out, _ in ended) == ['[["accepted", 150, 0, 0, 0]]', '[["accepted", 50, 100, 0, 0]]']
    assert len(desk.rows()) == 200


@pytest.mark.parametrize("point", [*POINTS, *COMMITTED])
def test_a_load_that_is_killed_is_whole_or_absent(desk: Desk, tmp_path: Path, point: str) -> None:
    desk.load(csv(line(1), line(2), line(3)), "before.csv")
    before = desk.content()
    file = desk.file("a.csv", csv(line(2, note="new"), line(3, at="2026-05-01 00:00:00"), line(4), line(5, amount="x")))
    start = tmp_path / "start"
    start.touch()
    status, _, err = released([child(desk.root, start, str(file), failpoint=point)], start)[0]
    assert status == -9, err
    if point in COMMITTED:
        assert len(desk.rows()) == 4
        assert desk.load(file).state == "already"
    else:
        assert desk.content() == before
        assert desk.rejected() == ()
        report = desk.load(file)
        assert (report.accepted, report.replaced, report.rejected) == (1, 2, 1)
    assert [(r["id"], r["note"]) for r in desk.rows()] == [
        ("v1", "fine"),
        ("v2", "new"),
        ("v3", "fine"),
        ("v4", "fine"),
    ]


@pytest.mark.requirement("S002-117")
def test_replay_after_a_fix_is_a_clean_load(desk: Desk, tmp_path: Path) -> None:
    content = csv(line(1), line(2, kind="cheque"), line(3, hall="h7"), line(4, amount="none"), line(5, fee="x"))
    first = desk.load(content)
    assert (first.accepted, first.rejected) == (1, 4)
    fixed: dict[str, Any] = {
        "mapping": {"format": {"null_words": ["none"]}},
        "code_lists": {"kinds": {"name": text("k"), "entries": [{"code": c, "to": c} for c in ("cash", "cheque")]}},
        "units": {"h7": {"name": text("h7"), "level": "hall", "parent": "all"}},
    }
    desk.use(**fixed)
    (report,) = replay(desk.workplace)
    assert (report.state, report.accepted, report.rejected, report.replay_of) == ("accepted", 3, 1, first.load_id)
    assert [(r.line, r.reason, r.load_id) for r in desk.rejected()] == [(6, "ING122", first.load_id)]
    clean = Desk(tmp_path / "clean").use(**fixed)
    clean.load(content)
    assert desk.content() == clean.content()
    assert [(r["id"], r["_line"]) for r in desk.rows()] == [(r["id"], r["_line"]) for r in clean.rows()]
    state = desk.state()
    (again,) = replay(desk.workplace)
    assert (again.state, again.accepted) == ("rejected", 0)
    assert desk.state() == state


def test_replay_can_be_narrowed_by_load_and_reason(desk: Desk) -> None:
    first = desk.load(csv(line(1, kind="cheque"), line(2, amount="none")), "a.csv")
    desk.load(csv(line(3, kind="cheque")), "b.csv")
    desk.use(
        mapping={"format": {"null_words": ["none"]}},
        code_lists={"kinds": {"name": text("k"), "entries": [{"code": c, "to": c} for c in ("cash", "cheque")]}},
    )
    assert [r.accepted for r in replay(desk.workplace, load=first.load_id, reason="ING121")] == [1]
    assert {row["id"] for row in desk.rows()} == {"v2"}
    assert [r.accepted for r in replay(desk.workplace, reason="ING133")] == [1, 1]
    assert desk.rejected() == ()
    assert replay(desk.workplace) == []


def test_what_was_not_text_needs_a_corrected_record(desk: Desk, tmp_path: Path) -> None:
    bad = line(2, note="#").encode().replace(b"#", b"\xff")
    report = desk.load(csv(line(1)) + bad + b"\n" + line(3, note='"a"b').encode() + b"\n" + b"v4,short\n")
    assert report.rejected == 3
    state = desk.state()
    assert [r.state for r in replay(desk.workplace)] == ["rejected"]
    assert desk.state() == state
    corrected = tmp_path / "corrected.csv"
    with corrected.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv_module.writer(stream)
        writer.writerow(["load_id", "line", "reason", "raw"])
        writer.writerow([report.load_id, 3, "ING104", line(2, note="é")])
        writer.writerow([report.load_id, 4, "ING107", line(3, note='"a""b, c"')])
    (again,) = replay(desk.workplace, corrected=corrected)
    assert (again.accepted, again.rejected) == (2, 1)
    assert [(r["id"], r["note"], r["_line"]) for r in desk.rows()] == [
        ("v1", "fine", 2),
        ("v2", "é", 3),
        ("v3", 'a"b, c', 4),
    ]
    assert [(r.line, r.reason) for r in desk.rejected()] == [(5, "ING101")]
    corrected.write_text("line,raw\n1,x\n")
    with pytest.raises(InputError) as caught:
        replay(desk.workplace, corrected=corrected)
    assert caught.value.issues[0].code == "ING030"


def test_two_processes_replay_once(desk: Desk, tmp_path: Path) -> None:
    desk.load(csv(*(line(n, amount="x") for n in range(50))))
    start = tmp_path / "start"
    ended = released([child(desk.root, start, "replay") for _ in range(2)], start)
    assert {status for status, _, _ in ended} == {0}
    assert '[["accepted", 50, 0, 0, 0]]' in {out for _, out, _ in ended}
    assert len(desk.rows()) == 50
    assert desk.rejected() == ()


@pytest.mark.parametrize("point", ["replay.settled", "ingest.before_commit", "ingest.after_commit"])
def test_a_replay_that_is_killed_is_whole_or_absent(desk: Desk, tmp_path: Path, point: str) -> None:
    desk.load(csv(line(1), line(2, amount="x"), line(3, kind="cheque")))
    start = tmp_path / "start"
    start.touch()
    status, _, err = released([child(desk.root, start, "replay", failpoint=point)], start)[0]
    assert status == -9, err
    desk.use(mapping={"format": {"null_words": ["x"]}})
    replay(desk.workplace)
    assert [row["id"] for row in desk.rows()] == ["v1", "v2"]
    assert [row.reason for row in desk.rejected()] == ["ING133"]


def test_rows_in_quarantine_are_listed_by_load_and_reason(desk: Desk) -> None:
    report = desk.load(csv(line(1, amount="x"), line(2, amount="y"), line(3, kind="z")))
    listed = quarantine.reasons(desk.workplace)
    assert [(each.reason, each.rows, each.load_id) for each in listed] == [
        ("ING121", 2, report.load_id),
        ("ING133", 1, report.load_id),
    ]
    page, total = quarantine.rejected_of(desk.workplace, report.load_id, limit=1, offset=1)
    assert total == 3
    assert [row.line for row in page] == [3]
    assert page[0].quarantined_at == desk.clock.now()


@pytest.mark.requirement("S000-069")
def test_a_family_of_files_arrives_by_shard_and_day(desk: Desk) -> None:
    desk.use(mapping={"files": "visits_{shard}_{yyyymmdd}.csv", "expected": {"per": "day", "shards": ["001", "002"]}})
    desk.load(csv(line(1, at="2026-03-01 10:00:00"), line(2, at="2026-03-02 00:10:00")), "visits_001_20260301.csv")
    desk.load(csv(), "visits_002_20260301.csv")
    desk.load(csv(line(3, at="2026-03-02 10:00:00")), "visits_001_20260302.csv")
    found = [(str(a.day), a.shard, a.rows) for a in desk.workplace.store.ledger.arrivals("visits")]
    assert found == [("2026-03-01", "001", 2), ("2026-03-01", "002", 0), ("2026-03-02", "001", 1)]


@pytest.mark.requirement("S000-069")
def test_a_monthly_file_speaks_for_its_days(desk: Desk) -> None:
    desk.use(mapping={"files": "visits_{yyyymm}.csv"})
    desk.load(csv(line(1, at="2026-02-03 10:00:00")), "visits_202602.csv")
    desk.load(csv(line(2, at="2026-11-03 10:00:00")), "visits_202611.csv")
    days = [a.day for a in desk.workplace.store.ledger.arrivals("visits")]
    assert [sum(d.month == month for d in days) for month in (2, 11)] == [28, 3]


def test_a_busy_months_log_that_was_taken_early_speaks_until_its_last_record(desk: Desk) -> None:
    desk.use(mapping={"files": "visits_{yyyymm}.csv"})
    busy = csv(*(line(n, at=f"2026-02-{n:02d} 10:00:00") for n in range(1, 11)))
    desk.load(busy, "visits_202602.csv")
    assert max(a.day for a in desk.workplace.store.ledger.arrivals("visits")) == date(2026, 2, 10)
    whole = csv(*(line(100 + n, at=f"2026-03-{n:02d} 10:00:00") for n in range(1, 31)))
    desk.load(whole, "visits_202603.csv")
    assert max(a.day for a in desk.workplace.store.ledger.arrivals("visits")) == date(2026, 3, 31)


def test_an_unknown_or_unclear_mapping_is_refused(desk: Desk) -> None:
    path = desk.file("visits.csv", csv(line(1)))
    for mapping, code in (("plane", "ING024"), ("other", "ING024")):
        with pytest.raises(InputError) as caught:
            load(desk.workplace, "visits", [path], mapping=mapping)
        assert caught.value.issues[0].code == code
    catalogue = desk.workplace.catalogue
    two = replace(catalogue, mappings={**catalogue.mappings, "second": catalogue.mappings["plain"]})
    desk.workplace = replace(desk.workplace, catalogue=two)
    with pytest.raises(InputError) as caught:
        load(desk.workplace, "visits", [path])
    assert caught.value.issues[0].code == "ING023"
    assert load(desk.workplace, "visits", [path], mapping="second")[0].accepted == 1


def test_a_refused_file_does_not_stop_the_others(desk: Desk) -> None:
    from ganzhi.ingest.report import RefusedError

    files = [desk.file("a.csv", b""), desk.file("b.csv", csv(line(1))), desk.file("c.csv", b"<html>")]
    with pytest.raises(RefusedError) as caught:
        load(desk.workplace, "visits", files)
    assert [issue.code for issue in caught.value.issues] == ["ING004", "ING005"]
    assert [report.accepted for report in caught.value.reports] == [1]


def test_a_new_column_of_the_feed_does_not_make_old_rows_differ(desk: Desk) -> None:
    desk.load(csv(line(1), line(2)))
    desk.use(feed={"columns": feed_columns_with(extra=column("int"))})
    report = desk.load(csv(line(2), line(1), line(3)), "second.csv")
    assert (report.accepted, report.duplicate, report.replaced) == (1, 2, 0)
