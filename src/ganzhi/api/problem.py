"""What to answer when a request cannot be served: one shape, one status per kind of error, in the language asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ganzhi.access.rights import AccessError
from ganzhi.api.cursor import ListChangedError
from ganzhi.api.door import UnknownCallerError
from ganzhi.api.limits import TooManyError
from ganzhi.api.shapes.parts import Problem, Wrong
from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.base.messages import LANGS, Lang, catalogue, cause, preferred_lang, remedy, say

LOG = logging.getLogger("ganzhi.api")
MEDIA = "application/problem+json"
RETRY_S = 10

STATUS_OF: Mapping[str, int] = {
    **dict.fromkeys(("REQ010", "REQ011", "REQ012", "REQ013", "API014"), 404),
    **dict.fromkeys(("MEA001", "MEA031", "API009"), 409),
    "API015": 405,
    "API016": 413,
}
"""Issues of a request that are not simply a wrong parameter (422): what is not there, or not yours; what has changed."""

FIELD_OF: Mapping[str, str] = {
    "REQ001": "period",
    "REQ002": "grain",
    "REQ010": "code",
    "REQ011": "feed",
    "REQ012": "unit",
    "REQ013": "topic",
    "REQ014": "code",
    "MEA001": "to",
    "MEA002": "from",
    "MEA003": "where",
    "MEA004": "code",
    "MEA005": "grain",
    "MEA007": "from",
    "MEA013": "period",
    "CMP003": "where",
    "CMP004": "code",
    "CMP007": "part",
    "CMP008": "code",
    "CMP009": "by",
    "CMP010": "grain",
    "CMP012": "by",
}
"""The parameter that an issue is about, where its subject is not the name of one."""

DEADLINE = "WHS006"


def lang_of(request: Request) -> Lang:
    """The language of words: `lang`, else the header."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGS else preferred_lang(request.headers.get("accept-language", ""))


def problem_of(request: Request, error: Exception) -> Response:
    """The answer to an error."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Authorization"}
    lang = lang_of(request)
    if isinstance(error, RequestValidationError):
        return _answer(lang, 422, validation_issues(request, error), headers)
    if isinstance(error, InputError):
        statuses = [STATUS_OF.get(issue.code, 422) for issue in error.issues]
        return _answer(lang, 409 if isinstance(error, ListChangedError) else min(statuses), error.issues, headers)
    if isinstance(error, AccessError):
        return _answer(lang, 403, (error.issue,), headers)
    if isinstance(error, UnknownCallerError):
        return _answer(lang, 401, (error.issue,), headers | {"WWW-Authenticate": 'Bearer realm="ganzhi"'})
    if isinstance(error, TooManyError):
        issue = Issue("API013", params={"seconds": str(error.retry_after_s)})
        return _answer(lang, 429, (issue,), headers | {"Retry-After": str(error.retry_after_s)})
    if isinstance(error, HTTPException):
        return _http(lang, error, headers)
    if isinstance(error, EngineError):
        LOG.warning("request stopped: %s", error.issue.code, extra={"path": request.url.path})
        if error.issue.code == DEADLINE:
            return _answer(lang, 504, (error.issue,), headers)
        return _answer(lang, 503, (error.issue,), headers | {"Retry-After": str(RETRY_S)}, new_id())
    id_ = new_id()
    LOG.error("request failed", exc_info=error, extra={"id": id_, "path": request.url.path})
    return _answer(lang, 500, (), headers, id_)


def _http(lang: Lang, error: HTTPException, headers: dict[str, str]) -> Response:
    allowed = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    code = {404: "API014", 405: "API015", 413: "API016"}.get(error.status_code)
    if code is None:
        return _answer(lang, 400, (Issue("API017"),), headers)
    return _answer(lang, error.status_code, (Issue(code),), headers | allowed)


def _answer(
    lang: Lang, status: int, issues: Sequence[Issue], headers: Mapping[str, str], id_: str | None = None
) -> Response:
    said = [_wrong(lang, issue) for issue in issues]
    first = said[0] if said else None
    body = Problem(
        type="about:blank" if first is None else f"urn:ganzhi:issue:{first.code}",
        title=say(lang, f"api.status.{status}"),
        status=status,
        detail=say(lang, "api.failed", id=id_ or "") if first is None else first.cause,
        code=None if first is None else first.code,
        field=None if first is None else first.field,
        remedy=None if first is None else first.remedy,
        issues=said,
        id=id_,
    )
    kept = {**headers, "Content-Language": "zh-CN" if lang == "zh" else "en"}
    return Response(body.model_dump_json(), status, kept, media_type=MEDIA)


def _wrong(lang: Lang, issue: Issue) -> Wrong:
    field = FIELD_OF.get(issue.code) or (issue.subject if issue.code[:3] in ("API", "REQ") else "")
    if f"issue.{issue.code}.cause" not in catalogue(lang):
        return Wrong(code=issue.code, field=field or None, cause=issue.code, remedy="")
    return Wrong(code=issue.code, field=field or None, cause=cause(lang, issue), remedy=remedy(lang, issue))


# -- parameters that cannot be read ------------------------------------------------------------------


def validation_issues(request: Request, error: RequestValidationError) -> list[Issue]:
    """What is wrong with the parameters, as issues of ours."""
    found = [_parameter_issue(request, each) for each in error.errors()]
    return list({(issue.code, issue.subject, str(issue.params)): issue for issue in found}.values())


def _parameter_issue(request: Request, error: Mapping[str, object]) -> Issue:
    where = error["loc"]
    assert isinstance(where, (tuple, list))
    name = str(where[1])[:64] if len(where) > 1 else ""
    kind, about = str(error["type"]), error.get("ctx")
    rules = about if isinstance(about, dict) else {}
    if kind == "extra_forbidden":
        return Issue("API001", name, params={"known": ", ".join(_known(request))})
    if kind == "missing":
        return Issue("API003", name)
    if kind in ("literal_error", "form"):
        known = str(rules.get("expected", error["msg"])).replace(" or ", ", ").replace("'", "")
        return Issue("API004", name, params={"known": known})
    limits = [f"{sign} {rules[key]}" for key, sign in _SIGNS if key in rules]
    return Issue("API005", name, params={"rule": ", ".join(limits) or str(rules.get("pattern", kind))})


_SIGNS = (("ge", "≥"), ("le", "≤"), ("min_length", "≥"), ("max_length", "≤"))


def _known(request: Request) -> Sequence[str]:
    route = request.scope.get("route")
    dependant = getattr(route, "dependant", None)
    names: list[str] = []
    for parameter in getattr(dependant, "query_params", ()):
        model = getattr(parameter.field_info, "annotation", None)
        for name, field in getattr(model, "model_fields", {}).items():
            names.append(field.alias or name)
    return sorted(names)
