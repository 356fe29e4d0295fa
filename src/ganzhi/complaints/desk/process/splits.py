"""Two reports as pages show them: whose responsibility complaints were (S002-007), and of which class of value their
customers are (S000-097)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.gather import coded
from ganzhi.complaints.desk.process.forms import parties as party_codes
from ganzhi.complaints.recognise.heads import FEED
from ganzhi.complaints.tickets.parties import UNKNOWN, By, Evidence, Judged, Parties, parties
from ganzhi.complaints.tickets.worth import Weighed, Worth, worth
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery

SHOWN: Final = "shown"
Which = Literal["repeats", "escalated", "closed"]
WHICH: Final[tuple[Which, ...]] = get_args(Which)
LISTS: Final[Mapping[str, str]] = {"report": "trouble_causes", "fault": "fault_kinds"}
"""The code list that names what a piece of evidence is of."""


@dataclass(frozen=True, slots=True)
class PartiesPage:
    """names: of departments, units, parties and categories, by `of:code`. lists: whether the viewer may open tickets."""

    scope: Scope
    report: Parties
    names: Mapping[str, Text]
    lists: bool


@dataclass(frozen=True, slots=True)
class WorthPage:
    """names: of classes, units, categories, by `of:code`. lists: whether the viewer may open tickets."""

    scope: Scope
    report: Worth
    names: Mapping[str, Text]
    lists: bool


def parties_page(reader: Reader, query: PageQuery, by: By) -> PartiesPage:
    """Whose responsibility complaints were. Raises: InputError as `scope_of`; AccessError without dynamic depth."""
    scope = scope_of(reader, query, feeds=(FEED,), grain=Grain.MONTH)
    start, end = scope.period.start, scope.period.end
    report = responsibility(reader, scope.unit, start, end, by)
    return PartiesPage(scope, report, party_names(reader, report), reader.viewer.may("list"))


def responsibility(reader: Reader, unit: str, since: datetime, until: datetime, by: By) -> Parties:
    """The report of a unit and a span of time."""
    catalogue = reader.workplace.catalogue
    written = {
        name: code
        for code, each in catalogue.departments.items()
        for name in (code, each.name.zh, each.name.en, *each.written)
    }
    return parties(reader, unit, since, until, by, written, party_codes(catalogue))


def party_names(reader: Reader, report: Parties) -> Mapping[str, Text]:
    """What the report names."""
    place = reader.workplace
    directory = Directory(place.catalogue, report.until.astimezone(place.zone).date(), place.zone)
    names = _common(
        place.catalogue, (each.ticket.unit for each in report.found), (each.ticket.category for each in report.found)
    )
    for row in report.rows:
        unit = place.catalogue.units.get(row.key)
        names[f"key:{row.key}"] = unit.name if report.by != "department" and unit else directory.name(row.key)
    for code in report.codes:
        names[f"party:{code}"] = coded(place.catalogue, "responsibilities", code) or _same(code)
    for each in report.found:
        for piece in each.evidence:
            if piece.of:
                names[f"{piece.kind}:{piece.of}"] = _of(place.catalogue, directory, piece)
    return names


def _of(catalogue: Catalogue, directory: Directory, piece: Evidence) -> Text:
    if piece.kind == "step":
        return directory.name(directory.code(piece.of))
    if piece.kind in LISTS:
        return coded(catalogue, LISTS[piece.kind], piece.of) or _same(piece.of)
    return _same(piece.of)


def worth_page(reader: Reader, query: PageQuery) -> WorthPage:
    """By class of value. Raises: InputError as `scope_of`; AccessError without dynamic depth."""
    scope = scope_of(reader, query, feeds=(FEED,), grain=Grain.MONTH)
    report = worth(reader, scope.unit, scope.period.start, scope.period.end)
    return WorthPage(scope, report, worth_names(reader, report), reader.viewer.may("list"))


def worth_names(reader: Reader, report: Worth) -> Mapping[str, Text]:
    """What the report names."""
    catalogue = reader.workplace.catalogue
    names = _common(
        catalogue, (each.ticket.unit for each in report.found), (each.ticket.category for each in report.found)
    )
    return names | {f"key:{code}": each.name for code, each in catalogue.value_classes.items()}


def _common(catalogue: Catalogue, units: Iterable[str], categories: Iterable[str | None]) -> dict[str, Text]:
    names = {f"unit:{u}": catalogue.units[u].name for u in set(units) if u in catalogue.units}
    return names | {
        f"category:{c}": coded(catalogue, "complaint_categories", c) or _same(c) for c in set(categories) if c
    }


def _same(text: str) -> Text:
    return Text(zh=text or "–", en=text or "–")


def of_party(found: Iterable[Judged], key: str | None, party: str | None) -> list[Judged]:
    """The complaints behind a count. key: of a row, None for all; party: `UNKNOWN` for none, `SHOWN` for those decided for
    which there is evidence, None for any."""
    if party == SHOWN:
        return [each for each in found if key in (None, each.key) and each.party is not None and each.evidence]
    return [each for each in found if key in (None, each.key) and party in (None, each.party or UNKNOWN)]


def of_class(found: Iterable[Weighed], key: str | None, which: Which | None) -> list[Weighed]:
    """The complaints behind a count. key: of a row, None for all; which: all, or those that are repeats, were escalated, are
    closed."""

    def fits(each: Weighed) -> bool:
        match which:
            case "repeats":
                return each.repeated
            case "escalated":
                return each.ticket.escalated_to is not None
            case "closed":
                return each.took is not None
        return True

    return [each for each in found if key in (None, each.key) and fits(each)]
