"""Regular expressions a catalogue may hold: RE2 only, so that no pattern can run away.

Python's own matcher never sees a catalogue's pattern; RE2 (through Arrow) decides what is valid.
"""

from __future__ import annotations

from functools import lru_cache

LONGEST_PATTERN = 200


@lru_cache(maxsize=4096)
def pattern_problem(pattern: str) -> str | None:
    """Why RE2 refuses a pattern, in RE2's words, or None when it is acceptable."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        return f"1..{LONGEST_PATTERN}"
    # Few catalogues hold a pattern, and Arrow takes longer to import than all of them to load.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    try:
        pc.match_substring_regex(pa.array([""]), pattern=pattern)
    except pa.ArrowInvalid as error:
        return str(error).rpartition("expression: ")[2][:120]
    return None
