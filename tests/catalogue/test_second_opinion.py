"""What we accept, the engine's own parser accepts with the same type; what it reads is only what we say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.base.errors import InputError
from ganzhi.catalogue.checks.expressions import all_expressions
from ganzhi.catalogue.expressions import Opinion, parse
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import ColumnType
from tests.catalogue.attacks import ATTACKS
from tests.catalogue.test_expressions import ACCEPTED, COLUMNS, SCALES

ENGINE_TYPES: Mapping[ColumnType, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "decimal": "DECIMAL(18, 2)",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
}


class DuckDBOpinion:
    """Describes a SELECT of the expression over an empty relation with the columns."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"enable_external_access": "false"})

    def __call__(self, sql: str, columns: Mapping[str, ColumnType]) -> Opinion:
        typed = ", ".join(f'NULL::{ENGINE_TYPES[kind]} AS "{name}"' for name, kind in columns.items())
        try:
            rows = self.connection.execute(f"DESCRIBE SELECT ({sql}) AS v FROM (SELECT {typed}) WHERE false").fetchall()
        except duckdb.Error as error:
            return Opinion(None, str(error).splitlines()[0])
        return Opinion(str(rows[0][1]))


@pytest.fixture(scope="module")
def opinion() -> Iterator[DuckDBOpinion]:
    asked = DuckDBOpinion()
    yield asked
    asked.connection.close()


@pytest.mark.parametrize("text", [t for t, _, _ in ACCEPTED])
def test_the_engine_agrees_on_every_accepted_form(text: str, opinion: DuckDBOpinion) -> None:
    assert parse(text, COLUMNS, scales=SCALES, second=opinion).sql


def test_the_engine_agrees_on_every_expression_of_the_pack(opinion: DuckDBOpinion) -> None:
    written = list(all_expressions(load_catalogue("telecom", None)))
    assert len(written) > 1000
    for each in written:
        each.parse(opinion)


def test_decimal_places_are_as_the_engine_has_them(opinion: DuckDBOpinion) -> None:
    for text in ("amount * 1.5", "amount + wait_s", "round(amount, 1)", "floor(amount)", "amount * amount * 0.125"):
        found = parse(text, COLUMNS, scales=SCALES)
        said = opinion(found.sql, COLUMNS).type or ""
        assert said.startswith("DECIMAL(")
        assert int(said.rpartition(",")[2].rstrip(")")) == found.scale


def test_an_engine_that_refuses_what_a_workspace_wrote_stops_the_catalogue(tmp_path: Path) -> None:
    changed = "indicators:\n  hotline.agents:\n    distinct: {of: agent, where: talk_s > 7}\n"
    (tmp_path / "own.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_catalogue("telecom", tmp_path, second=lambda _sql, _columns: Opinion(None, "no"))
    assert {(i.code, i.at.file.rpartition("/")[2]) for i in caught.value.issues if i.at} == {("CAT059", "own.yaml")}


def test_a_changed_feed_is_asked_about_with_all_that_stands_on_it(tmp_path: Path) -> None:
    changed = "feeds:\n  call_intervals:\n    retention_days: 900\n"
    (tmp_path / "own.yaml").write_text(changed, encoding="utf-8")
    asked: list[str] = []

    def listen(sql: str, columns: Mapping[str, ColumnType]) -> Opinion:
        asked.append(sql)
        return Opinion(None, "no")

    with pytest.raises(InputError) as caught:
        load_catalogue("telecom", tmp_path, second=listen)
    subjects = {issue.subject.split(".")[0] for issue in caught.value.issues}
    assert {"call_intervals", "interval"} <= subjects
    assert "calls" not in subjects
    assert asked


TOKENS = (
    *("wait_s", "talk_s", "amount", "outcome", "city", "queued", "start", "finish", "born", '"vru+line"', "nothing"),
    *("1", "0", "20", "0.5", "'a'", "''", "'it''s'", "'a%'", "null", "true", "false"),
    *("+", "-", "*", "/", "//", "%", "||", "=", "<>", "!=", "==", "<", "<=", ">", ">=", "(", ")", ",", ".", "(", ")"),
    *("and", "or", "not", "in", "is", "between", "like", "case", "when", "then", "else", "end", "is not", "not in"),
    *("abs(", "round(", "coalesce(", "nullif(", "length(", "lower(", "substr(", "least(", "concat(", "try_cast("),
    *("as bigint)", "as varchar)", "date_diff('second',", "regexp_matches(", "select", "from", "::", "[", "interval"),
)

SCALARS = st.sampled_from(
    ["wait_s", "talk_s", "amount", "1", "0.5", "city", "outcome", "'a'", "queued", "start", "finish", "born", "null"]
)


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger texts from smaller ones; many are well-formed, not all make sense."""
    two = st.tuples(parts, st.sampled_from(["+", "-", "*", "//", "%", "=", "<", ">=", "<>", "and", "or", "||"]), parts)
    called = st.tuples(st.sampled_from(["abs", "not", "length", "upper", "round", "floor", "trim", "-"]), parts)
    chosen = st.tuples(st.sampled_from(["coalesce", "nullif", "least", "greatest", "concat"]), parts, parts)
    three = st.tuples(parts, parts, parts)
    return st.one_of(
        two.map(" ".join),
        two.map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        called.map(lambda t: f"{t[0]}({t[1]})"),
        chosen.map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        three.map(lambda t: f"case when {t[0]} then {t[1]} else {t[2]} end"),
        three.map(lambda t: f"{t[0]} between {t[1]} and {t[2]}"),
        two.map(lambda t: f"{t[0]} in ({t[2]})"),
        parts.map(lambda t: f"{t} is not null"),
        parts.map(lambda t: f"try_cast({t} as bigint)"),
        parts.map(lambda t: f"try_cast({t} as varchar)"),
    )


def agreed(text: str, opinion: DuckDBOpinion) -> bool:
    """Whether we accept the text; if so, the engine has agreed and the text reads back as itself."""
    try:
        found = parse(text, COLUMNS, scales=SCALES)
    except InputError:
        return False
    said = opinion(found.sql, COLUMNS)
    assert said.type is not None, (text, found.sql, said.reason)
    assert parse(text, COLUMNS, scales=SCALES, second=opinion) == found
    assert parse(found.sql, COLUMNS, scales=SCALES) == found
    assert set(found.columns) <= set(COLUMNS)
    return True


FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@settings(FUZZ, max_examples=1000)
@given(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=14))
def test_random_tokens_are_refused_or_agreed_on(opinion: DuckDBOpinion, tokens: list[str]) -> None:
    agreed(" ".join(tokens), opinion)


@settings(FUZZ, max_examples=1000)
@given(st.recursive(SCALARS, combined, max_leaves=8))
def test_random_expressions_are_refused_or_agreed_on(opinion: DuckDBOpinion, text: str) -> None:
    agreed(text, opinion)


def test_the_fuzz_reaches_acceptance(opinion: DuckDBOpinion) -> None:
    assert agreed("case when (wait_s) = (1) then abs(talk_s) else 1 end", opinion)
    assert not agreed("select wait_s", opinion)


def test_no_attack_is_accepted_by_us_even_where_the_engine_would(opinion: DuckDBOpinion) -> None:
    would = [a for a in ATTACKS if len(a) < 2000 and "\x00" not in a and opinion(a, COLUMNS).type is not None]
    assert would  # otherwise the list is toothless
    assert not [a for a in would if agreed(a, opinion)]
