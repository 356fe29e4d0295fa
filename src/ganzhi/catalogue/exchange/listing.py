"""An indicator list of another house as proposed indicators: planned, with their origin, duplicates marked.

A row becomes an indicator without a measure, in state `planned`, origin `imported` with file and
item. A row that repeats an indicator of the catalogue, or an earlier row, is kept as `same_as` that
one. Duplicates are found by code, by normalised name and by likeness (`exchange.names`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import digest, is_code
from ganzhi.base.messages import say
from ganzhi.catalogue.exchange.changes import Change
from ganzhi.catalogue.exchange.grid import GridRow, read_grid
from ganzhi.catalogue.exchange.names import LIKE, SAME, Known, bigrams, normal_name, opposed
from ganzhi.catalogue.model.indicators import LAYERS, Indicator, Origin, ValueUnit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue

ListField = Literal["code", "name", "name_en", "definition", "definition_en", "unit", "layer", "owner", "formula"]
LIST_FIELDS: tuple[ListField, ...] = get_args(ListField)
Verdict = Literal["new", "duplicate", "unclear"]
Why = Literal["code", "name", "likeness", "said", ""]

HEADINGS: Mapping[ListField, tuple[str, ...]] = {
    "code": (
        "指标编码",
        "指标编号",
        "指标代码",
        "编码",
        "编号",
        "代码",
        "序号",
        "code",
        "id",
        "no",
        "number",
        "indicatorcode",
    ),
    "name": ("指标名称", "指标名", "名称", "指标", "中文名称", "name", "indicator", "indicatorname", "kpi", "metric"),
    "name_en": ("英文名称", "英文名", "指标英文名称", "englishname", "nameen"),
    "definition": (
        "指标定义",
        "定义",
        "指标解释",
        "指标说明",
        "说明",
        "口径",
        "指标口径",
        "描述",
        "definition",
        "description",
    ),
    "definition_en": ("英文定义", "英文说明", "definitionen", "englishdefinition"),
    "unit": ("单位", "计量单位", "指标单位", "unit", "measuredin"),
    "layer": ("层级", "指标层级", "层次", "指标层次", "级别", "layer", "level"),
    "owner": ("责任部门", "归口部门", "部门", "负责部门", "owner", "department", "responsible"),
    "formula": ("计算公式", "公式", "算法", "计算方法", "统计口径", "formula", "calculation"),
}
"""Headings that are recognised, without blanks and punctuation and in lower case."""

UNITS: Mapping[str, ValueUnit] = {
    "%": "percent", "百分比": "percent", "percent": "percent", "percentage": "percent", "‰": "ratio", "率": "percent",
    "秒": "s", "s": "s", "sec": "s", "seconds": "s", "second": "s", "毫秒": "ms", "ms": "ms", "分钟": "min", "分": "rating",
    "min": "min", "minutes": "min", "小时": "h", "h": "h", "hours": "h", "天": "day", "日": "day", "day": "day", "days": "day",
    "元": "yuan", "yuan": "yuan", "mbps": "mbps", "mb": "mb", "件/万户": "per_10k", "次/万户": "per_10k", "per10k": "per_10k",
    "次": "count", "个": "count", "件": "count", "笔": "count", "户": "count", "人": "count", "人次": "count", "count": "count",
    "number": "count", "得分": "rating", "rating": "rating", "比值": "ratio", "ratio": "ratio",
}  # fmt: skip
_HAN = re.compile("[\u3400-\u9fff]")
_KEEP = re.compile(r"[^0-9a-z_.]+")


@dataclass(frozen=True, slots=True)
class ListRow:
    """What became of a row. item: its code or number in the list. of: the indicator it repeats or is
    like; score: the likeness, 1 for the same code or name. entry: the proposed indicator."""

    number: int
    item: str
    name: str
    code: str
    verdict: Verdict
    of: str
    why: Why
    score: float
    entry: Indicator


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that was read: its rows, and what is only worth a note."""

    source: str
    rows: tuple[ListRow, ...]
    notes: tuple[Issue, ...]

    @property
    def change(self) -> Change:
        """All rows as proposed indicators."""
        return Change({"indicators": {row.code: row.entry for row in self.rows}}) if self.rows else Change()


def read_listing(
    path: Path,
    catalogue: Catalogue,
    columns: Mapping[str, str] | None = None,
    *,
    same: Mapping[int, str] | None = None,
    new: Sequence[int] = (),
) -> Listing:
    """The rows of a list, each judged against the catalogue and the rows before it.

    columns: field to heading, where headings are not recognised. same: rows somebody says repeat an
    indicator; new: rows somebody says are new.
    Raises: InputError CAT137 to CAT141.
    """
    rows = read_grid(path)
    head, places = _headings(path, rows, columns or {})
    judge = _Judge(path.name, catalogue, same or {}, frozenset(new))
    found = [judge.row(row, _values(row, places)) for row in rows if row.number > head]
    rejected = [*judge.issues, *judge.unused(rows)]
    if rejected:
        raise InputError(rejected)
    return Listing(path.name, tuple(row for row in found if row is not None), tuple(judge.notes))


def _headings(path: Path, rows: Sequence[GridRow], columns: Mapping[str, str]) -> tuple[int, dict[ListField, int]]:
    """The number of the heading row and where each field stands."""
    unknown = [
        Issue("CAT138", name[:40], params={"known": ", ".join(LIST_FIELDS)})
        for name in columns
        if name not in LIST_FIELDS
    ]
    if unknown:
        raise InputError(unknown)
    best: tuple[int, dict[ListField, int]] = (0, {})
    for row in rows[:10]:
        places = _recognised(row, columns)
        if len(places) > len(best[1]):
            best = (row.number, places)
    lost = [name for name in columns if name not in best[1]]
    if lost or "name" not in best[1]:
        shown = ", ".join(cell for cell in rows[0].cells if cell)[:200]
        subject = lost[0] if lost else "name"
        raise InputError(
            Issue("CAT139", subject, rows[0].at, {"heading": columns.get(subject, "name"), "found": shown or path.name})
        )
    return best


def _recognised(row: GridRow, columns: Mapping[str, str]) -> dict[ListField, int]:
    heads = [re.sub(r"[\s（()）_\-:：.]+", "", cell).casefold() for cell in row.cells]
    places: dict[ListField, int] = {}
    for field in LIST_FIELDS:
        if field in columns:
            if columns[field].strip() in row.cells:
                places[field] = row.cells.index(columns[field].strip())
            continue
        words = next((word for word in HEADINGS[field] if word in heads), None)
        if words is not None and heads.index(words) not in places.values():
            places[field] = heads.index(words)
    return places


def _values(row: GridRow, places: Mapping[ListField, int]) -> dict[ListField, str]:
    return {field: row.cells[place] for field, place in places.items() if place < len(row.cells) and row.cells[place]}


class _Judge:
    """Judges rows one after the other; what it has seen counts for the next."""

    def __init__(self, source: str, catalogue: Catalogue, same: Mapping[int, str], new: frozenset[int]) -> None:
        self.source = source
        self.catalogue = catalogue
        self.same = same
        self.new = new
        self.issues: list[Issue] = []
        self.notes: list[Issue] = []
        self.taken: dict[str, str] = {}
        self.known = Known()
        self.codes: dict[str, str] = {}
        for code, indicator in catalogue.indicators.items():
            target = indicator.same_as or code
            for name in (indicator.name.zh, indicator.name.en):
                self.known.add(target, name)
            for external in (code, indicator.origin.item or "", *indicator.codes.values()):
                if external and (external != indicator.origin.item or indicator.origin.kind == "imported"):
                    self.codes.setdefault(external.casefold(), target)

    def row(self, row: GridRow, values: Mapping[ListField, str]) -> ListRow | None:
        """The row judged; None, with an issue, when it cannot be taken."""
        name = values.get("name", "")
        if not normal_name(name):
            self.issues.append(Issue("CAT140", str(row.number), row.at))
            return None
        item = values.get("code", "") or str(row.number)
        verdict, of, why, score = self._verdict(row, values, name)
        code = self._code(item if "code" in values else name, row)
        entry = self._entry(row, values, item, code, of if verdict == "duplicate" else None)
        self.taken[code] = name
        if verdict != "duplicate":
            self.known.add(code, name)
            self._remember_code(values, code)
        return ListRow(row.number, item, name, code, verdict, of, why, score, entry)

    def _remember_code(self, values: Mapping[ListField, str], code: str) -> None:
        if "code" in values and not values["code"].isdigit():
            self.codes.setdefault(values["code"].casefold(), code)

    def unused(self, rows: Sequence[GridRow]) -> list[Issue]:
        """Rows and codes somebody named that are not there."""
        numbers = {row.number for row in rows}
        lost = [number for number in (*self.same, *self.new) if number not in numbers]
        strange = [
            code for code in self.same.values() if code not in self.catalogue.indicators and code not in self.taken
        ]
        return [Issue("CAT141", str(each)) for each in (*lost, *strange)]

    def _verdict(self, row: GridRow, values: Mapping[ListField, str], name: str) -> tuple[Verdict, str, Why, float]:
        if row.number in self.same:
            return "duplicate", self.same[row.number], "said", 1.0
        if row.number in self.new:
            return "new", "", "said", 0.0
        # A plain number is a place in the list, not a code.
        by_code = self.codes.get(values.get("code", "").casefold()) if not values.get("code", "0").isdigit() else None
        if by_code is not None:
            return "duplicate", by_code, "code", 1.0
        names = [name, *([values["name_en"]] if "name_en" in values else [])]
        for each in names:
            found = self.known.same(each)
            if found is not None:
                return "duplicate", found, "name", 1.0
        near = [like for each in names if (like := self.known.nearest(each)) is not None]
        of, other, score = max(near, key=lambda each: each[2], default=("", "", 0.0))
        if score < LIKE:
            return "new", "", "", score
        surely = (
            score >= SAME
            and not any(opposed(normal_name(each), other) for each in names)
            and bigrams(other).total() > 2
        )
        return ("duplicate" if surely else "unclear"), of, "likeness", score

    def _code(self, wanted: str, row: GridRow) -> str:
        """A free code below `imported`, the list's own where it can be one."""
        stem = _KEEP.sub("_", wanted.casefold()).strip("._")
        code = f"imported.{stem}" if stem and is_code(f"imported.{stem}") else f"imported.x{digest(wanted)[:8]}"
        if code in self.taken or code in self.catalogue.indicators:
            code = f"{code[:50]}_{digest(self.source, str(row.number), wanted)[:8]}"
        return code

    def _entry(
        self, row: GridRow, values: Mapping[ListField, str], item: str, code: str, same_as: str | None
    ) -> Indicator:
        name = _text(values["name"], values.get("name_en"), "name", code)
        said = values.get("definition") or values.get("formula") or values["name"]
        owner = values.get("owner")
        return Indicator(
            name=name,
            definition=_text(said, values.get("definition_en"), "definition", code),
            layer=next((layer for layer in LAYERS if layer == values.get("layer", "").upper()), "KPI"),
            type="system_performance",
            unit=self._unit(row, values),
            state="planned",
            owner=_text(owner, None, "owner", code) if owner else None,
            origin=Origin(kind="imported", reference=self.source[:200], item=item[:200]),
            same_as=same_as,
        )

    def _unit(self, row: GridRow, values: Mapping[ListField, str]) -> ValueUnit:
        given = values.get("unit", "").strip().casefold().replace(" ", "")
        if given in get_args(ValueUnit):
            return cast("ValueUnit", given)
        if given and given not in UNITS:
            self.notes.append(Issue("CAT142", given[:40], row.at, severity="warning"))
        return UNITS.get(given, "count")


def _text(given: str, english: str | None, what: str, code: str) -> Text:
    """Both languages; for one that the list does not have, words that say so."""
    if not _HAN.search(given):
        zh = given if what == "name" else say("zh", f"sheet.listing.{what}", code=code)
        return Text(zh=zh.strip()[:500], en=given.strip()[:500])
    en = english if english and not _HAN.search(english) else say("en", f"sheet.listing.{what}", code=code)
    return Text(zh=given.strip()[:500], en=en.strip()[:500])


def numbered(listing: Listing) -> list[dict[str, Any]]:
    """One record per row, for tables and programs."""
    return [
        {
            "row": row.number,
            "item": row.item,
            "name": row.name,
            "code": row.code,
            "verdict": row.verdict,
            "of": row.of or None,
            "why": row.why or None,
            "score": round(row.score, 3),
        }
        for row in listing.rows
    ]
