"""What the form of a free question offers, and the questions that are kept, running or ready-made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.ask.answers import AskColumn
from ganzhi.measure.views.ask.question import Question


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen. note: what tells it from others of its name; group: under which heading."""

    code: str
    name: Text
    group: Text | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A question that is ready to be asked."""

    name: Text
    question: Question


@dataclass(frozen=True, slots=True)
class AskForm:
    """What can be chosen beside a question. units: within reach. dimensions: by which all chosen indicators can be
    cut, with the names of their values. feeds, columns: only for viewers who may see records."""

    units: tuple[Option, ...]
    indicators: tuple[Option, ...]
    dimensions: tuple[Option, ...]
    values: Mapping[str, Mapping[str, Text]]
    grains: tuple[str, ...]
    feeds: tuple[Option, ...]
    columns: tuple[AskColumn, ...]
    presets: tuple[Preset, ...]
    records: bool


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A saved question as a reader sees it. own: whether the reader may change it. question: with what is outside the
    reader's reach left out; left_out: whether anything was. deleted: can still be brought back."""

    id: str
    name: str
    owner: str
    shared: str
    own: bool
    deleted: bool
    changed_at: datetime
    version: int
    question: Question
    left_out: bool


@dataclass(frozen=True, slots=True)
class RunningQuestion:
    """A question that is being answered. rows: its estimated cost."""

    id: str
    title: Text
    started_at: datetime
    rows: int
