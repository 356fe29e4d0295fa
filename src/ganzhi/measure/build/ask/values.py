"""What somebody wrote into a condition, as values of the column's type; refused where it is none.

Days and times are local. A time is as exact as it is written: `2026-11-15` is that whole day and
`2026-11-15 10:00` that whole minute, so `between` includes both ends as they are written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.asked import OPS, Op, Value, Where
from ganzhi.measure.build.ask.columns import open_column
from ganzhi.measure.views.ask.answers import AskColumn
from ganzhi.measure.views.ask.question import Condition, Question

EVERY_OP: tuple[str, ...] = OPS
"""Every kind of condition there is."""
MOST_VALUES = 100
"""Values of one `in`."""
FIRST_YEAR, LAST_YEAR = 1900, 2299
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?")
_TRUE, _FALSE = ("1", "true", "yes", "是"), ("0", "false", "no", "否")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?")


def ops_of(column: AskColumn) -> tuple[Op, ...]:
    """The conditions that fit a column."""
    if column.masked:
        return ()
    if column.type == "bool":
        return ("eq", "empty", "filled")
    without = {"text": {"between"}}.get(column.type, {"contains"})
    return tuple(op for op in OPS if op not in without)


def wheres(question: Question, columns: Mapping[str, AskColumn], zone: ZoneInfo) -> tuple[Where, ...]:
    """The conditions of a question, typed.

    Raises: InputError with the first thing that is wrong with each condition: ASK006–ASK010.
    """
    found: list[Where] = []
    issues: list[Issue] = []
    for each in question.conditions:
        try:
            found.append(_where(each, columns, zone))
        except InputError as error:
            issues += error.issues
    if issues:
        raise InputError(issues)
    return tuple(found)


def _where(asked: Condition, columns: Mapping[str, AskColumn], zone: ZoneInfo) -> Where:
    column = open_column(columns, asked.column, f"c{asked.place}")
    fitting = ops_of(column)
    op = next((known for known in fitting if known == asked.op), None)
    if op is None:
        raise InputError(
            Issue("ASK008", f"o{asked.place}", params={"column": column.name, "known": ", ".join(fitting)})
        )
    if op in ("empty", "filled"):
        return Where(column.name, op)
    if op in ("eq", "ne") and asked.value == "":
        return Where(column.name, "empty" if op == "eq" else "filled")
    if op == "between":
        low = _value(asked.value, column, zone, f"v{asked.place}")
        return Where(column.name, op, (low, _value(asked.upto, column, zone, f"w{asked.place}")))
    texts = listed(asked.value, f"v{asked.place}") if op == "in" else (asked.value,)
    return Where(column.name, op, tuple(_value(text, column, zone, f"v{asked.place}") for text in texts))


def listed(text: str, parameter: str) -> tuple[str, ...]:
    """The values of a list apart by commas (western or Chinese); one in double quotes may hold a comma.

    Raises: InputError ASK010 for more than may be, ASK009 for none.
    """
    plain = text if '"' in text else text.replace("，", ",").replace("、", ",")
    row = next(csv.reader([plain], skipinitialspace=True), [])
    values = tuple(dict.fromkeys(value.strip() for value in row if value.strip()))
    if not values:
        raise InputError(Issue("ASK009", parameter, params={"value": "", "type": "text"}))
    if len(values) > MOST_VALUES:
        raise InputError(Issue("ASK010", parameter, params={"most": str(MOST_VALUES)}))
    return values


def _value(text: str, column: AskColumn, zone: ZoneInfo, parameter: str) -> Value:
    found: Value | None
    given, text = text, text.strip()
    match column.type:
        case "text":
            found = coded(column.values, given) or None
        case "int":
            found = int(text) if _WHOLE.fullmatch(text) else None
        case "decimal":
            found = _decimal(text)
        case "bool":
            found = True if text.lower() in _TRUE else False if text.lower() in _FALSE else None
        case "date":
            found = _day(text)
        case "timestamp":
            found = _moment(text, zone)
    if found is None:
        raise InputError(Issue("ASK009", parameter, params={"value": text[:40], "type": column.type}))
    return found


def coded(values: Mapping[str, Text], text: str) -> str:
    """The code of a value that was written by its name; the text itself where it is no declared name."""
    if text in values:
        return text
    return next((code for code, name in values.items() if text in (name.zh, name.en)), text)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _DECIMAL.fullmatch(text) else None
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _moment(text: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    read = _MOMENT.fullmatch(text)
    day = _day(read.group(1)) if read else None
    if read is None or day is None:
        return None
    if read.group(2) is None:
        return midnight(day, zone), midnight(day + timedelta(days=1), zone)
    hour, minute, second = int(read.group(2)), int(read.group(3)), read.group(4)
    if hour > 23 or minute > 59 or int(second or 0) > 59:
        return None
    local = datetime(day.year, day.month, day.day, hour, minute, int(second or 0), tzinfo=zone)
    start = local.astimezone(UTC)
    return start, start + (timedelta(minutes=1) if second is None else timedelta(seconds=1))


def written(value: object, zone: ZoneInfo) -> str | None:
    """A value of a group as a condition writes it, None where it is unknown."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
