"""The API beside the pages: equal numbers, the same headers, the same door, and nothing of the pages opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ganzhi.portal.headers import SECURITY_HEADERS
from ganzhi.portal.site import app_of
from ganzhi.wiring import Workspace
from tests.api.conftest import opened

HERE = {"base_url": "http://127.0.0.1:8350", "client": ("127.0.0.1", 5), "follow_redirects": False}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[Workspace]:
    """Without accounts."""
    made = opened(tmp_path_factory.mktemp("pages") / "w", sample_calls)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(workspace: Workspace) -> FastAPI:
    return app_of(workspace)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> TestClient:
    return TestClient(app, **HERE)  # type: ignore[arg-type]


def _table(client: TestClient, address: str, name: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:300]
    tables: list[dict[str, Any]] = answer.json()["tables"]
    rows: list[dict[str, Any]] = next(table for table in tables if table["id"] == name)["rows"]
    return rows


def test_a_number_is_the_same_on_a_page_and_for_a_program(client: TestClient) -> None:
    rows = _table(client, "/topics/hotline.json?period=1999-01-04&region=QAA", "scorecard")
    shown = {row["code"]: row for row in rows if row["value"] is not None}
    codes = [code for code, row in shown.items() if row["numerator"] is not None]
    asked = {"code": codes, "unit": "QAA", "from": "1999-01-04", "to": "1999-01-04"}
    items = client.get("/api/v1/observations", params=asked).json()["items"]
    assert len(items) == len(codes) > 10
    for each in items:
        row = shown[each["code"]]
        told = (each["value"], each["numerator"], each["denominator"], each["n"])
        assert told == (row["value"], row["numerator"], row["denominator"], row["n"]), each["code"]


def test_the_records_of_a_page_are_those_a_program_gets(client: TestClient) -> None:
    rows = _table(client, "/records/calls.json?indicator=hotline.abandoned&period=1999-01-04&region=QAA", "records")
    asked = {"code": "hotline.abandoned", "period": "1999-01-04", "unit": "QAA", "limit": 1000}
    answer = client.get("/api/v1/records", params=asked).json()
    place = [column["name"] for column in answer["columns"]].index("call_id")
    assert [each["values"][place] for each in answer["items"]] == [row["call_id"] for row in rows]
    assert len(rows) == answer["total"] > 5


def test_answers_and_refusals_leave_with_the_headers_of_the_pages(client: TestClient) -> None:
    token = "gz_aaaaaaaaaa_" + "A" * 43
    paths = {
        "/api/v1/units": 200,
        "/api/v1/nothing": 404,
        "/api/v1/units?x=1": 422,
        "/metrics": 200,
        f"/a?b={token}": 401,
    }
    for path, status in paths.items():
        answer = client.get(path)
        assert answer.status_code == status
        for name, value in SECURITY_HEADERS:
            assert answer.headers[name] == value, (path, name)
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "set-cookie" not in answer.headers


def test_requests_of_pages_are_counted_by_their_first_part(client: TestClient) -> None:
    client.get("/overview?period=1999-01-04")
    client.get("/nothing-such")
    text = client.get("/metrics").text
    assert 'ganzhi_requests_total{method="GET",route="/overview",status="200"}' in text
    assert 'route="none",status="404"' in text
    assert "nothing-such" not in text


def test_where_visits_begin_with_signing_in_programs_need_tokens(workspace: Workspace) -> None:
    guarded = TestClient(app_of(workspace, demo=True), **HERE)  # type: ignore[arg-type]
    assert guarded.get("/api/v1/units").status_code == 401
    assert guarded.get("/metrics").status_code == 200
    assert guarded.get("/healthz").status_code == 200
