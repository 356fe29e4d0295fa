"""Requests: language, headers on every answer, conditional answers, parts, refusals, probes."""

from __future__ import annotations

import logging

import pytest

from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.portal.forms import BODY_LIMIT
from ganzhi.portal.headers import SECURITY_HEADERS
from tests.portal.asking import ADDRESSES, TABLES, Portal, Read
from tests.portal.fakes import FakeHouse, outage

BROKEN = (
    "/nope",
    "/indicators/no.such",
    "/regions/XX",
    "/topics/nope",
    "/data/rejects/nope",
    "/static/nope.css",
    "/overview?vs=nonsense",
    "/records/calls",
)


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal()


@pytest.mark.parametrize(
    "address", [*ADDRESSES, *BROKEN, "/", "/healthz", "/readyz", *(f"{t}.csv?indicator=hotline.calls" for t in TABLES)]
)
def test_security_headers_stand_on_every_answer(portal: Portal, address: str) -> None:
    answer = portal.ask(address)
    for name, value in SECURITY_HEADERS:
        assert answer.headers[name] == value
    assert "cache-control" in answer.headers
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("address", ["/overview", "/indicators/hotline.calls", "/overview.csv", "/healthz"])
def test_pages_can_only_be_read(portal: Portal, address: str, method: str) -> None:
    answer = portal.ask(address, method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.headers["content-security-policy"]


def test_head_answers_without_making_an_export() -> None:
    portal = Portal()
    assert portal.ask("/overview", "HEAD").status_code == 200
    assert portal.ask("/records/calls.csv?indicator=hotline.calls", "HEAD").status_code == 200
    assert portal.house.notes == []


def test_a_large_body_is_refused_unread(portal: Portal) -> None:
    for method in ("GET", "POST"):
        answer = portal.ask("/overview", method, content=b"x" * (BODY_LIMIT + 1))
        assert answer.status_code == 413
        assert answer.headers["content-security-policy"]
    assert portal.ask("/overview", content=b"x" * BODY_LIMIT).status_code == 200


class TestLanguage:
    def test_browser_then_cookie_then_address(self, portal: Portal) -> None:
        assert portal.ask("/overview", lang="en-GB,en;q=0.9").headers["content-language"] == "en"
        assert portal.ask("/overview", lang="en", Cookie="lang=zh").headers["content-language"] == "zh-CN"
        answer = portal.ask("/overview?lang=en", lang="zh", Cookie="lang=zh")
        assert answer.headers["content-language"] == "en"
        assert answer.headers["set-cookie"].startswith("lang=en;")
        assert "SameSite=lax" in answer.headers["set-cookie"]

    def test_an_unknown_language_is_ignored(self, portal: Portal) -> None:
        answer = portal.ask("/overview?lang=xx", lang="en")
        assert answer.headers["content-language"] == "en"
        assert "set-cookie" not in answer.headers

    def test_answers_vary_by_what_they_depend_on(self, portal: Portal) -> None:
        vary = portal.ask("/overview").headers["vary"]
        assert all(name in vary for name in ("Accept-Language", "Cookie", "X-Partial"))

    def test_the_switch_keeps_the_page(self, portal: Portal) -> None:
        links = Read(portal.ask("/indicators/hotline.calls?by=weekday").text).links()
        assert "/indicators/hotline.calls?by=weekday&lang=en" in links


class TestConditional:
    def test_an_unchanged_page_is_not_sent_again(self, portal: Portal) -> None:
        first = portal.ask("/overview")
        again = portal.ask("/overview", If_None_Match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]

    def test_languages_and_scopes_have_their_own_tags(self, portal: Portal) -> None:
        tags = {
            portal.ask(a, lang=lang).headers["etag"]
            for a in ("/overview", "/overview?period=1999-01")
            for lang in ("zh", "en")
        }
        assert len(tags) == 4

    def test_records_are_stored_nowhere(self, portal: Portal) -> None:
        answer = portal.ask("/records/calls?indicator=hotline.calls")
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers

    def test_long_pages_are_compressed(self, portal: Portal) -> None:
        answer = portal.ask("/overview", Accept_Encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["vary"]


class TestParts:
    @pytest.mark.parametrize(
        ("address", "part"),
        [
            ("/overview", "scorecard"),
            ("/indicators/hotline.answer_rate?view=table", "trend"),
            ("/indicators/hotline.answer_rate?by=weekday", "breakdown"),
            ("/records/calls?indicator=hotline.calls", "list"),
            ("/dictionary", "entries"),
        ],
    )
    def test_only_the_part_asked_for_is_sent_and_equals_that_of_the_page(
        self, portal: Portal, address: str, part: str
    ) -> None:
        answer = portal.ask(address, X_Partial=part)
        assert answer.headers["x-partial"] == part
        assert answer.text.strip().startswith(
            f'<section class="card{" score" if part == "scorecard" else ""}" id="{part}"'
        )
        assert answer.text.strip() in portal.ask(address).text

    def test_an_unknown_part_gets_the_whole_page(self, portal: Portal) -> None:
        answer = portal.ask("/overview", X_Partial="../etc")
        assert "x-partial" not in answer.headers
        assert answer.text.startswith("<!doctype html>")


class TestRefusals:
    @pytest.mark.parametrize(
        ("address", "parameter", "without"),
        [
            ("/overview?vs=nonsense&period=1999-01", "vs", "/overview?period=1999-01"),
            ("/overview?period=1999-13", "period", "/overview"),
            ("/overview?basis=x", "basis", "/overview"),
            ("/overview?region=XX&vs=year", "region", "/overview?vs=year"),
            ("/indicators/hotline.calls?by=colour", "by", "/indicators/hotline.calls"),
            ("/indicators/hotline.calls?view=3d", "view", "/indicators/hotline.calls"),
            ("/indicators/hotline.calls?span=5", "span", "/indicators/hotline.calls"),
            ("/records/calls?indicator=no.such", "indicator", "/records/calls"),
            ("/records/calls?indicator=hotline.calls&page=0", "page", "/records/calls?indicator=hotline.calls"),
            (
                "/records/calls?indicator=hotline.calls&page=999999999999",
                "page",
                "/records/calls?indicator=hotline.calls",
            ),
            ("/dictionary?layer=XYZ", "layer", "/dictionary"),
        ],
    )
    def test_a_wrong_value_names_its_parameter_and_links_to_the_page_without_it(
        self, portal: Portal, address: str, parameter: str, without: str
    ) -> None:
        answer = portal.ask(address, lang="en")
        assert answer.status_code == 400
        assert f"Parameter {parameter}:" in answer.text
        assert without in Read(answer.text).links()

    @pytest.mark.parametrize("address", BROKEN[:6])
    def test_what_does_not_exist_is_404_in_the_readers_language(self, portal: Portal, address: str) -> None:
        for lang, word in (("zh", "没有这个页面"), ("en", "No such page")):
            answer = portal.ask(address, lang=lang)
            assert answer.status_code == 404
            assert word in answer.text
            assert Read(answer.text).faults == []

    def test_unknown_parameters_are_ignored(self, portal: Portal) -> None:
        assert portal.ask("/overview?utm_source=x&__proto__=1&vs=").status_code == 200

    def test_an_outside_failure_is_503_with_an_id_and_when_to_come_back(self) -> None:
        portal = Portal(FakeHouse(failing={"overview": outage()}))
        answer = portal.ask("/overview")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert "错误编号" in answer.text

    def test_our_own_failure_is_500_with_the_id_that_the_log_has(self, caplog: pytest.LogCaptureFixture) -> None:
        portal = Portal(FakeHouse(failing={"overview": RuntimeError("secret 13800000000")}))
        with caplog.at_level(logging.ERROR, "ganzhi.portal"):
            answer = portal.ask("/overview", lang="en")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert str(caplog.records[0].__dict__["id"]) in answer.text
        assert answer.headers["content-security-policy"]

    def test_a_program_gets_its_refusal_as_json(self, portal: Portal) -> None:
        answer = portal.ask("/overview.json?vs=nonsense", lang="en")
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        issue = answer.json()["issues"][0]
        assert (issue["code"], issue["parameter"]) == ("POR001", "vs")

    def test_an_issue_without_a_message_still_gets_its_page(self) -> None:
        portal = Portal(FakeHouse(failing={"overview": InputError(Issue("ZZZ999", "period"))}))
        answer = portal.ask("/overview?period=1999")
        assert answer.status_code == 400
        assert "ZZZ999" in answer.text


class TestProbes:
    def test_alive_is_not_ready(self) -> None:
        portal = Portal(FakeHouse(failing={"ready": outage()}))
        assert portal.ask("/healthz").text == "ok"
        answer = portal.ask("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert Portal().ask("/readyz").json() == {"ready": True}

    def test_probes_survive_a_failure_of_ours(self) -> None:
        portal = Portal(FakeHouse(failing={"ready": ValueError("x")}))
        assert portal.ask("/readyz").status_code == 500


def test_home_leads_to_the_overview_and_keeps_the_query(portal: Portal) -> None:
    answer = portal.ask("/?region=AB-2")
    assert (answer.status_code, answer.headers["location"]) == (307, "/overview?region=AB-2")


def test_static_files_are_named_by_content_and_kept_for_good(portal: Portal) -> None:
    page = Read(portal.ask("/overview").text)
    style = next(link.attrs["href"] for link in page.all("link") if link.attrs["rel"] == "stylesheet")
    answer = portal.ask(style)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert portal.ask(style, If_None_Match=answer.headers["etag"]).status_code == 304
    assert portal.ask("/static/portal.css").status_code == 404
    assert portal.ask("/static/../app.py").status_code == 404


@pytest.mark.parametrize("address", ["/docs", "/redoc", "/openapi.json"])
def test_no_description_of_the_application_is_public(portal: Portal, address: str) -> None:
    assert portal.ask(address).status_code == 404


def test_engine_errors_are_what_the_fake_says() -> None:
    assert isinstance(outage(), EngineError)
