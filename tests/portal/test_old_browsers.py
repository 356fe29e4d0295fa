"""Style and script use nothing that Chromium 90 lacks (ui.md section 10)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ganzhi.portal

PORTAL = Path(ganzhi.portal.__file__).parent
STYLES = sorted((PORTAL / "static").rglob("*.css"))
SCRIPTS = sorted((PORTAL / "static").rglob("*.js"))
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))

NEWER_STYLE = {
    ":has()": r":has\(",
    "container queries": r"@container|container-type|\bcq[whib]\b",
    "color-mix()": r"color-mix\(|oklch\(|\blab\(|light-dark\(",
    "cascade layers": r"@layer",
    "@property, @scope, @starting-style": r"@property|@scope|@starting-style",
    "small and dynamic viewport units": r"\d(?:s|d|l)v[hw]\b",
    "subgrid": r"subgrid",
    "accent-color": r"accent-color",
    "text-wrap": r"text-wrap",
    "field-sizing": r"field-sizing",
    "individual transforms": r"(?:^|[;{\s])(?:rotate|scale|translate)\s*:",
    "range media queries": r"@media[^{]*[<>]=?",
    "nesting": r"\{[^{}]*&[^{}]*\{",
}
NEWER_SCRIPT = {
    "findLast": r"\.findLast(?:Index)?\(",
    "at": r"\.at\(",
    "hasOwn": r"Object\.hasOwn\(",
    "structuredClone": r"structuredClone\(",
    "randomUUID": r"randomUUID\(",
    "class static blocks": r"static\s*\{",
    "private in": r"#\w+\s+in\s",
    "toSorted and the like": r"\.(?:toSorted|toReversed|toSpliced|with|groupBy)\(",
    "error cause": r"\{\s*cause\s*:",
    "AbortSignal.timeout": r"AbortSignal\.(?:timeout|any)\(",
    "regular expressions with d or v": r"/[dgimsuy]*[dv][dgimsuy]*\b(?=[.;,)])",
    "import maps, assertions": r"\b(?:assert|with)\s*\{\s*type",
    "replaceChildren is 86, popover is 114": r"showPopover|popover",
    "view transitions": r"startViewTransition",
}
NEWER_MARKUP = {
    "popover": r"\bpopover\b",
    "inert": r"\sinert[\s>]",
    "search element": r"<search[\s>]",
    "exclusive details": r"<details[^>]*\sname=",
}


def _bare(text: str) -> str:
    """Without comments and text in quotes."""
    return re.sub(r'/\*.*?\*/|"[^"\n]*"|\'[^\'\n]*\'', "", text, flags=re.DOTALL)


def _used(text: str, newer: dict[str, str]) -> list[str]:
    return [name for name, pattern in newer.items() if re.search(pattern, text)]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_need_no_newer_browser(path: Path) -> None:
    assert _used(_bare(path.read_text(encoding="utf-8")), NEWER_STYLE) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_need_no_newer_browser(path: Path) -> None:
    text = "\n".join(line.split("// ", 1)[0] for line in path.read_text(encoding="utf-8").splitlines())
    assert _used(_bare(text), NEWER_SCRIPT) == []


def test_templates_need_no_newer_browser() -> None:
    used = {path.name: _used(path.read_text(encoding="utf-8"), NEWER_MARKUP) for path in TEMPLATES}
    assert {name: found for name, found in used.items() if found} == {}


@pytest.mark.parametrize(
    ("newer", "text"),
    [
        (NEWER_STYLE, "a:has(b){c:d}"),
        (NEWER_STYLE, ".a{color:red;& b{color:blue}}"),
        (NEWER_STYLE, "p{height:100dvh}"),
        (NEWER_SCRIPT, "list.findLast(x)"),
        (NEWER_SCRIPT, "class A { static { } }"),
        (NEWER_MARKUP, "<div popover>"),
    ],
)
def test_the_check_sees_what_it_looks_for(newer: dict[str, str], text: str) -> None:
    assert _used(text, newer)
