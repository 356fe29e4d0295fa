"""Parts of few events on real pages: withheld from a leader, in files too, and shown to who may count the records."""

from __future__ import annotations

import pytest

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.measure.refresh import refresh
from tests.portal.imports.conftest import Port, commit, send
from tests.whole.organisation import viewer

PAGE = "/indicators/hotline.calls{}?period=1999-01&by=call_type"


def _parts(port: Port, role: str) -> dict[str, object]:
    tables = port.as_(viewer(role)).get(PAGE.format(".json")).json()["tables"]  # type: ignore[arg-type]
    return {row["key"]: row["n"] for row in next(t for t in tables if t["id"] == "by_call_type")["rows"]}


@pytest.mark.requirement("S002-113")
def test_small_parts_are_withheld_on_the_page_and_in_its_files_and_not_told_by_their_sum(port: Port) -> None:
    rows = [row for row in port.lines[1:] if row.split("\t")[12] != "PHANTOM"]
    of_type = {kind: [row for row in rows if row.split("\t")[4] == kind] for kind in ("PS", "NW", "NE", "PE")}
    sent = [*of_type["PS"][:30], *of_type["NW"][:9], *of_type["NE"][:3]]
    client = port.as_(viewer("analyst"))
    commit(client, send(client, "few.txt", port.file(*sent)).headers["location"])
    refresh(port.workspace.workplace)
    assert _parts(port, "analyst") == {"PS": 30, "NW": 9, "NE": 3}
    seen = _parts(port, "leader")
    assert {key for key, n in seen.items() if n is None} == {"NE", "NW"}  # 3, and 9 lest 42 - 30 - 9 tell it
    assert seen["PS"] == 30
    page = port.as_(viewer("leader")).get(PAGE.format("") + "&lang=en").text
    assert page.count(f"withheld (&lt;{SMALLEST_CELL} rule)") >= 2
    table = port.as_(viewer("leader")).get(PAGE.format(".csv") + "&table=by_call_type&lang=en").text
    assert table.count("withheld (<5 rule)") == 2
