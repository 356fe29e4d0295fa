"""How personal values look where they are shown: enough to recognise, not enough to use.

`personal` values keep their ends (138****5521), `sensitive` ones nothing; what is unknown stays
unknown. Masking is one-way and happens before a value leaves this room.
"""

from __future__ import annotations

from ganzhi.catalogue.model.parts import DataClass

HIDDEN = "****"


def is_masked(protection: DataClass) -> bool:
    """Whether values of a data class are shown masked."""
    return protection in ("personal", "sensitive")


def mask(value: object, protection: DataClass) -> object:
    """A value as it may be shown.

    >>> mask("13812345521", "personal"), mask("9664491", "personal"), mask("王伟", "personal")
    ('138****5521', '9****91', '****')
    >>> mask("13812345521", "sensitive"), mask("PS", "none"), mask(None, "personal")
    ('****', 'PS', None)
    """
    if value is None or not is_masked(protection):
        return value
    text = str(value)
    if protection == "sensitive" or len(text) < 6:
        return HIDDEN
    head, tail = (3, 4) if len(text) >= 11 else (1, 2)
    return text[:head] + HIDDEN + text[-tail:]
