"""View models of what stands beside complaints: their classes, the register of issues, topics of enquiry, times of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.taxonomy import IssueRegister
from ganzhi.complaints.analysis.counts import of_period, value_name
from ganzhi.complaints.analysis.partition import ALL, CHILD, Partition, tree_check
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.enquiries import Topics, enquiry_topics
from ganzhi.complaints.hotspots import BACK
from ganzhi.complaints.times import Cut, StepTime, Times, step_times, summed
from ganzhi.complaints.versions import TaxonomyVersion, taxonomy_versions
from ganzhi.measure.build.cells.rule import withheld_parts
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery

TICKETS, STEPS, WRAP_UPS = "complaints", "complaint_steps", "wrap_ups"


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of complaints as it is declared. now: what took the place of one that ended. count: of the period; None where
    it is withheld or nothing is known."""

    domain: str
    domain_name: Text
    owner: Text | None
    code: str
    name: Text
    items: tuple[Text, ...]
    cues: tuple[str, ...]
    catch_all: bool
    valid_from: date | None
    valid_to: date | None
    now: Text | None
    count: int | None
    withheld: bool


@dataclass(frozen=True, slots=True)
class TaxonomyPage:
    """check: whether the classes make up the whole of the period, None where no complaint is known. records: whether lists
    may be opened. versions: by which the classes changed, the newest first."""

    scope: Scope
    rows: tuple[ClassRow, ...]
    check: Partition | None
    version: str
    records: bool
    versions: tuple[TaxonomyVersion, ...] = ()


def taxonomy_page(reader: Reader, query: PageQuery) -> TaxonomyPage:
    """The classes with their complaints of a period and the check that they neither overlap nor leave a gap (S000-105)."""
    scope = scope_of(reader, query, feeds=(TICKETS,))
    catalogue = reader.workplace.catalogue
    counts = {keys[0]: n for keys, n in of_period(reader, ALL, scope.unit, scope.period, (CHILD,)).items()}
    known = bool(of_period(reader, ALL, scope.unit, scope.period))
    lists = reader.viewer.may("list")
    every = [(code, c) for code, domain in catalogue.problem_domains.items() for c in domain.categories]
    out = frozenset[int]() if lists else withheld_parts([counts.get(c, 0) for _, c in every])
    rows = []
    for at, (code, name) in enumerate(every):
        domain = catalogue.problem_domains[code]
        each = domain.categories[name]
        hidden = known and (out is None or at in out)
        rows.append(
            ClassRow(
                domain=code,
                domain_name=domain.name,
                owner=domain.owner,
                code=name,
                name=each.name,
                items=each.items,
                cues=each.cues,
                catch_all=each.catch_all,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                now=None if each.now is None else value_name(reader, CHILD, each.now),
                count=counts.get(name, 0) if known and not hidden else None,
                withheld=hidden,
            )
        )
    check = tree_check(reader, scope.unit, scope.period) if known else None
    versions = taxonomy_versions(reader.workplace.store.catalogues)
    return TaxonomyPage(scope, tuple(rows), check, catalogue.version, lists, versions)


@dataclass(frozen=True, slots=True)
class IssuesPage:
    """Registers of service issues as they are declared (S000-087)."""

    registers: Mapping[str, IssueRegister]
    version: str


def issues_page(reader: Reader) -> IssuesPage:
    """The registers."""
    return IssuesPage(reader.workplace.catalogue.issue_registers, reader.workplace.catalogue.version)


@dataclass(frozen=True, slots=True)
class EnquiriesPage:
    """topics: None for a period that is no day, week or month. records: whether lists may be opened."""

    scope: Scope
    topics: Topics | None
    records: bool


def enquiries_page(reader: Reader, query: PageQuery) -> EnquiriesPage:
    """What is asked about, and more than before (S004-013)."""
    scope = scope_of(reader, query, feeds=(WRAP_UPS,))
    judged = scope.period.grain in BACK
    topics = enquiry_topics(reader, scope.unit, scope.period) if judged else None
    return EnquiriesPage(scope, topics, reader.viewer.may("list"))


@dataclass(frozen=True, slots=True)
class TimesPage:
    """rows: steps by the values of one dimension. found: every step. names: of values."""

    scope: Scope
    by: Cut
    rows: tuple[Times, ...]
    found: tuple[StepTime, ...]
    names: Mapping[str, Text]


def times_page(reader: Reader, query: PageQuery, by: Cut) -> TimesPage:
    """How long steps of tickets took, by the clock and in working time (S002-004, S002-005)."""
    scope = scope_of(reader, query, feeds=(STEPS,))
    found = tuple(step_times(reader, scope.unit, scope.period)) if STEPS in reader.fed else ()
    place = reader.workplace
    directory = Directory(place.catalogue, scope.period.last_day, place.zone)
    names = {
        key: directory.name(directory.code(key)) if by == "department" and key else value_name(reader, by, key)
        for key in dict.fromkeys(each.keys[by] for each in found)
    }
    return TimesPage(scope, by, tuple(summed(found, (by,))), found, names)
