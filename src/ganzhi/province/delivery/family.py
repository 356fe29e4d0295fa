"""What a family of delivered files looks like: its name pattern, columns, delimiter, encoding and shards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Encoding = Literal["utf-8", "gb18030"]
Per = Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class Filed:
    """One column of a file. name: in the file. source: the feed's column, None for a column left blank.
    codes: the file's code for each of the feed's words. cut: letters taken off the front of an identity.
    const: the same text in every row."""

    name: str
    source: str | None = None
    codes: Mapping[str, str] | None = None
    cut: int = 0
    const: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of files of one feed.

    name: pattern with `{yyyymmdd}` or `{yyyymm}`, and `{shard}` where the family is sharded. compact: moments as
    yyyymmddhhmmss, as tables of accounting systems write them. shard_by: the feed's column whose digits decide the
    shard. only: with a column and first letters, the rows of the feed that this file holds. free_text: some column may
    hold anything, so that texts are quoted.
    """

    feed: str
    name: str
    columns: tuple[Filed, ...]
    delimiter: str = ","
    encoding: Encoding = "utf-8"
    compact: bool = False
    shards: int = 0
    shard_by: str | None = None
    only: tuple[str, str] | None = None
    free_text: bool = False
    spoiled: Mapping[str, str] = field(default_factory=dict)
    """File columns in which a code nobody announced turns up, and that code."""

    @property
    def per(self) -> Per:
        """How often a file of the family is due."""
        return "day" if "{yyyymmdd}" in self.name else "month"

    def file_name(self, day: date, shard: int = 0) -> str:
        """The file of a day (or of its month) and shard (from 1)."""
        return (
            self.name.replace("{yyyymmdd}", f"{day:%Y%m%d}")
            .replace("{yyyymm}", f"{day:%Y%m}")
            .replace("{shard}", f"{shard:03d}")
        )
