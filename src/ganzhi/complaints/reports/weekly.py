"""The weekly analysis of quality complaints: what is large and what has grown, by product, with typical cases and what
earlier measures did (S003-020 to S003-024)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.cases import case_feeds, cases
from ganzhi.complaints.analysis.counts import changed, daily, of_period, value_name
from ganzhi.complaints.analysis.cube import hold
from ganzhi.complaints.analysis.followed import helped
from ganzhi.complaints.analysis.partition import CHILD, PARENT, Partition, domains_of, tree_check
from ganzhi.complaints.analysis.rows import examples_of, rows
from ganzhi.complaints.analysis.watch import watched
from ganzhi.complaints.hotspots import BACK, QUALITY
from ganzhi.complaints.reports.areas import areas_table
from ganzhi.complaints.reports.document import Column, Course, Remark, Report, Row, Section, Table
from ganzhi.complaints.reports.intake import helped_table
from ganzhi.complaints.reports.parts import ALL, arrived, cases_table, course, looked, opens, share, spot_table
from ganzhi.complaints.reports.situation import COURSE_DAYS
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.scope import Reader


def weekly(reader: Reader, unit: str, period: Period) -> Report:
    """The report of a week."""
    back = periods_back(period, BACK[period.grain] + 2)
    hold(reader, (QUALITY, ALL), unit, back, (CHILD, "product"), children=bool(reader.ground.children(unit)))
    hold(reader, (ALL,), unit, back[-2:], (PARENT,))
    spots, turned = watched(reader, unit, period, quality=True)
    with rows(reader, unit, case_feeds(reader, period)) as session:
        examples = examples_of(session, period)
        drawn = cases(reader, session, spots)
    days = arrived(reader, period.first_day, period.last_day)
    missing = tuple(day.isoformat() for day in period.days if day not in days)
    everything = of_period(reader, ALL, unit, period).get((), 0)
    sections = (
        Section(
            "quality",
            courses=(_course(reader, unit, period),),
            tables=(excluded_table(reader, unit, period, spots.total),),
        ),
        Section("spots", (looked(spots),), tables=(spot_table(reader, spots, turned),)),
        Section("products", tables=(_products(reader, unit, period),)),
        Section("cases", (Remark("cases_note"),), tables=(cases_table(reader, drawn),)),
        Section("effects", tables=(helped_table(reader, helped(reader, unit, period)),)),
        Section(
            "domains", adds_up(tree_check(reader, unit, period)), tables=(domain_table(reader, unit, period, examples),)
        ),
        Section("areas", tables=(areas_table(reader, unit, period, spots),)),
    )
    return Report(
        kind="weekly",
        unit=unit,
        unit_name=reader.workplace.catalogue.units[unit].name,
        period=period.key,
        known=bool(days),
        missing=missing,
        catalogue_version=reader.workplace.catalogue.version,
        headline=Remark(
            "weekly",
            {"quality": spots.total, "all": everything, "grown": sum(e.grown for e in spots.cells), "large": sum(e.large for e in spots.cells)},
        )
        if days
        else Remark("weekly_unknown"),
        sections=sections,
    )  # fmt: skip


def _course(reader: Reader, unit: str, period: Period) -> Course:
    last = period.last_day
    begin = last - timedelta(days=COURSE_DAYS + 7)
    counts = daily(reader, QUALITY, unit, begin, last).get((), {})
    return course("quality", counts, last, COURSE_DAYS, arrived(reader, begin, last))


EXCLUDED: Final[Mapping[str, tuple[str, ...]]] = {
    "marketing": ("marketing",),
    "fees": ("fee_level", "charge_doubt"),
    "service": ("service_attitude", "service_skill", "service_waiting"),
}
"""What quality complaints leave out, as the feed's `quality_related` declares it (S003-021)."""


def excluded_table(reader: Reader, unit: str, period: Period, quality: int) -> Table:
    """Quality complaints and what they leave out; together all complaints."""
    before = period.previous()
    now, then = (_by_category(reader, unit, each) for each in (period, before))
    lines = [("quality", quality, of_period(reader, QUALITY, unit, before).get((), 0))]
    lines += [
        (key, sum(now.get(c, 0) for c in codes), sum(then.get(c, 0) for c in codes)) for key, codes in EXCLUDED.items()
    ]
    whole = sum(number for _, number, _ in lines)
    shown = tuple(
        Row((key, number, share(number, whole), earlier, changed(number, earlier)),
            opens=opens(reader, QUALITY, unit, period) if key == "quality" else None)
        for key, number, earlier in lines
    )  # fmt: skip
    columns = (
        Column("group", "word"), Column("count", "count", part=True), Column("share", "share"),
        Column("before", "count", part=True), Column("change", "change"),
    )  # fmt: skip
    return Table("excluded", columns, shown)


def _by_category(reader: Reader, unit: str, period: Period) -> dict[str, int]:
    return {keys[0]: number for keys, number in of_period(reader, ALL, unit, period, (CHILD,)).items()}


def _products(reader: Reader, unit: str, period: Period) -> Table:
    """Quality complaints of each product, with the reason that most of them are about."""
    now = of_period(reader, QUALITY, unit, period, ("product",))
    before = of_period(reader, QUALITY, unit, period.previous(), ("product",))
    main: dict[str, tuple[int, str]] = {}
    for (product, category), number in sorted(of_period(reader, QUALITY, unit, period, ("product", CHILD)).items()):
        if number > main.get(product, (0, ""))[0]:
            main[product] = (number, category)
    lines = tuple(
        Row(
            (value_name(reader, "product", product), number, earlier, changed(number, earlier),
             value_name(reader, CHILD, main[product][1]) if product in main else "", main[product][0] if product in main else None),
            opens=opens(reader, QUALITY, unit, period, {"product": product}),
        )
        for (product,), number in sorted(now.items(), key=lambda each: (-each[1], each[0]))
        for earlier in (before.get((product,), 0),)
        if product
    )  # fmt: skip
    columns = (Column("product"), Column("count", "count", part=True), Column("before", "count", part=True), Column("change", "change"),
               Column("main_reason"), Column("of_it", "count", part=True))  # fmt: skip
    return Table("products", columns, lines)


def adds_up(found: Partition) -> tuple[Remark, ...]:
    """What the check of the tree says: that it adds up, or where it does not."""
    if not found.parents:
        return ()
    if found.adds_up:
        return (Remark("adds_up", {"total": found.whole.count}),)
    return (Remark("adds_not_up", {"unassigned": found.whole.unassigned + sum(each.unassigned for each in found.parents),
                                   "twice": found.whole.twice + sum(each.twice for each in found.parents),
                                   "strangers": sum(found.strangers.values())}),)  # fmt: skip


def domain_table(reader: Reader, unit: str, period: Period, examples: Mapping[str, str]) -> Table:
    """Domains of problems, most first, with the category most are about, what is declared to belong to it and, for those
    who see records, a complaint of it (S000-101). examples: by category the id of a complaint."""
    now, before = (of_period(reader, ALL, unit, each, (PARENT,)) for each in (period, period.previous()))
    total = sum(now.values())
    of = domains_of(reader)
    main: dict[str, tuple[int, str]] = {}
    for category, number in sorted(_by_category(reader, unit, period).items()):
        if number > main.get(of.get(category, ""), (0, ""))[0]:
            main[of.get(category, "")] = (number, category)
    lines = tuple(
        Row(
            (value_name(reader, PARENT, domain), number, share(number, total), before.get((domain,), 0), changed(number, before.get((domain,), 0)),
             value_name(reader, CHILD, main[domain][1]) if domain in main else "", _kinds(reader, domain, main),
             examples.get(main[domain][1], "") if domain in main else ""),
            opens=opens(reader, ALL, unit, period, {PARENT: domain}),
        )
        for (domain,), number in sorted(now.items(), key=lambda each: (-each[1], each[0]))
        if domain
    )  # fmt: skip
    columns = (Column("domain"), Column("count", "count", part=True), Column("share", "share"), Column("before", "count", part=True),
               Column("change", "change"), Column("main_reason"), Column("kinds"), Column("complaint", listed=True))  # fmt: skip
    return Table("domains", columns, lines)


def _kinds(reader: Reader, domain: str, main: Mapping[str, tuple[int, str]]) -> Text | str:
    """What the taxonomy names as belonging to the category that most complaints of a domain are about."""
    declared = reader.workplace.catalogue.problem_domains.get(domain)
    category = None if declared is None or domain not in main else declared.categories.get(main[domain][1])
    items = () if category is None else category.items
    return Text(zh="、".join(i.zh for i in items), en="; ".join(i.en for i in items)) if items else ""
