"""Metrics: who may read them, what they count, and that nobody's data are in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ganzhi.api.app import add_api
from ganzhi.base.clock import FixedClock
from ganzhi.measure.answers import Answers
from ganzhi.store.jobs import NewJob
from ganzhi.wiring import init_workspace, open_workspace, serving_cache
from tests.api.conftest import ADMIN, NOW, WHOLE, Programs
from tests.whole.organisation import NAMES, viewer


def _metrics(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_are_for_this_machine_and_for_the_right_audit(programs: Programs) -> None:
    assert programs.client(None).get("/metrics").status_code == 200
    assert programs.client(ADMIN).get("/metrics").status_code == 200
    assert programs.client(WHOLE).get("/metrics").status_code == 403
    far = TestClient(programs.app, client=("10.0.0.9", 5))
    assert far.get("/metrics").status_code == 401
    through = TestClient(
        programs.app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), headers={"X-Forwarded-For": "10.0.0.9"}
    )
    assert through.get("/metrics").status_code == 401
    token = {"Authorization": f"Bearer {programs.tokens[ADMIN.login]}"}
    assert far.get("/metrics", headers=token).status_code == 200


def test_requests_are_counted_by_route_and_never_by_address(programs: Programs) -> None:
    def counted(route: str, status: int) -> float:
        found = _metrics(programs.client(None).get("/metrics").text)
        return found.get(f'ganzhi_requests_total{{method="GET",route="{route}",status="{status}"}}', 0)

    before = counted("/api/v1/indicators/{code}", 404)
    strange = [counted("/api/v1", 404), counted("none", 404)]
    for number in range(5):
        programs.get(f"/indicators/hotline.nothing{number}")
        programs.get(f"/wp-admin/{number}")
        programs.client().get(f"/wp-login-{number}.php")
    assert counted("/api/v1/indicators/{code}", 404) == before + 5
    assert [counted("/api/v1", 404), counted("none", 404)] == [each + 5 for each in strange]
    text = programs.client(None).get("/metrics").text
    assert "wp-" not in text
    assert "nothing" not in text
    odd = programs.client().request("BREW", "/api/v1/units")
    assert odd.status_code == 405
    assert "BREW" not in programs.client(None).get("/metrics").text


def test_metrics_tell_how_the_data_stand_and_of_nobody(programs: Programs) -> None:
    later = open_workspace(programs.workspace.root, FixedClock(NOW.replace(month=2)))
    place, app = later.workplace, FastAPI()
    add_api(app, later, Answers(place, serving_cache(later)), lambda: True)
    place.store.jobs.enqueue(NewJob("publish", "schedule"))
    text = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5)).get("/metrics").text
    found = _metrics(text)
    assert found["ganzhi_last_commit"] == place.store.manifest.head()
    assert found['ganzhi_age_seconds{of="refresh"}'] == 31 * 86_400
    assert found['ganzhi_sources{state="late"}'] == 1
    assert found['ganzhi_sources{state="never"}'] == len(place.catalogue.sources) - 1
    assert found['ganzhi_jobs{kind="publish",state="waiting"}'] == 1
    logins = [who.login.replace(".", "-") for who in (WHOLE, ADMIN, viewer("analyst", "QAA"))]
    assert not [word for word in (*NAMES, *logins, "gz_") if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]
    later.close()


def test_a_job_that_failed_is_counted(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w")
    workspace = open_workspace(tmp_path / "w", FixedClock(NOW))
    jobs = workspace.workplace.store.jobs
    jobs.enqueue(NewJob("publish", "schedule"))
    claim = jobs.claim("somebody")
    assert claim is not None
    jobs.fail(claim, "no space")
    app = FastAPI()
    add_api(app, workspace, Answers(workspace.workplace, serving_cache(workspace)), lambda: True)
    text = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5)).get("/metrics").text
    assert _metrics(text)['ganzhi_jobs{kind="publish",state="failed"}'] == 1
    assert "no space" not in text
    workspace.close()


@pytest.mark.parametrize("path", ["/api/v1/units", "/metrics", "/api/v1/nothing"])
def test_durations_are_counted_with_the_requests(programs: Programs, path: str) -> None:
    label = {"/api/v1/nothing": "/api/v1"}.get(path, path)

    def count() -> float:
        return _metrics(programs.client(None).get("/metrics").text).get(
            f'ganzhi_request_seconds_count{{route="{label}"}}', 0
        )

    before = count()
    programs.client().get(path)
    assert count() >= before + 1
