"""Displayed text: both languages complete, every issue explained, every explanation used."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ganzhi.base.messages import LANGS, catalogue, placeholders
from tests.meta.tree import SOURCE, calls, literals, name_of, parsed, python_files

MESSAGES = SOURCE / "base" / "messages"
ISSUE_CODE = re.compile(r"[A-Z]{3}\d{3}")
ROOMS = sorted({p.name.split(".")[0] for p in MESSAGES.glob("*.toml")})


def _flat(node: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in node.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def _read(room: str, lang: str) -> dict[str, str]:
    path = MESSAGES / f"{room}.{lang}.toml"
    assert path.exists(), f"{name_of(path)} is missing"
    return _flat(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_keys_and_placeholders(room: str) -> None:
    zh, en = _read(room, "zh"), _read(room, "en")
    assert sorted(zh) == sorted(en)
    assert not [key for key in zh if placeholders(zh[key]) != placeholders(en[key])]


@pytest.mark.parametrize("room", ROOMS)
def test_no_message_is_empty_or_left_in_the_other_language(room: str) -> None:
    zh, en = _read(room, "zh"), _read(room, "en")
    assert not [key for key, text in [*zh.items(), *en.items()] if not str(text).strip()]
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert not [key for key, text in en.items() if len(chinese.findall(text)) > 12]


@pytest.mark.parametrize("room", ROOMS)
def test_braces_in_messages_are_placeholders(room: str) -> None:
    for lang in LANGS:
        for key, text in _read(room, lang).items():
            odd = re.sub(r"\{[a-z_][a-z0-9_]*\}", "", text)
            assert not {"{", "}"} & set(odd), f"{lang} {key}"


@cache
def _codes_in_source() -> dict[str, str]:
    """Every string literal of the package that is an issue code, and a file that has it."""
    return {
        text: name_of(path)
        for path in python_files("src")
        for text in literals(parsed(path))
        if ISSUE_CODE.fullmatch(text)
    }


@cache
def _codes_in_messages() -> frozenset[str]:
    return frozenset(key.split(".")[1] for key in catalogue("zh") if key.startswith("issue."))


def test_every_issue_code_in_the_source_has_cause_and_remedy() -> None:
    missing = {
        code: where
        for code, where in _codes_in_source().items()
        if not {f"issue.{code}.cause", f"issue.{code}.remedy"} <= catalogue("zh").keys()
    }
    assert not missing


def test_every_explained_issue_code_is_raised_somewhere() -> None:
    unused = sorted(_codes_in_messages() - _codes_in_source().keys())
    assert not unused


def _first_literal(call: ast.Call) -> list[str]:
    return [a.value for a in call.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]


def test_every_message_key_that_the_source_names_exists() -> None:
    known = catalogue("zh").keys()
    missing = {
        key: name_of(path)
        for path in python_files("src")
        for call in calls(parsed(path), "say", "text")
        for key in _first_literal(call)
        if re.fullmatch(r"[a-z]+(\.[A-Za-z0-9_]+)+", key) and key not in known
    }
    assert not missing


def test_every_issue_message_can_be_rendered_with_the_parameters_it_is_given() -> None:
    """Where an issue is made with a literal code and literal parameter names, they fill its placeholders."""
    texts = catalogue("en")
    short: list[str] = []
    for path in python_files("src"):
        for call in calls(parsed(path), "Issue"):
            code = _first_literal(call)[:1]
            params = next(
                (k.value for k in call.keywords if k.arg == "params"), call.args[3] if len(call.args) > 3 else None
            )
            names = _literal_keys(params)
            if not code or not ISSUE_CODE.fullmatch(code[0]) or names is None:
                continue
            wanted = placeholders(texts[f"issue.{code[0]}.cause"]) | placeholders(texts[f"issue.{code[0]}.remedy"])
            lacking = wanted - names - {"subject"}
            if lacking:
                short.append(f"{name_of(path)}:{call.lineno} {code[0]} lacks {sorted(lacking)}")
    assert not short


def _literal_keys(params: ast.expr | None) -> set[str] | None:
    if params is None:
        return set()
    if isinstance(params, ast.Dict) and all(isinstance(k, ast.Constant) for k in params.keys):
        return {str(k.value) for k in params.keys if isinstance(k, ast.Constant)}
    return None


def test_message_files_stand_in_pairs() -> None:
    languages = {p.name.rsplit(".", 2)[1] for p in MESSAGES.glob("*.toml")}
    assert languages == set(LANGS)
    assert isinstance(MESSAGES, Path)
