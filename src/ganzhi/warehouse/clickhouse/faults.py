"""What ClickHouse's errors mean. Their text can quote a value of a record, so only code and name are kept."""

from __future__ import annotations

import re

from ganzhi.base.errors import EngineError, InternalError, Issue

_CODE = re.compile(r"[Cc]ode: (\d+)")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]{3,60})\)")

_BEYOND = frozenset({"70", "395", "407", "69", "153", "349"})
"""Conversion, throwIf, decimal overflow, argument out of bound, division, NULL where none may be."""
_BUSY = frozenset({"202", "209", "210", "241", "242", "279", "394", "425", "439"})
"""Too many queries, socket timeout, network, memory, read-only table, no replica, cancelled, system, no thread."""
_OURS = frozenset({"36", "42", "43", "46", "47", "62", "386"})
"""Arguments, unknown function or identifier, syntax, no common type: SQL that should not have been written."""


def meaning(text: str, deadline_s: float | None) -> EngineError | InternalError:
    """An error of ClickHouse as one of ours."""
    code = match.group(1) if (match := _CODE.search(text)) else ""
    names = _NAME.findall(text)
    detail = f"{code} {names[-1] if names else ''}".strip()
    if not code:
        return EngineError(Issue("WHS040", "ClickHouse", params={"detail": ""}), retryable=True)
    if code in ("159", "160") and deadline_s is not None:
        return EngineError(Issue("WHS006", params={"seconds": f"{deadline_s:g}"}))
    if code in _BEYOND:
        return EngineError(Issue("WHS043", "ClickHouse", params={"detail": detail}))
    if code in _BUSY:
        return EngineError(Issue("WHS040", "ClickHouse", params={"detail": detail}), retryable=True)
    if code in _OURS:
        return InternalError(f"ClickHouse: {detail}")
    return EngineError(Issue("WHS041", "ClickHouse", params={"detail": detail}))
