"""Small types that several kinds of entry share."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ganzhi.base.ids import CODE_PATTERN, UNIT_PATTERN

Code = Annotated[str, Field(pattern=f"^{CODE_PATTERN}$", max_length=64)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A column, dimension or derived-column name."""
UnitCode = Annotated[str, Field(pattern=f"^{UNIT_PATTERN}$")]
Expression = Annotated[str, Field(min_length=1, max_length=2000)]
"""A DuckDB-dialect SQL fragment; reaches an engine only through `catalogue.expressions`."""
Number = Annotated[Decimal, Field(allow_inf_nan=False)]


def _read_day(value: object) -> object:
    """A date written YYYY-MM-DD; pydantic alone would also read a number of seconds."""
    if isinstance(value, str):
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise PydanticCustomError("day", "not a day")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]


def exactly_one(entry: object, *names: str) -> None:
    """Refuse an entry in which not exactly one of the named fields is given."""
    if sum(getattr(entry, name) is not None for name in names) != 1:
        raise PydanticCustomError("exactly_one", "give exactly one of {names}", {"names": ", ".join(names)})


class Model(BaseModel):
    """Base of all entries: frozen, strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Text(Model):
    """A displayed text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=500)]
    en: Annotated[str, Field(min_length=1, max_length=500)]

    def in_(self, lang: str) -> str:
        """The text in `zh` or `en`."""
        return self.zh if lang == "zh" else self.en


OnViolation = Literal["reject", "blank", "note"]
"""What happens to a row that breaks a rule: it goes to quarantine; the value becomes unknown and
the breach is counted; or it is only counted."""

DataClass = Literal["none", "quasi", "personal", "sensitive"]
"""Data-protection class of a column (reliability promise P16): `personal` and `sensitive` values
are masked wherever they are shown."""
