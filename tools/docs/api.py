"""Reference page: the operations and answers of the API, from its OpenAPI document, in both languages."""

from __future__ import annotations

from typing import Any

from ganzhi.api.app import create_api
from ganzhi.api.document import PREFIX, REFUSALS, document_of, operations
from tools.docs.markdown import page, table


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type(schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type", "anything"))


def _limits(schema: dict[str, Any]) -> str:
    signs = (("minimum", "≥ "), ("maximum", "≤ "), ("minItems", "≥ "), ("maxItems", "≤ "), ("default", "= "))
    return ", ".join(f"{sign}{schema[key]}" for key, sign in signs if key in schema and schema[key] not in (None, []))


def _operation(path: str, zh: dict[str, Any], en: dict[str, Any]) -> str:
    rows = [
        (
            f"`{one['name']}`",
            "yes" if one["required"] else "",
            _type(one["schema"]).replace(" or null", ""),
            _limits(one["schema"]),
            one["description"],
            other["description"],
        )
        for one, other in zip(en["parameters"], zh["parameters"], strict=True)
    ]
    answer = en["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    lines = [
        f"## GET {PREFIX}{path}",
        f"{en['summary']} {en['description']}\n\n{zh['summary']}{zh['description']}",
        f"Answer: {_type(answer)}" if "$ref" in answer else "",
        table(["parameter", "required", "type", "limits", "meaning", "含义"], rows),
    ]
    return "\n\n".join(line for line in lines if line)


def _schema(name: str, zh: dict[str, Any], en: dict[str, Any]) -> str:
    rows = [
        (f"`{field}`", _type(one), one["description"], zh["properties"][field]["description"])
        for field, one in en["properties"].items()
    ]
    return f"### {name}\n\n{table(['field', 'type', 'meaning', '含义'], rows)}"


def api_page() -> str:
    """All operations with their parameters, all shapes with their fields, all statuses."""
    app = create_api()
    zh, en = document_of(app, "zh"), document_of(app, "en")
    pairs = zip(operations(zh), operations(en), strict=True)
    statuses = [
        (f"`{code}`", en_["description"], zh_["description"])
        for code in (*map(str, (200, 304)), *map(str, REFUSALS))
        for zh_, en_ in [
            (zh["paths"]["/units"]["get"]["responses"][code], en["paths"]["/units"]["get"]["responses"][code])
        ]
    ]
    schemas = en["components"]["schemas"]
    return page(
        "API",
        f"{en['info']['description']}\n\n{zh['info']['description']}",
        *(_operation(path, one, other) for (path, one), (_, other) in pairs),
        "## Statuses\n\n" + table(["status", "meaning", "含义"], statuses),
        "## Shapes",
        *(_schema(name, zh["components"]["schemas"][name], schemas[name]) for name in sorted(schemas)),
    )
