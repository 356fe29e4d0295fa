"""Files handed in through the portal: seen before they count, counted once, put right row by row."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from ganzhi.base.periods import Grain
from ganzhi.jobs import Runner
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from tests.portal.imports.conftest import FORM, TOKEN, Port, commit, send
from tests.whole.organisation import viewer

ANALYST = viewer("analyst")
COUNTS = ("read", "accepted", "duplicate", "replaced", "filtered", "rejected")


def _counts(page: str) -> list[int]:
    """The numbers of the list of counts on a page."""
    block = page.split('id="h-counts"', 1)[1].split("</dl>", 1)[0]
    return [int(each.replace(",", "")) for each in re.findall(r"<dd>([\d,]+)</dd>", block)]


def _text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _mixed(port: Port) -> bytes:
    """New rows, one twice, one of the first load again, one of it changed, and three that must be refused."""
    first = port.rows_of("QAA-K1", 0, 20)
    fresh = port.rows_of("QAA-K1", 20, 40)
    changed = first[3].split("\t")
    changed[4] = "NE"
    bad_time = fresh[5].split("\t")
    bad_time[1], bad_time[6] = "999991", "25:61:00"
    unknown = fresh[6].split("\t")
    unknown[1], unknown[12] = "999992", "SHOUTED"
    return port.file(*fresh, fresh[0], first[0], "\t".join(changed), "\t".join(bad_time), "\t".join(unknown), "a\tb")


@pytest.mark.requirement("S002-117")
def test_what_the_preview_says_is_what_comes_and_nothing_counts_before(port: Port) -> None:
    client = port.as_(ANALYST)
    first = send(client, "first.txt", port.file(*port.rows_of("QAA-K1", 0, 20)))
    assert commit(client, first.headers["location"]).status_code == 303
    before, head = port.counted(), port.workspace.workplace.store.manifest.head()

    upload = send(client, "second.txt", _mixed(port)).headers["location"]
    preview = client.get(upload)
    assert preview.status_code == 200
    assert port.counted() == before
    assert port.workspace.workplace.store.manifest.head() == head
    told = _counts(preview.text)
    assert told == [26, 20, 2, 1, 0, 3]

    done = commit(client, upload)
    result = client.get(done.headers["location"])
    assert _counts(result.text) == told
    assert len(port.counted()) == len(before) + 20
    # The rows that were refused stand on the page with their lines, and nothing personal in them.
    refused = re.findall(r'<th scope="row" class="num">([\d,]+)</th>', result.text)
    assert refused == ["25", "26", "27"]


@pytest.mark.requirement("S002-117")
def test_the_same_bytes_twice_count_once_whatever_they_are_called(port: Port) -> None:
    client = port.as_(ANALYST)
    body = port.file(*port.rows_of("QAA-K2", 0, 30))
    load = commit(client, send(client, "a.txt", body).headers["location"]).headers["location"]
    counted = port.counted()
    again = send(client, "b.txt", body).headers["location"]
    assert "already" in _text(client.get(f"{again}?lang=en").text)
    assert commit(client, again).headers["location"] == load
    # Pressing the button once more, on the first upload or the second, is told the same load.
    assert commit(client, again).headers["location"] == load
    assert client.get(again).headers["location"] == load
    assert port.counted() == counted
    assert len(counted) == 30


@pytest.mark.requirement("S002-117")
def test_numbers_follow_in_the_background_and_every_step_is_in_the_trail(port: Port) -> None:
    client = port.as_(ANALYST)
    rows = port.rows_of("QBB-K1", 0, 25)
    place = commit(client, send(client, "c.txt", port.file(*rows)).headers["location"]).headers["location"]
    assert "being computed" in _text(client.get(f"{place}?lang=en").text)
    runner = Runner(port.workspace)
    while runner.turn():
        pass
    assert "hold this import" in _text(client.get(place).text)
    days = sorted({row.split("\t")[5] for row in rows})
    from datetime import date

    last = date(1999, 1, int(days[-1][4:]))
    with open_states(port.workspace.workplace) as states:
        asked = ObserveRequest(("hotline.calls",), "QBB-K1", Grain.MONTH, date(1999, 1, 1), last, stale="show")
        (found,) = observe(port.workspace.workplace, states, asked)
    assert found.n == len([row for row in rows if row.split("\t")[12] != "PHANTOM"])
    trail = port.workspace.workplace.store.audit
    mine = [each for each in trail.entries() if each.act.startswith("import.")]
    steps = [(each.act, each.detail) for each in mine]
    assert [act for act, _ in steps] == ["import.begin", "import.done"]
    assert steps[1][1]["accepted"] == 25
    assert steps[1][1]["load"] == place.rsplit("/", 1)[1]
    assert {each.actor for each in mine} == {ANALYST.login}
    assert trail.verify() == []


@pytest.mark.requirement("S002-117")
def test_refused_rows_are_put_right_in_a_table_and_what_is_masked_keeps_its_value(port: Port) -> None:
    """The customer's number is masked in the table; correcting the time beside it brings the row in with it."""
    client = port.as_(ANALYST)
    good = port.rows_of("QAA-K1", 0, 30)
    broken = [row.split("\t") for row in good if row.split("\t")[2] != "0"][:3]
    wrong = ["\t".join([*cells[:6], "25:61:00", *cells[7:]]) for cells in broken]
    others = [row for row in good if row.split("\t")[1] not in {cells[1] for cells in broken}]
    load = commit(client, send(client, "d.txt", port.file(*others, *wrong)).headers["location"]).headers["location"]
    table = client.get(f"{load}/refused.csv")
    assert table.status_code == 200
    for cells in broken:
        assert cells[2] not in table.text
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["vru_entry"] for row in rows] == ["25:61:00"] * 3
    assert all(row["_reason"].startswith("ING") and row["_meaning"] for row in rows)

    for row, cells in zip(rows[:2], broken, strict=False):
        row["vru_entry"] = cells[6]
    sheet = io.StringIO(newline="")
    writer = csv.DictWriter(sheet, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    body = sheet.getvalue().encode("gb18030")  # as a spreadsheet of a Chinese desktop saves it
    answer = client.post(
        "/imports",
        data={"csrf": TOKEN, "load": load.rsplit("/", 1)[1]},
        files={"file": ("fixed.csv", body, "text/csv")},
    )
    assert answer.status_code == 303
    assert _counts(client.get(answer.headers["location"]).text)[:2] == [3, 2]
    assert len(client.get(f"{load}/refused.csv").text.splitlines()) == 2

    import pyarrow.parquet as pq

    place = port.workspace.workplace
    customers = {}
    for ref in place.store.manifest.snapshot().table("rows/calls"):
        kept = pq.read_table(place.files.path(ref), columns=["call_id", "customer_id"]).to_pylist()
        customers |= {row["call_id"].rsplit("-", 1)[-1]: row["customer_id"] for row in kept}
    for cells in broken[:2]:
        assert any(cells[2] == customer for customer in customers.values())
    # Once more: the row that stayed wrong still is, and nothing changes.
    again = client.post(load, data={"csrf": TOKEN})
    assert again.headers["location"].endswith("?done=nothing")
    assert [act for _, act in port.acts()].count("import.replay") == 2
    assert ("export") in [act for _, act in port.acts()]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "IMP004"),
        (b"no,such,columns\r\n1,2,3\r\n", "IMP004"),
        (b"\x00\x01\x02", "IMP004"),
        (b"\xff\xfe_\x00l\x00", "IMP004"),
        (b'_load,_line\r\n"broken', "IMP004"),
        (b"_load,_line\r\nnot-this-load,2\r\n", "IMP005"),
        (b"_load,_line\r\nLOAD,99999\r\n", "IMP005"),
        (b"_load,_line\r\nLOAD,-1\r\n", "IMP005"),
        (b"_load,_line\r\nLOAD,99999999999999999999999\r\n", "IMP005"),
        (b"_load,_line\r\nLOAD,22\r\n", "IMP007"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_that_is_none_is_told_in_words_and_changes_nothing(port: Port, body: bytes, code: str) -> None:
    client = port.as_(ANALYST)
    good = port.rows_of("QAA-K1", 0, 20)
    bad = good[0].replace(good[0].split("\t")[1], "777", 1).split("\t")
    bad[6] = "25:61:00"
    load = commit(client, send(client, "e.txt", port.file(*good, "\t".join(bad))).headers["location"]).headers[
        "location"
    ]
    id_ = load.rsplit("/", 1)[1]
    before = port.counted()
    answer = client.post(
        "/imports",
        data={"csrf": TOKEN, "load": id_},
        files={"file": ("x.csv", body.replace(b"LOAD", id_.encode()), "text/csv")},
    )
    assert answer.status_code == 400
    assert code in answer.text
    assert port.counted() == before


HOSTILE_NAMES = (
    "../../../etc/passwd",
    "..\\..\\boot.ini",
    "/dev/stdin",
    ".",
    "..",
    ".about.json",
    "about.json",
    "a\x00b.txt",
    "a\r\nSet-Cookie: x=1.txt",
    "con",
    "😀" * 300 + ".txt",
    "名" * 300 + ".txt",
    "<script>alert(1)</script>.txt",
    "=cmd|' /C calc'!A0.txt",
    "\u202etxt.exe",
    "x" * 5_000,
)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_no_name_of_a_file_leads_out_of_its_folder_or_into_a_page(port: Port, name: str) -> None:
    client = port.as_(ANALYST)
    answer = send(client, name, port.file(*port.rows_of("QAA-K1", 0, 3)))
    assert answer.status_code in (303, 400)
    folder = port.workspace.root / "imports"
    inside = [each for each in folder.rglob("*") if each.is_file()] if folder.is_dir() else []
    if answer.status_code == 303:
        assert len(inside) == 2
        page = client.get(answer.headers["location"])
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert commit(client, answer.headers["location"]).status_code == 303
        assert len(port.counted()) == 3
    outside = {each.name for each in port.workspace.root.iterdir()}
    assert outside <= {"catalogue", "ganzhi.toml", "imports", "warehouse", "cache", "locks", "history.log"} | {
        each for each in outside if each.startswith("store.sqlite")
    }


HOSTILE_BODIES = {
    "html": b"<!doctype html><html>sign in</html>",
    "zip": b"PK\x03\x04" + b"\x00" * 200,
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 200,
    "nul": b"\x00" * 5_000,
    "gz": b"\x1f\x8b\x08\x00" + b"\x00" * 50,
    "header only": b"vru+line\tcall_id\r\n",
    "another header": b"a,b,c\r\n1,2,3\r\n",
    "one line": b"x" * 3_000_000,
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
}


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES.keys())
def test_what_is_no_file_of_the_feed_is_refused_with_its_reason_before_and_at_the_button(
    port: Port, body: bytes
) -> None:
    client = port.as_(ANALYST)
    upload = send(client, "f.txt", body).headers["location"]
    page = client.get(f"{upload}?lang=en")
    assert page.status_code == 200
    assert "cannot be read" in page.text
    assert re.search(r"ING\d{3}", page.text)
    assert 'value="commit"' not in page.text
    pressed = commit(client, upload)  # pressed all the same
    assert pressed.status_code == 400
    assert re.search(r"ING\d{3}", pressed.text)
    assert str(port.workspace.root) not in page.text + pressed.text
    assert port.counted() == []


def test_a_form_without_file_feed_or_token_is_refused(port: Port) -> None:
    client = port.as_(ANALYST)
    body = port.file(*port.rows_of("QAA-K1", 0, 3))
    files = {"file": ("a.txt", body, "text/plain")}
    assert client.post("/imports", data={"feed": "calls", "form": FORM}, files=files).status_code == 403
    foreign = {"sec-fetch-site": "cross-site"}
    sent = {"csrf": TOKEN, "feed": "calls", "form": FORM}
    assert client.post("/imports", data=sent, files=files, headers=foreign).status_code == 403
    assert send(client, "a.txt", body, feed="nothing").status_code == 400
    assert send(client, "a.txt", body, form="nothing").status_code == 400
    assert client.post("/imports", data=sent).status_code == 400
    assert port.counted() == []


@pytest.mark.requirement("S002-117", "S002-112")
def test_a_viewer_bound_to_units_brings_rows_of_those_alone(port: Port) -> None:
    """A27: rows beyond reach are refused with their reason, whether the unit exists or not, and none of them
    replaces what another unit brought."""
    province, county = port.as_(ANALYST), port.as_(viewer("analyst", "QAA-K1"))
    theirs = port.rows_of("QBB-K1", 0, 10)
    commit(province, send(province, "g.txt", port.file(*theirs)).headers["location"])
    counted = port.counted()
    own = port.rows_of("QAA-K1", 0, 12)
    # A row that claims the key of a call of another county: as if it had come in through one's own line.
    stolen = "\t".join(["AA0101", *theirs[0].split("\t")[1:]])
    body = port.file(*own, *port.rows_of("QBB-K2", 0, 2), *port.rows_of("QAA-K2", 0, 1), stolen)
    upload = send(county, "mine.txt", body).headers["location"]
    load = commit(county, upload).headers["location"]
    page = county.get(load)
    added = set(port.counted()) - set(counted)
    assert set(counted) <= set(port.counted())
    assert {unit for _, unit in added} == {"QAA-K1"}
    assert len(added) in (12, 13)  # with another key than the call it imitates, the imitation is a row of its own
    assert "ING142" in page.text
    assert _counts(page.text)[5] == 16 - len(added)
    # The same bytes from the province are another load: what was refused for reach comes in.
    everything = commit(province, send(province, "mine.txt", body).headers["location"]).headers["location"]
    assert everything != load
    assert {unit for _, unit in port.counted()} == {"QAA-K1", "QAA-K2", "QBB-K1", "QBB-K2"}


def test_a_row_never_replaces_one_of_a_unit_beyond_the_senders_reach(port: Port) -> None:
    province, county = port.as_(ANALYST), port.as_(viewer("analyst", "QAA-K1"))
    head = "call_id,unit,customer_id,priority,call_type,outcome,agent,arrived_at,ivr_exit_at,ivr_s,queue_at,queue_exit_at,wait_s,answered_at,released_at,talk_s"

    def row(key: str, unit: str, outcome: str) -> str:
        at = "1999-01-05 09:00:00"
        return f"{key},{unit},,0,PS,{outcome},ANNA,{at},{at},1,{at},{at},5,{at},1999-01-05 09:01:00,60"

    def file(*rows: str) -> bytes:
        return "\r\n".join([head, *rows, ""]).encode()

    commit(
        province,
        send(
            province, "p.csv", file(row("k1", "QBB-K1", "AGENT"), row("k2", "QAA-K1", "AGENT")), form="own_csv.calls"
        ).headers["location"],
    )
    before = port.counted()
    assert before == [("k1", "QBB-K1"), ("k2", "QAA-K1")]
    sent = file(row("k1", "QAA-K1", "HANG"), row("k2", "QAA-K1", "HANG"), row("k3", "QAA-K1", "HANG"))
    upload = send(county, "c.csv", sent, form="own_csv.calls").headers["location"]
    assert _counts(county.get(upload).text) == [3, 1, 0, 1, 0, 1]
    load = commit(county, upload).headers["location"]
    assert _counts(county.get(load).text) == [3, 1, 0, 1, 0, 1]
    assert "ING142" in county.get(load).text
    assert port.counted() == [("k1", "QBB-K1"), ("k2", "QAA-K1"), ("k3", "QAA-K1")]
    # Loading the refused row again is no way around it; the province may do it.
    county.post(load, data={"csrf": TOKEN})
    assert port.counted()[0] == ("k1", "QBB-K1")
    province.post(load, data={"csrf": TOKEN})
    assert port.counted()[0] == ("k1", "QAA-K1")


@pytest.mark.requirement("S002-112")
def test_imports_of_others_do_not_exist_for_a_viewer_bound_to_units(port: Port) -> None:
    province, county = port.as_(ANALYST), port.as_(viewer("analyst", "QAA-K1"))
    upload = send(province, "h.txt", port.file(*port.rows_of("QBB-K1", 0, 5))).headers["location"]
    absent = "/imports/uploads/01a00000-0000-7000-8000-000000000000"
    for method in ("get", "post"):
        more = {"data": {"csrf": TOKEN, "do": "discard"}} if method == "post" else {}
        told = [getattr(county, method)(path, **more) for path in (upload, absent)]
        assert [each.status_code for each in told] == [404, 404]
        texts = [
            each.text.replace(path.rsplit("/", 1)[1], "ID") for each, path in zip(told, (upload, absent), strict=True)
        ]
        assert texts[0] == texts[1]
    load = commit(province, upload).headers["location"]
    nothing = "/imports/loads/01a00000-0000-7000-8000-000000000000"
    for ending in ("", "/refused.csv"):
        told = [county.get(path + ending) for path in (load, nothing)]
        assert [each.status_code for each in told] == [404, 404]
    assert county.get(load.replace("/imports/loads/", "/data/rejects/")).status_code == 404
    assert "h.txt" not in county.get("/imports").text + county.get("/data").text
    assert "h.txt" in province.get("/imports").text


@pytest.mark.requirement("S002-117")
@pytest.mark.parametrize("role", ["leader", "manager", "handler", "owner"])
def test_without_the_right_nothing_of_the_port_can_be_had(port: Port, role: str) -> None:
    client: TestClient = port.as_(viewer(role))  # type: ignore[arg-type]
    owner = port.as_(ANALYST)
    upload = send(owner, "i.txt", port.file(*port.rows_of("QAA-K1", 0, 2))).headers["location"]
    load = commit(owner, upload).headers["location"]
    files = ("/imports/template.csv?feed=calls&form=own_csv.calls", f"{load}/refused.csv")
    assert [client.get(path).status_code for path in ("/imports", upload, load, *files)] == [403] * 5
    assert send(client, "a.txt", b"x").status_code == 403
    assert client.post(load, data={"csrf": TOKEN}).status_code == 403


def test_uploads_that_nobody_loads_go_after_a_day_with_what_was_half_made(port: Port) -> None:
    client = port.as_(ANALYST)
    upload = send(client, "j.txt", port.file(*port.rows_of("QAA-K1", 0, 2))).headers["location"]
    folder = port.workspace.root / "imports"
    (folder / ".part-left").mkdir()
    port.clock.forward(timedelta(hours=23))
    assert client.get(upload).status_code == 200
    port.clock.forward(timedelta(hours=1, seconds=1))
    assert client.get(upload).status_code == 404
    assert commit(client, upload).status_code == 404
    # The folder's own time is that of this machine, later than the test's: it stays until an hour is over.
    import os

    os.utime(folder / ".part-left", (0, 0))
    runner = Runner(port.workspace)
    while runner.turn():
        pass
    assert list(folder.iterdir()) == []
    assert port.counted() == []


def test_a_discarded_upload_is_gone_and_the_page_says_so(port: Port) -> None:
    client = port.as_(ANALYST)
    upload = send(client, "k.txt", port.file(*port.rows_of("QAA-K1", 0, 2))).headers["location"]
    gone = client.post(upload, data={"csrf": TOKEN, "do": "discard"})
    assert "thrown away" in _text(client.get(f"{gone.headers['location']}&lang=en").text)
    assert client.get(upload).status_code == 404
    assert list((port.workspace.root / "imports").iterdir()) == []
