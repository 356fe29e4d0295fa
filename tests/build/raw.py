"""The sample read straight from its text, for answers that owe nothing to the code under test."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the file."""

    line: str
    day: date
    hour: int
    outcome: str
    queued: bool
    wait_s: int
    talk_s: int
    kind: str

    @property
    def requested(self) -> bool:
        return self.outcome == "AGENT" or (self.outcome == "HANG" and self.queued)


def read_calls(path: Path) -> list[Call]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return [
            Call(
                line=row["vru+line"],
                day=date(1900 + int(row["date"][:2]), int(row["date"][2:4]), int(row["date"][4:])),
                hour=int(row["vru_entry"].split(":")[0]),
                outcome=row["outcome"],
                queued=row["q_start"] != "0:00:00",
                wait_s=int(row["q_time"]),
                talk_s=int(row["ser_time"]),
                kind=row["type"].strip(),
            )
            for row in csv.DictReader(text, delimiter="\t")
        ]


def read_customers(path: Path) -> list[str]:
    """The customer ids of the file, as they stand there."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return [row["customer_id"] for row in csv.DictReader(text, delimiter="\t") if row["customer_id"] != "0"]
