"""YAML is read without surprises, and nothing in a file can harm the reader (C01 to C05, D13)."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.base.errors import Issue
from ganzhi.catalogue.entries import data_of
from ganzhi.catalogue.yaml_nodes import LARGEST_FILE, Scalar, Sequence, Table, read_yaml


def issues_of(text: str | bytes) -> list[Issue]:
    table, issues = read_yaml(text if isinstance(text, bytes) else text.encode(), "f.yaml")
    assert (table is None) == bool(issues)
    return issues


def places(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(i.code, i.at.line, i.at.column) for i in issues_of(text) if i.at]


def test_remembers_line_and_column_of_every_field() -> None:
    table, issues = read_yaml(b"a:\n  b: 1\n  c: [x, 'y']\n", "dir/f.yaml")
    assert issues == []
    assert isinstance(table, Table)
    inner = table.fields["a"]
    assert isinstance(inner, Table)
    assert (str(inner.keys["c"]), inner.keys["c"].column) == ("dir/f.yaml:3", 3)
    listed = inner.fields["c"]
    assert isinstance(listed, Sequence)
    assert [(n.at.line, n.at.column) for n in listed.items] == [(3, 7), (3, 10)]


def test_types_only_plain_numbers_and_true_false() -> None:
    text = "a: true\nb: false\nc: 12\nd: -0.50\ne: 'true'\nf: \"12\"\ng: plain text\nh: 1.2.3\ni: 999999999999999999\n"
    table, _ = read_yaml(text.encode(), "f.yaml")
    assert table is not None
    values = {name: node.value for name, node in table.fields.items() if isinstance(node, Scalar)}
    assert values == {
        "a": True,
        "b": False,
        "c": 12,
        "d": Decimal("-0.50"),
        "e": "true",
        "f": "12",
        "g": "plain text",
        "h": "1.2.3",
        "i": 999_999_999_999_999_999,
    }


@pytest.mark.parametrize(
    "value",
    [
        *("no", "No", "on", "OFF", "y", "yes", "True", "FALSE", "null", "~", "=", "12:30", "1:2:3.5", "010", "0x1F"),
        *("0o7", "0b1", "1e3", "1.5E-3", "1_000", ".inf", "-.INF", ".nan", "nan", "+5", ".5", "5.", "00.5"),
        *("2026-11-21", "2026-11-21 10:00:00", "2026-1-2T03:04:05Z", "1234567890123456789", "0.1234567890123456"),
    ],
)
def test_refuses_plain_scalars_that_readers_disagree_about(value: str) -> None:
    assert places(f"a:\n  b: {value}\n") == [("CAT006", 2, 6)]
    assert issues_of(f"a:\n  b: '{value}'\n") == []


def test_refuses_an_ambiguous_key_but_takes_a_plain_number_as_text() -> None:
    assert places("no: x\n") == [("CAT006", 1, 1)]
    table, _ = read_yaml(b"2: x\n", "f.yaml")
    assert table is not None
    assert list(table.fields) == ["2"]


def test_billion_laughs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    started = time.monotonic()
    assert {i.code for i in issues_of("\n".join(lines))} == {"CAT003"}
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("text", ["&a [*a]\n", "a: &x 1\n", "a: *x\n", "<<: {a: 1}\n", "a:\n  <<: [b]\n"])
def test_refuses_anchors_aliases_and_merge_keys(text: str) -> None:
    assert {i.code for i in issues_of(text)} == {"CAT003"}


@pytest.mark.parametrize("text", ["[" * 50_000, "{a: " * 20_000, "".join(" " * n + "a:\n" for n in range(900))])
def test_deep_nesting_is_refused_without_harm(text: str) -> None:
    issues = issues_of(text)
    assert [i.code for i in issues] == ["CAT002"]
    assert issues[0].params["limit"] == "50"


def test_fifty_levels_are_read() -> None:
    assert issues_of("{a: " * 50 + "1" + "}" * 50) == []


def test_refuses_a_file_above_the_limit_and_takes_one_at_the_limit() -> None:
    text = "a: " + "x" * (LARGEST_FILE - 3)
    assert issues_of(text) == []
    assert [i.code for i in issues_of(text + "x")] == ["CAT001"]


def test_a_duplicate_key_names_both_lines() -> None:
    issues = issues_of("a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert [(i.code, i.at and i.at.line, dict(i.params)) for i in issues] == [
        ("CAT005", 4, {"key": "b", "first": "2", "second": "4"})
    ]


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [id]", "!x y", "!!str 5", "!<tag:yaml.org,2002:int> 5"]
)
def test_refuses_tags(tag: str) -> None:
    assert places(f"a: {tag}\n")[0] == ("CAT004", 1, 4)


def test_refuses_directives() -> None:
    assert issues_of("%TAG ! tag:example,2000:\n---\na: 1\n")[0].code == "CAT004"


def test_refuses_a_second_document_at_its_line() -> None:
    assert places("a: 1\n---\nb: 2\n") == [("CAT011", 2, 1)]


def test_names_a_tab_in_the_indentation() -> None:
    assert places("a:\n\tb: 1\n") == [("CAT008", 2, 1)]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_refuses_a_byte_order_mark(mark: bytes) -> None:
    assert places(mark + b"a: 1\n") == [("CAT009", 1, 1)]


def test_names_the_line_of_a_byte_that_is_not_utf8() -> None:
    issues = issues_of(b"a: 1\nb: " + "中".encode("gb18030") + b"\n")
    assert [(i.code, i.at and i.at.line, i.params["byte"]) for i in issues] == [("CAT012", 2, "0xD6")]


@pytest.mark.parametrize(
    "text", ["a: 1\nb: x\0y\n", 'a: 1\nb: "x\\0y"\n', "a: 1\nb: \u202eevil\n", 'a: 1\nb: "\\e[31m"\n']
)
def test_refuses_characters_that_cannot_be_shown(text: str) -> None:
    assert [(i.code, i.at and i.at.line) for i in issues_of(text)] == [("CAT010", 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [("x:\n  name：foo\n  layer: KPI\n", 2), ("x:\n  layer: KPI\n  name：foo\n", 3), ("name：foo\n", 1)],
)
def test_names_a_full_width_colon(text: str, line: int) -> None:
    assert [(i.code, i.at and i.at.line) for i in issues_of(text)] == [("CAT007", line)]


def test_a_full_width_colon_inside_a_text_is_a_text() -> None:
    assert issues_of("zh: KPI：人工接通率\nen: >-\n  first\n  second\n") == []


def test_reports_several_faults_of_one_file_together() -> None:
    assert [c for c, _, _ in places("a: no\nb: 010\nb: &x 1\n")] == ["CAT006", "CAT006", "CAT005", "CAT003"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    table, issues = read_yaml(text.encode(), "f.yaml")
    assert (data_of(table) if table else None, issues) == ({}, [])


@given(st.binary(max_size=300))
def test_any_bytes_give_a_mapping_or_issues(data: bytes) -> None:
    table, issues = read_yaml(data, "f.yaml")
    assert (table is None) == bool(issues)


@given(st.text(alphabet="ab:{}[]-,&*!?|>'\"#% \n\t<：1.", max_size=60))
def test_any_text_gives_a_mapping_or_issues(text: str) -> None:
    table, issues = read_yaml(text.encode(), "f.yaml")
    assert (table is None) == bool(issues)
    assert all(i.at is not None for i in issues)
