"""Text that is safe in a spreadsheet cell (ASVS 1.2.10).

A spreadsheet runs text that looks like a formula, refuses some control characters and silently
cuts long cells; all three are settled here, for every file format. Numbers never pass through.
"""

from __future__ import annotations

import unicodedata

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_767
"""Characters a spreadsheet cell can hold."""


def neutral(text: str) -> str:
    r"""`text` as a spreadsheet shows it instead of running it.

    Formula-like beginnings get a leading apostrophe, also behind blanks; control characters but
    line feed and tab are dropped.
    >>> neutral("=1+1"), neutral("+8613800000000"), neutral("南山\x00厅")
    ("'=1+1", "'+8613800000000", '南山厅')
    """
    risky = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return f"'{kept}" if risky else kept


def guarded_text(text: str) -> str:
    """The text that `neutral` guarded, without its apostrophe; other text as it is.

    >>> guarded_text("'=1+1"), guarded_text("'tis")
    ('=1+1', "'tis")
    """
    rest = text[1:]
    risky = rest.startswith(FORMULA_STARTS) or rest.lstrip().startswith(FORMULA_STARTS)
    return rest if text.startswith("'") and risky else text
