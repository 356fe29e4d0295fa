"""The OpenAPI document: complete in both languages, and true: whatever is sent by it is answered by it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from ganzhi.api.app import create_api
from ganzhi.api.document import document_json, document_of, operations, short_text
from ganzhi.base.messages import LANGS, catalogue
from tests.api.conftest import WHOLE, Programs

DOCUMENT = document_of(create_api(), "en")
PATHS = tuple(path for path, _ in operations(DOCUMENT))
BY_IT, AGAINST_IT = 70, 30
"""How many requests are tried."""

SECONDS_EACH = 2.0
"""Of one operation; what has not been tried by then is not tried this time, unless nothing has been answered yet."""

KNOWN: dict[str, list[str]] = {
    "unit": ["all", "QAA", "QBB-K1", "QZZ"],
    "parent": ["all", "QAA", "QZZ"],
    "feed": ["calls", "payments", "nothing"],
    "topic": ["hotline", "nothing"],
    "period": ["1999-01-04", "1999-W01", "1999-01", "1999-01-04T09", "1999-13", "9999"],
    "from": ["1999-01-01", "1999-01-04", "2012-02-30"],
    "to": ["1999-01-04", "1999-01-05", "1998-12-31"],
    "sort": ["arrived_at", "-wait_s", "customer_id", "nothing"],
}
CODES = ["hotline.answer_rate", "hotline.calls", "hotline.experience", "hotline.wait.p90_s", "hotline.nothing"]
CUTS = ["agent", "call_type", "hour_of_day", "priority", "nothing"]
CONDITIONS = ["call_type=PS", "hour_of_day=9", "agent=", "nothing=x"]

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.negative_data_rejection,
]


def _sensible(document: dict[str, Any]) -> dict[str, Any]:
    """The document with values that mean something in place of free text, so that requests get past the door."""
    narrowed: dict[str, Any] = json.loads(json.dumps(document))
    for path, operation in operations(narrowed):
        for parameter in operation.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            if name in KNOWN:
                parameter["schema"] = {"type": "string", "enum": KNOWN[name]}
            elif name == "cursor":
                parameter["schema"] = {"type": "string", "enum": ["AAAA"]}
            elif name in ("code", "by", "where"):
                codes = KNOWN["topic"] if path.startswith("/topics") else CODES
                values = {"code": codes, "by": CUTS, "where": CONDITIONS}[name]
                one = {"type": "string", "enum": values}
                several = schema.get("type") == "array"
                parameter["schema"] = {"type": "array", "items": one, "minItems": 1, "maxItems": 2} if several else one
    return narrowed


@pytest.mark.parametrize("sensible", [False, True], ids=["against the document", "by it"])
@pytest.mark.parametrize("path", PATHS)
def test_whatever_is_asked_is_answered_as_the_document_says(programs: Programs, path: str, sensible: bool) -> None:
    document = _sensible(DOCUMENT) if sensible else DOCUMENT
    # Whoever comes in is tested elsewhere; here everybody has a token, so that all that is tried reaches the operation.
    schema = schemathesis.openapi.from_dict({key: each for key, each in document.items() if key != "security"})
    schema.app = programs.app
    operation = schema[path]["GET"]
    mode = GenerationMode.POSITIVE if sensible else GenerationMode.NEGATIVE
    wanted = 200 if sensible else 422
    began: list[float] = []
    statuses: dict[int, int] = {}
    headers = {"Authorization": f"Bearer {programs.tokens[WHOLE.login]}"}

    @seed(19990104)
    @settings(
        max_examples=BY_IT if sensible else AGAINST_IT,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        began.append(time.monotonic())
        if wanted in statuses and began[-1] > began[0] + SECONDS_EACH / 2:
            return
        answer = case.call(base_url="http://127.0.0.1:8350/api/v1", headers=headers, timeout=120)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=CHECKS, headers=headers)

    ask()
    assert statuses, "nothing was asked"
    assert set(statuses) <= {200, 404, 405, 422}
    assert wanted in statuses, statuses


def test_every_answer_and_refusal_has_its_words_in_both_languages() -> None:
    app = create_api()
    chinese, english = (document_of(app, lang) for lang in LANGS)
    for (path, zh), (_, en) in zip(operations(chinese), operations(english), strict=True):
        assert zh["operationId"] == en["operationId"]
        pairs = [(zh["summary"], en["summary"]), (zh["description"], en["description"])]
        pairs += [(a["description"], b["description"]) for a, b in zip(zh["parameters"], en["parameters"], strict=True)]
        assert all(a and b and a != b for a, b in pairs), path
    fields = [
        (name, field, each)
        for name, schema in english["components"]["schemas"].items()
        for field, each in schema.get("properties", {}).items()
    ]
    assert len(fields) > 100
    assert not [(name, field) for name, field, each in fields if not each.get("description")]
    assert short_text(app, "zh") != short_text(app, "en")


def _used() -> Iterator[str]:
    for path, operation in operations(DOCUMENT):
        yield f"api.operation.{operation['operationId']}.text"
        for parameter in operation.get("parameters", ()):
            yield f"api.parameter.{'path_code' if parameter['in'] == 'path' else parameter['name']}"
        assert path in PATHS
    for schema in DOCUMENT["components"]["schemas"].values():
        for field in schema.get("properties", {}):
            yield f"api.field.{field}"


def test_no_words_are_kept_for_what_is_not_there() -> None:
    kept = {key for key in catalogue("en") if key.startswith(("api.operation.", "api.parameter.", "api.field."))}
    assert {key for key in kept if not key.endswith(".summary")} == set(_used())


def test_the_document_is_the_one_that_is_served(programs: Programs) -> None:
    served = programs.get("/openapi.json", lang="en")
    assert served.json() == json.loads(document_json(create_api(), "en"))
    assert programs.get("/openapi.json", lang="zh").json()["info"] != served.json()["info"]
    assert served.headers["content-type"] == "application/json"


def test_the_short_text_names_every_operation(programs: Programs) -> None:
    text = programs.get("/docs").text
    assert all(f"GET /api/v1{path}" in text for path in PATHS)
    assert "<" not in text


def test_only_declared_fields_are_sent() -> None:
    closed = [s for s in DOCUMENT["components"]["schemas"].values() if s.get("additionalProperties") is not False]
    assert closed == []
