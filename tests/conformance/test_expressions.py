"""Every function and operator of the catalogue means the same on every engine, and what Python says."""

# ruff: noqa: E501 - a case is read as one line

from __future__ import annotations

import hashlib
from decimal import Decimal

import pyarrow as pa
import pytest

from ganzhi.base.errors import EngineError, InputError
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.expressions.functions import FUNCTION_NAMES
from ganzhi.catalogue.expressions.operators import OPERATORS
from ganzhi.compile.dialects import DUCKDB
from ganzhi.compile.translate.clickhouse import ClickHouse
from ganzhi.compile.translate.select import Source, translate
from ganzhi.compile.translate.spark import Spark
from ganzhi.compile.translate.sql_types import columns_of
from ganzhi.numerics.histogram import GAMMA, bucket, estimate
from tests.conformance.engines import ALL, OTHERS, QUICK, SPARK_MARKS, engine
from tests.conformance.expressions import EXPRESSIONS, SPARK_LACKS
from tests.conformance.world import FEED, rows, table

TYPES = {name: column.type for name, column in FEED.columns.items()}
SCALES = {name: column.scale for name, column in FEED.columns.items()}
ROWS = rows("Asia/Shanghai")
TABLE = table(ROWS)


def checked(text: str) -> str:
    return parse(text, TYPES, scales=SCALES).sql


def test_the_expressions_use_all_that_a_catalogue_may_write() -> None:
    import sqlglot

    texts = [checked(text) for text, _ in EXPRESSIONS]
    assert {name for name in FUNCTION_NAMES if not any(f"{name}(" in text.lower() for text in texts)} == set()
    nodes = {type(node) for text in texts for node in sqlglot.parse_one(text, dialect="duckdb").walk()}
    unused = {kind.__name__ for kind in OPERATORS} - {kind.__name__ for kind in nodes}
    assert unused <= {"Div", "Null", "Boolean"}, "no division is allowed; NULL and TRUE stand after IS"


@pytest.mark.parametrize("name", ALL)
def test_every_expression_means_the_same_on_every_engine(name: str) -> None:
    used = [(text, what) for text, what in EXPRESSIONS if not (name == "spark" and text in SPARK_LACKS)]
    columns = ",\n".join(f"{checked(text)} as e{number}" for number, (text, _) in enumerate(used))
    with engine(name).session({}) as session:
        session.register("rows_probe", TABLE)
        found = session.query(f"select _line, {columns} from rows_probe order by _line").to_pydict()
    for number, (text, what) in enumerate(used):
        assert found[f"e{number}"] == [what(row) for row in ROWS], text


@pytest.mark.parametrize("text", sorted(SPARK_LACKS))
@pytest.mark.xfail(raises=InputError, strict=True, reason="Java's matcher reads it otherwise")
def test_patterns_that_java_reads_otherwise(text: str) -> None:
    sources = {"rows_probe": Source("rows_probe", columns_of(TABLE.schema))}
    translate(f"select {checked(text)} as v from rows_probe", Spark(), sources)


@pytest.mark.parametrize(
    "text", ["substr(note, 0, 2)", "substr(note, n)", "left(note, -1)", "right(note, n)", "lpad(note, n, '0')"]
)
@pytest.mark.parametrize("target", [ClickHouse(), Spark()], ids=["clickhouse", "spark"])
def test_what_engines_disagree_about_is_refused_by_name(text: str, target: ClickHouse | Spark) -> None:
    sources = {"rows_probe": Source("rows_probe", columns_of(TABLE.schema))}
    with pytest.raises(InputError) as refused:
        translate(f"select {text} as v from rows_probe", target, sources)
    (issue,) = refused.value.issues
    assert (issue.code, issue.subject) == ("CMP002", target.name)
    assert text.partition("(")[0] in issue.params["construct"]


@pytest.mark.parametrize("sql", ["select median(n) as v", "select strftime(at, '%Y') as v", "select sum(n) filter (where ok) as v", "select n / 2 as v"])  # fmt: skip
@pytest.mark.parametrize("target", [ClickHouse(), Spark()], ids=["clickhouse", "spark"])
def test_nothing_unknown_is_passed_on(sql: str, target: ClickHouse | Spark) -> None:
    sources = {"rows_probe": Source("rows_probe", columns_of(TABLE.schema))}
    with pytest.raises(InputError) as refused:
        translate(f"{sql} from rows_probe", target, sources)
    assert refused.value.issues[0].code == "CMP002"


@pytest.mark.parametrize("name", ALL)
def test_registers_and_ranks_come_from_the_same_bits_everywhere(name: str) -> None:
    texts = ["中文", "", "a", "😀", *(f"用户{n}" for n in range(2000)), None]

    def reference(text: str | None) -> tuple[int | None, int | None]:
        if text is None:
            return None, None
        first = int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big")
        return first >> 52, 53 - (first & (2**52 - 1)).bit_length()

    register, rank = (DUCKDB.write(part, value="x") for part in ("hll_register", "hll_rank"))
    with engine(name).session({}) as session:
        session.register("texts", pa.table({"x": texts, "k": range(len(texts))}))
        found = session.query(f"select {register} as a, {rank} as b from texts order by k").to_pydict()
    assert list(zip(found["a"], found["b"], strict=True)) == [reference(text) for text in texts]


@pytest.mark.parametrize("bits", [0, 1, 2**51, 2**52 - 1, 2**20, 3])
def test_the_rank_of_rare_hashes(bits: int) -> None:
    """Hashes that no text at hand has: the digits stand where MD5 would."""
    template = DUCKDB.write("hll_rank", value="'x'").replace("md5('x')", f"'fff{bits:013x}'")
    with engine("duckdb").session({}) as session:
        assert session.query(f"select {template} as v")["v"].to_pylist() == [53 - bits.bit_length()]


@pytest.mark.parametrize("name", ALL)
def test_buckets_are_the_same_also_next_to_their_bounds(name: str) -> None:
    """Whole numbers and cents on both sides of every bound up to 10^15."""
    edges = [int(GAMMA**number) for number in range(1, 1800) if GAMMA**number < 10**15]
    cents = {v for edge in edges for v in (100 * edge - 1, 100 * edge, 100 * edge + 1, 100 * (edge + 1))}
    values = [Decimal(v) / 100 for v in sorted({*cents, -100, 0, 50, 100})]
    with engine(name).session({}) as session:
        session.register("cents", pa.table({"x": pa.array(values, pa.decimal128(18, 2))}))
        found = session.query(f"select {DUCKDB.write('bucket', value='x')} as b from cents order by x")["b"]
    assert found.to_pylist() == [bucket(float(value)) for value in values]


_NO_ESTIMATE = pytest.mark.xfail(raises=InputError, strict=True, reason="its pow differs in the last digit")


@pytest.mark.parametrize(
    "name",
    [
        "duckdb",
        pytest.param("clickhouse", marks=_NO_ESTIMATE),
        pytest.param("spark", marks=[*SPARK_MARKS, _NO_ESTIMATE]),
    ],
)
def test_the_value_of_a_bucket_is_the_same_to_the_last_digit(name: str) -> None:
    numbers = list(range(-1, 2073))
    with engine(name).session({}) as session:
        session.register("numbers", pa.table({"b": pa.array(numbers, pa.int32())}))
        shown = session.query(f"select {DUCKDB.write('estimate', bucket='b')} as v from numbers order by b")["v"]
    assert shown.to_pylist() == [estimate(number) for number in numbers]


@pytest.mark.parametrize("name", ALL)
def test_powers_of_one_half_are_exact(name: str) -> None:
    with engine(name).session({}) as session:
        session.register("ranks", pa.table({"r": pa.array(range(54), pa.int32())}))
        found = session.query(f"select {DUCKDB.write('half_to', rank='r')} as v from ranks order by r")["v"]
        summed = session.query(f"select sum({DUCKDB.write('half_to', rank='r')}) as v from ranks")["v"]
    assert found.to_pylist() == [0.5**rank for rank in range(54)]
    assert summed.to_pylist() == [2 - 0.5**53]


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize(
    "sql",
    [
        "select sum(cast(x as decimal(38, 0))) as v from large",
        "select n * n as v from large",
        "select cast(n + n as integer) as v from large",
    ],
)
def test_what_does_not_fit_raises_and_never_wraps(name: str, sql: str) -> None:
    most = Decimal("9" * 38)
    large = pa.table({"x": pa.array([most, most], pa.decimal128(38, 0)), "n": pa.array([2**62, 2**62], pa.int64())})
    with engine(name).session({}) as session:
        session.register("large", large)
        with pytest.raises(Exception) as raised:  # noqa: PT011 - DuckDB's is InternalError, the others' EngineError
            session.query(sql)
    assert type(raised.value).__name__ in ("EngineError", "InternalError")


@pytest.mark.parametrize("name", ALL)
def test_38_digits_are_kept(name: str) -> None:
    most = Decimal(f"{'9' * 29}.{'9' * 9}")
    with engine(name).session({}) as session:
        session.register("large", pa.table({"x": pa.array([most, most.copy_negate(), most], pa.decimal128(38, 9))}))
        found = session.query("select cast(sum(x) as decimal(38, 9)) as v, min(x) as a, max(x) as b from large")
    assert found.to_pylist() == [{"v": most, "a": most.copy_negate(), "b": most}]


@pytest.mark.parametrize("name", OTHERS)
def test_a_letter_whose_case_engines_change_otherwise_stops_the_query(name: str) -> None:
    with engine(name).session({}) as session:
        session.register("texts", pa.table({"x": ["abc", "Straße"]}))
        assert session.query("select lower(x) as v from texts order by x").num_rows == 2
        with pytest.raises(EngineError) as stopped:
            session.query("select upper(x) as v from texts")
    assert (stopped.value.issue.code, stopped.value.retryable) == ("WHS043", False)


def test_every_letter_is_changed_alike_or_refused() -> None:
    """All of Unicode on ClickHouse: case, the spaces that are trimmed, length, and what one `_` or `.` takes."""
    letters = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code <= 0xDFFF]
    both = pa.table({"k": range(len(letters)), "x": letters})
    sql = (
        "select k, trim(x) as t, length(x) as n, x like '_' as one, regexp_matches(x, '^.$') as dot, "
        "case when {lower} then lower(x) end as l, case when {upper} then upper(x) end as u from letters order by k"
    )
    from ganzhi.compile.translate.letters import DIFFERING_LOWER, DIFFERING_UPPER

    asked = sql.format(
        lower=f"not regexp_matches(x, '{DIFFERING_LOWER}')", upper=f"not regexp_matches(x, '{DIFFERING_UPPER}')"
    )
    found = []
    for name in QUICK:
        with engine(name).session({}) as session:
            session.register("letters", both)
            found.append(session.query(asked))
    assert found[0].equals(found[1].cast(found[0].schema))
