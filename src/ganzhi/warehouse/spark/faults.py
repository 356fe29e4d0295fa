"""What Spark's errors mean. Their text can quote a value of a record, so only the error's class is kept."""

from __future__ import annotations

import re

from ganzhi.base.errors import EngineError, InternalError, Issue

_CLASS = re.compile(r"\[([A-Z][A-Z0-9_.]{3,80})\]")
_BEYOND = (
    "ARITHMETIC_OVERFLOW",
    "CAST_OVERFLOW",
    "CAST_INVALID_INPUT",
    "NUMERIC_VALUE_OUT_OF_RANGE",
    "NUMERIC_OUT_OF_SUPPORTED_RANGE",
    "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
    "BINARY_ARITHMETIC_OVERFLOW",
    "USER_RAISED_EXCEPTION",
    "INTERVAL_ARITHMETIC_OVERFLOW",
    "DIVIDE_BY_ZERO",
)
_OURS = ("PARSE_SYNTAX_ERROR", "UNRESOLVED_", "DATATYPE_MISMATCH", "TABLE_OR_VIEW_NOT_FOUND", "MISSING_AGGREGATION")
_REFUSED = ("Permission denied", "AccessControlException", "Authentication")


def meaning(error: Exception) -> EngineError | InternalError:
    """An error of Spark, of its bridge or of the connection as one of ours."""
    text = str(error)
    found = _CLASS.search(text)
    name = found.group(1) if found else ""
    if any(name.startswith(each) for each in _BEYOND):
        return EngineError(Issue("WHS043", "Spark", params={"detail": name}))
    if any(name.startswith(each) for each in _OURS):
        return InternalError(f"Spark: {name}")
    if any(mark in text for mark in _REFUSED):
        return EngineError(Issue("WHS041", "Spark", params={"detail": name or "access"}))
    # A lost machine, executor or connection: the bridge, the socket or the scheduler complains, each its own way.
    return EngineError(Issue("WHS040", "Spark", params={"detail": name or type(error).__name__}), retryable=True)
