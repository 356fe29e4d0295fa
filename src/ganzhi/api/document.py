"""The OpenAPI document: shapes from the models, words from the message files, in one language at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ganzhi.api.problem import MEDIA
from ganzhi.api.shapes.parts import Problem
from ganzhi.base.messages import Lang, say

PREFIX = "/api/v1"
REFUSALS = (401, 403, 404, 409, 422, 429, 500, 503, 504)
BEARER = "token"

Json = dict[str, Any]


@cache
def _plain(app: FastAPI) -> Json:
    """The document without words."""
    found = get_openapi(title="ganzhi", version=version("ganzhi"), routes=app.routes)
    schemas: Json = found["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    found = _renamed(found)
    found["servers"] = [{"url": PREFIX}]
    found["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    found["security"] = [{BEARER: []}]
    return found


def _renamed(document: Json) -> Json:
    """The document with names of shapes that read well: `Listed_UnitShape_` is `ListedUnit`."""
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{_short(name)}"')
    renamed: Json = json.loads(text)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {_short(name): each for name, each in schemas.items()}
    return renamed


def _short(name: str) -> str:
    return name.replace("Shape", "").replace("_", "")


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Path and operation, in the order of the document."""
    for path, methods in document["paths"].items():
        yield path, methods["get"]


def document_of(app: FastAPI, lang: Lang) -> Json:
    """The whole document in a language."""
    found = copy.deepcopy(_plain(app))
    found["info"]["description"] = say(lang, "api.about")
    refusals = {
        str(status): {
            "description": say(lang, f"api.status.{status}"),
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in REFUSALS
    }
    for path, operation in operations(found):
        name = _name(path)
        operation["operationId"] = name
        operation["summary"] = say(lang, f"api.operation.{name}.summary")
        operation["description"] = say(lang, f"api.operation.{name}.text")
        unchanged = {"304": {"description": say(lang, "api.status.304")}} if name != "records" else {}
        answers = {code: each for code, each in operation["responses"].items() if code != "422"}
        answers["200"]["description"] = say(lang, "api.status.200")
        operation["responses"] = answers | unchanged | refusals
        for parameter in operation.get("parameters", ()):
            key = "path_code" if parameter["in"] == "path" else parameter["name"]
            parameter["description"] = say(lang, f"api.parameter.{key}")
    for schema in found["components"]["schemas"].values():
        schema.pop("description", None)
        for field, each in schema.get("properties", {}).items():
            each["description"] = say(lang, f"api.field.{field}")
    return found


def _name(path: str) -> str:
    """The name of an operation by its path."""
    parts = path.strip("/").removesuffix(".json").split("/")
    return parts[0].removesuffix("s") if parts[1:] else parts[0]


def document_json(app: FastAPI, lang: Lang) -> str:
    """The document as JSON."""
    return json.dumps(document_of(app, lang), ensure_ascii=False)


def short_text(app: FastAPI, lang: Lang) -> str:
    """What one needs to begin, as Markdown."""
    lines = ["# ganzhi API v1", "", say(lang, "api.about"), "", say(lang, "api.example"), ""]
    for path, operation in operations(document_of(app, lang)):
        lines += [f"## GET {PREFIX}{path}", "", f"{operation['summary']} {operation['description']}", ""]
        for each in operation.get("parameters", ()):
            mark = "" if each["required"] else f" ({say(lang, 'api.optional')})"
            lines.append(f"- `{each['name']}`{mark}: {each['description']}")
        lines.append("")
    return "\n".join(lines)
