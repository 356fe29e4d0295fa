"""What is refused, with which status, code and field, in which words (reliability, list A)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ganzhi.access.open import open_access
from ganzhi.access.rights import Viewer
from ganzhi.access.tokens import Tokens
from ganzhi.api.app import add_api
from ganzhi.api.limits import Limiter
from ganzhi.base.clock import FixedClock
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.scope import Reader
from ganzhi.warehouse.duckdb.serving import ServingCache
from ganzhi.wiring import Workspace, init_workspace, open_workspace, serving_cache
from tests.access.conftest import CHEAP
from tests.api.conftest import ADMIN, NOW, WHOLE, Programs, with_api
from tests.whole.organisation import viewer

GOOD = {"code": "hotline.answer_rate", "from": "1999-01-03", "to": "1999-01-04"}
RECORDS = {"code": "hotline.answer_rate", "period": "1999-01-04"}

WRONG: tuple[tuple[str, dict[str, Any], int, str, str], ...] = (
    # path, parameters instead of the good ones, status, code, field
    ("/observations", {"untis": "QAA"}, 422, "API001", "untis"),
    ("/observations", {"role": "administrator"}, 422, "API001", "role"),
    ("/topics", {"code": "hotline"}, 422, "API001", "code"),
    ("/openapi.json", {"x": "1"}, 422, "API001", "x"),
    ("/observations", {"unit": ["QAA", "QBB"]}, 422, "API002", "unit"),
    ("/records", {"code": ["hotline.calls", "hotline.answered"]}, 422, "API002", "code"),
    ("/observations", {"from": None}, 422, "API003", "from"),
    ("/observations", {"code": None}, 422, "API003", "code"),
    ("/observations", {"code": "Hotline"}, 422, "API005", "code"),
    ("/observations", {"code": ["hotline.calls"] * 51}, 422, "API005", "code"),
    ("/observations", {"code": "'; drop table"}, 422, "API005", "code"),
    ("/observations", {"code": "hotline.nothing"}, 404, "REQ010", "code"),
    ("/observations", {"code": "hotline.experience"}, 422, "MEA004", "code"),
    ("/observations", {"grain": "5min"}, 422, "API004", "grain"),
    ("/observations", {"grain": ""}, 422, "API004", "grain"),
    ("/observations", {"unit": "QZZ"}, 404, "REQ012", "unit"),
    ("/observations", {"unit": "../../etc"}, 422, "API005", "unit"),
    ("/observations", {"unit": "Q" * 65}, 422, "API005", "unit"),
    ("/observations", {"unit": "Q\x00"}, 422, "API005", "unit"),
    ("/observations", {"unit": "😀"}, 422, "API005", "unit"),
    ("/observations", {"from": "1999-01-05"}, 422, "MEA002", "from"),
    ("/observations", {"from": "1000-01-01", "to": "2000-01-01"}, 422, "API004", "from"),
    ("/observations", {"from": "1990-01-01", "to": "2200-12-31"}, 422, "API007", "from"),
    ("/observations", {"to": "1999-02-30"}, 422, "API004", "to"),
    ("/observations", {"to": "1999-01-04T24:00"}, 422, "API004", "to"),
    ("/observations", {"to": "915408000"}, 422, "API004", "to"),
    ("/observations", {"by": "password"}, 422, "CMP009", "by"),
    ("/observations", {"by": "customer_id"}, 422, "CMP009", "by"),
    ("/observations", {"by": "call_type); select 1"}, 422, "API005", "by"),
    ("/observations", {"by": ["agent", "call_type"]}, 422, "CMP009", "by"),
    ("/observations", {"by": ["agent", "agent"]}, 422, "MEA003", "where"),
    ("/observations", {"where": "call_type"}, 422, "API005", "where"),
    ("/observations", {"where": ["agent=a", "agent=b"]}, 422, "MEA003", "where"),
    ("/observations", {"where": "agent=a\nb"}, 422, "API005", "where"),
    ("/observations", {"children": "1"}, 422, "API004", "children"),
    ("/observations", {"children": "True"}, 422, "API004", "children"),
    ("/observations", {"basis": "all"}, 422, "API004", "basis"),
    ("/observations", {"limit": "0"}, 422, "API005", "limit"),
    ("/observations", {"limit": "-1"}, 422, "API004", "limit"),
    ("/observations", {"limit": "1001"}, 422, "API005", "limit"),
    ("/observations", {"limit": "1_0"}, 422, "API004", "limit"),
    ("/observations", {"limit": "1e2"}, 422, "API004", "limit"),
    ("/observations", {"limit": "9" * 5000}, 422, "API004", "limit"),
    ("/observations", {"limit": "NaN"}, 422, "API004", "limit"),
    ("/observations", {"limit": "null"}, 422, "API004", "limit"),
    ("/observations", {"cursor": "AAAA"}, 422, "API008", "cursor"),
    ("/observations", {"cursor": "é"}, 422, "API008", "cursor"),
    ("/observations", {"lang": "fr"}, 422, "API004", "lang"),
    ("/scores", {"by": "call_type"}, 422, "API001", "by"),
    ("/scores", {"use": "hr"}, 422, "API004", "use"),
    ("/findings", {"period": "1999-13"}, 422, "REQ001", "period"),
    ("/findings", {"period": "last week"}, 422, "REQ001", "period"),
    ("/findings", {"period": "0001"}, 422, "REQ001", "period"),
    ("/records", {"sort": "customer_id"}, 422, "REQ015", "sort"),
    ("/records", {"sort": "nothing"}, 422, "REQ004", "sort"),
    ("/records", {"sort": "unit desc, 1"}, 422, "API005", "sort"),
    ("/records", {"part": "some"}, 422, "API004", "part"),
    ("/records", {"code": "hotline.experience"}, 422, "REQ014", "code"),
    ("/records", {"period": None}, 422, "API003", "period"),
    ("/indicators", {"feed": "nothing"}, 404, "REQ011", "feed"),
    ("/indicators", {"topic": "nothing"}, 404, "REQ013", "topic"),
    ("/indicators/hotline.nothing", {}, 404, "REQ010", "code"),
    ("/topics/nothing", {}, 404, "REQ013", "topic"),
    ("/units", {"parent": "QZZ"}, 404, "REQ012", "unit"),
    ("/nothing", {}, 404, "API014", None),
    ("/indicators/", {}, 404, "API014", None),
    ("/..%2f..%2fetc%2fpasswd", {}, 404, "API014", None),
    ("/%00", {}, 404, "API014", None),
    ("//units", {}, 404, "API014", None),
    ("/units;a=b", {}, 404, "API014", None),
    (f"/{'x' * 5000}", {}, 404, "API014", None),
)  # type: ignore[assignment]


def _params(path: str, instead: dict[str, Any]) -> dict[str, Any]:
    good = {"/observations": GOOD, "/scores": GOOD, "/records": RECORDS}.get(path, {})
    return {name: value for name, value in {**good, **instead}.items() if value is not None}


@pytest.mark.parametrize(("path", "instead", "status", "code", "field"), WRONG)
def test_what_is_wrong_is_refused_by_name(
    programs: Programs, path: str, instead: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    said = {}
    for lang in ("zh", "en"):
        answer = programs.client(WHOLE, **{"Accept-Language": lang}).get(
            f"/api/v1{path}", params=_params(path, instead)
        )
        body = answer.json()
        assert (answer.status_code, body["code"], body["field"]) == (status, code, field), answer.text[:400]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert body["status"] == status
        assert body["issues"][0]["code"] == code
        said[lang] = (body["title"], body["detail"], body["remedy"])
    assert all(zh != en for zh, en in zip(said["zh"], said["en"], strict=True))


def test_everything_that_is_wrong_is_said_at_once(programs: Programs) -> None:
    body = programs.get("/observations", grain="x", limit="x", extra="1").json()
    assert {(i["code"], i["field"]) for i in body["issues"]} == {
        ("API003", "code"), ("API003", "from"), ("API003", "to"), ("API004", "grain"), ("API004", "limit"), ("API001", "extra"),
    }  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW"])
def test_the_api_only_reads(programs: Programs, method: str) -> None:
    for path in ("/api/v1/units", "/metrics"):
        answer = programs.client().request(method, path)
        if (method, path) == ("HEAD", "/metrics"):
            continue
        assert answer.status_code == 405, (method, path)
        assert "access-control-allow-origin" not in answer.headers
    override = programs.client(WHOLE, **{"X-HTTP-Method-Override": "DELETE"}).get("/api/v1/units")
    assert override.status_code == 200


def test_no_other_site_may_read_an_answer(programs: Programs) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null", "Access-Control-Request-Method": "GET"}):
        answer = programs.client(WHOLE, **headers).get("/api/v1/units")
        assert not [name for name in answer.headers if name.startswith("access-control")]


# -- who may come in ---------------------------------------------------------------------------------


def _refused(answer: Any, code: str = "API010") -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, code), answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[Workspace]:
    """A workspace without accounts, and without data."""
    init_workspace(folder := tmp_path_factory.mktemp("alone") / "w")
    workspace = open_workspace(folder, FixedClock(NOW))
    yield workspace
    workspace.close()


def _bare(workspace: Workspace) -> tuple[FastAPI, Any]:
    app = FastAPI()
    access = open_access(workspace.workplace.store, workspace.settings, CHEAP)
    answers = Answers(workspace.workplace, serving_cache(workspace))
    return app, add_api(app, workspace, answers, lambda: access.signin.needed)


@pytest.mark.parametrize(
    ("address", "headers", "let_in"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {"Host": "localhost:8350"}, True),
        ("127.0.0.1", {"Sec-Fetch-Site": "same-origin"}, True),
        ("127.0.0.1", {"Host": "evil.example"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1.evil.example"}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Sec-Fetch-Site": "cross-site"}, False),
        ("10.0.0.9", {}, False),
        ("10.0.0.9", {"X-Forwarded-For": "127.0.0.1"}, False),
    ],
)
def test_without_accounts_only_this_machine_may_ask(
    alone: Workspace, address: str, headers: dict[str, str], let_in: bool
) -> None:
    app, _ = _bare(alone)
    client = TestClient(app, base_url="http://127.0.0.1:8350", client=(address, 5), headers=headers)
    for path in ("/api/v1/units", "/metrics"):
        answer = client.get(path)
        if let_in:
            assert answer.status_code == 200
        else:
            _refused(answer, "API012")


def test_a_false_token_is_refused_even_where_nobody_needs_one(alone: Workspace) -> None:
    app, _ = _bare(alone)
    client = TestClient(app, base_url="http://127.0.0.1:8350", client=("127.0.0.1", 5))
    _refused(client.get("/api/v1/units", headers={"Authorization": "Bearer gz_x"}))


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic {}", "Token {}", "{}", "Bearer {}x", "Bearer {} {}", "Bearer gz_aaaaaaaaaa_" + "A" * 43,
     "Bearer " + "x" * 100_000, "Bearer \xff\xfe", "Bearer null"],
)  # fmt: skip
def test_a_header_without_a_valid_token_lets_nobody_in(programs: Programs, header: str) -> None:
    text = header.replace("{}", programs.tokens[WHOLE.login])
    client = programs.client(None)
    answer = client.get("/api/v1/units", headers=[(b"authorization", text.encode("latin-1"))])  # type: ignore[arg-type]
    _refused(answer)
    assert programs.tokens[WHOLE.login] not in answer.text


def test_two_tokens_are_none(programs: Programs) -> None:
    both = [("Authorization", f"Bearer {programs.tokens[who.login]}") for who in (WHOLE, ADMIN)]
    _refused(programs.client(None).get("/api/v1/units", headers=both))  # type: ignore[arg-type]


def test_cookies_and_other_places_let_nobody_in(programs: Programs) -> None:
    text = programs.tokens[WHOLE.login]
    for headers in ({"Cookie": f"session={text}"}, {"X-API-Key": text}, {"Proxy-Authorization": f"Bearer {text}"}):
        _refused(programs.client(None).get("/api/v1/units", headers=headers))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Programs]:
    """Accounts and tokens of its own, without data."""
    from tests.whole.organisation import ORGANISATION

    init_workspace(folder := tmp_path / "w")
    (folder / "catalogue" / "overlay.yaml").write_text(ORGANISATION, encoding="utf-8")
    workspace = open_workspace(folder, FixedClock(NOW))
    yield with_api(workspace)
    workspace.close()


def test_a_token_in_an_address_is_revoked_wherever_it_stands(fresh: Programs) -> None:
    addresses = (
        "/api/v1/units?key={}",
        "/api/v1/{}",
        "/nowhere?a=b&t={}",
        "/api/v1/units?{}",
        "/metrics?x=gz%5F{rest}",
    )
    for who, address in zip(fresh.tokens, addresses, strict=False):
        text = fresh.tokens[who]
        client = TestClient(fresh.app, headers={"Authorization": f"Bearer {text}", "Accept-Language": "en"})
        assert client.get("/api/v1/docs").status_code == 200
        answer = client.get(address.replace("{}", text).replace("{rest}", text[3:]))
        _refused(answer, "API011")
        assert text not in answer.text
        _refused(client.get("/api/v1/docs"))
        entry = fresh.workspace.workplace.store.audit.entries()[-1]
        assert (entry.act, entry.detail["reason"]) == ("token.revoke", "address")
        assert text not in str(entry)
    _refused(TestClient(fresh.app).get("/api/v1/units?key=gz_aaaaaaaaaa_" + "A" * 43), "API011")


def test_a_token_ends_with_its_time_its_revocation_and_its_owner(fresh: Programs) -> None:
    place = fresh.workspace.workplace
    access = open_access(place.store, fresh.workspace.settings, CHEAP)
    ok = {who: fresh.get("/docs", viewer_).status_code for who, viewer_ in (("whole", WHOLE), ("admin", ADMIN))}
    assert ok == {"whole": 200, "admin": 200}
    Tokens(place.store).revoke(fresh.tokens[WHOLE.login].split("_")[1], by="test")
    _refused(fresh.get("/docs", WHOLE))
    owner = access.accounts.find("handler-qbb")
    assert fresh.get("/docs", viewer("handler", "QBB")).status_code == 200
    access.accounts.disable(owner, by="test")
    _refused(fresh.get("/docs", viewer("handler", "QBB")))
    later = open_workspace(fresh.workspace.root, FixedClock(NOW + timedelta(days=31)))
    late, _ = _bare(later)
    token = {"Authorization": f"Bearer {fresh.tokens[ADMIN.login]}"}
    _refused(TestClient(late, headers=token).get("/api/v1/docs"))
    later.close()


def test_what_an_owner_loses_the_token_has_lost(fresh: Programs) -> None:
    place = fresh.workspace.workplace
    accounts = open_access(place.store, fresh.workspace.settings, CHEAP).accounts
    who = viewer("analyst", "QAA")
    assert {each["code"] for each in fresh.all("/units", who)} == {"QAA", "QAA-K1", "QAA-K2"}
    changed = accounts.set_units(place.catalogue, accounts.find("analyst-qaa"), ("QAA-K1",), by="test")
    assert {each["code"] for each in fresh.all("/units", who)} == {"QAA-K1"}
    assert fresh.get("/records", who, **RECORDS).status_code == 200
    accounts.set_role(changed, "manager", by="test")
    assert fresh.get("/records", who, **RECORDS).status_code == 403


# -- too much, too long, out of order ----------------------------------------------------------------


def test_a_caller_who_asks_too_often_is_told_when_to_come_again(fresh: Programs) -> None:
    now = [0.0]
    fresh.house.limiter = Limiter(60, 4, lambda: now[0])
    answers = [fresh.get("/docs") for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert answers[-1].json()["code"] == "API013"
    assert answers[-1].headers["retry-after"] == "1"
    assert fresh.get("/docs", ADMIN).status_code == 200
    now[0] = 1.0
    assert [fresh.get("/docs").status_code for _ in range(2)] == [200, 429]


def test_guessing_tokens_is_stopped_before_anything_is_looked_up(fresh: Programs) -> None:
    fresh.house.limiter = Limiter(600, 4, lambda: 0.0)
    guesses = [f"Bearer gz_{'abcdefghij'}_{number:043d}" for number in range(62)]
    statuses = [fresh.client(None).get("/api/v1/docs", headers={"Authorization": g}).status_code for g in guesses]
    assert statuses == [401] * 60 + [429] * 2


class Slow(Answers):
    """Answers whose session first counts to a hundred thousand million."""

    def fresh(self, viewer: Viewer, build: Any) -> Any:
        """See `Answers`."""

        def slowly(reader: Reader) -> Any:
            reader.states.session.query("select count(*) from range(100000000000) where range % 7 = 3")
            return build(reader)

        return super().fresh(viewer, slowly)


def test_a_question_that_takes_too_long_is_stopped_with_advice(programs: Programs) -> None:
    place = programs.workspace.workplace
    hasty = ServingCache(programs.workspace.root / "warehouse", place.zone, place.clock, deadline_s=0.3)
    kept, programs.house.answers = programs.house.answers, Slow(place, hasty)
    try:
        answer = programs.get("/observations", **GOOD)
    finally:
        programs.house.answers = kept
    assert (answer.status_code, answer.json()["code"]) == (504, "WHS006"), answer.text[:300]
    assert "shorter span" in answer.json()["remedy"]


def test_a_fault_of_ours_tells_nothing_but_its_number(programs: Programs, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of customer 13812345521")

    kept, programs.house.answers = programs.house.answers, Broken(broken)  # type: ignore[assignment]
    try:
        answer = programs.get("/observations", **GOOD)
    finally:
        programs.house.answers = kept
    assert answer.status_code == 500
    assert "13812345521" not in answer.text
    assert answer.json()["id"] in answer.json()["detail"]
    assert caplog.records[-1].id == answer.json()["id"]  # type: ignore[attr-defined]


class Broken:
    """Answers that fail."""

    def __init__(self, fresh: Any) -> None:
        self.fresh = fresh

    def state(self) -> tuple[int, int]:
        return (0, 0)
