"""The monthly topic analysis: all products side by side, the first five by volume and by rate, the largest category of
each looked into, places against their users, how often customers complain, who complains, what measures did
(S003-025 to S003-029)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.counts import changed, daily, days_back, of_period, value_name
from ganzhi.complaints.analysis.cube import hold
from ganzhi.complaints.analysis.followed import helped
from ganzhi.complaints.analysis.frequency import TOP, Frequency
from ganzhi.complaints.analysis.partition import CHILD, PARENT, tree_check
from ganzhi.complaints.analysis.profile import Judged
from ganzhi.complaints.analysis.rows import deep_of, examples_of, frequency_of, profile_feeds, profile_of, rows
from ganzhi.complaints.analysis.watch import watched
from ganzhi.complaints.hotspots import BACK
from ganzhi.complaints.reports.areas import areas_table
from ganzhi.complaints.reports.document import Column, Course, Remark, Report, Row, Section, Table, Value
from ganzhi.complaints.reports.intake import helped_table
from ganzhi.complaints.reports.parts import ALL, FEED, arrived, course, looked, number, opens, spot_table
from ganzhi.complaints.reports.weekly import adds_up, domain_table
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.warehouse.engine import Session

RATE: Final = "complaint.per_10k_users"
FIRST: Final = 5
"""Products of each of the two rankings (S003-026)."""
DEEP: Final = ("unit", "channel", "customer_class", "department", "responsibility")
"""By what the largest category of a product is looked into."""
LEAST_RANKED: Final = 5
"""Complaints below which a product's rate is too uncertain to be ranked."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the month. rate: complaints per 10,000 users, None where its users are not known."""

    code: str
    count: int
    before: int | None
    rate: float | None
    by_volume: int | None
    by_rate: int | None

    @property
    def chosen(self) -> bool:
        """Whether it is among the first by volume or by rate."""
        return self.by_volume is not None or self.by_rate is not None


def monthly(reader: Reader, unit: str, period: Period) -> Report:
    """The report of a month."""
    _ask(reader, unit, period)
    spots, turned = watched(reader, unit, period)
    days = arrived(reader, period.first_day, period.last_day)
    products = ranked(reader, unit, period)
    chosen = [each for each in products if each.chosen]
    with rows(reader, unit, {FEED: (period.first_day, period.last_day), **profile_feeds(reader, period)}) as session:
        deep = _deep(reader, session, unit, period, [each.code for each in chosen])
        often = frequency_of(session, period)
        examples = examples_of(session, period)
        judged = profile_of(reader, session, period)
    tree = tree_check(reader, unit, period)
    sections = (
        Section(
            "products",
            courses=(_course(reader, unit, period, None),),
            tables=(_products(reader, unit, period, products),),
        ),
        Section("top", courses=tuple(_course(reader, unit, period, each.code) for each in chosen), tables=(deep,)),
        Section("spots", (looked(spots),), tables=(spot_table(reader, spots, turned),)),
        Section("domains", adds_up(tree), tables=(domain_table(reader, unit, period, examples),)),
        Section("areas", tables=(areas_table(reader, unit, period, spots),)),
        Section("frequency", tuple(_often(often)), tables=(_frequency(reader, often),)),
        Section("profile", (Remark("profile_note"),), tables=(_profile(reader, judged),)),
        Section("effects", tables=(helped_table(reader, helped(reader, unit, period)),)),
    )
    total, before = (of_period(reader, ALL, unit, each).get(()) for each in (period, period.previous()))
    names = [value_name(reader, "product", each.code) for each in chosen if each.by_volume == 1]
    change = changed(total, before)
    params: dict[str, int | float | Text | str] = {"total": total or 0, "first": names[0] if names else "–"}
    if change is not None:
        params["change"] = change
    key = "monthly_unknown" if not days else "monthly" if change is not None else "monthly_alone"
    return Report(
        kind="monthly",
        unit=unit,
        unit_name=reader.workplace.catalogue.units[unit].name,
        period=period.key,
        known=bool(days),
        missing=tuple(day.isoformat() for day in period.days if day not in days),
        catalogue_version=reader.workplace.catalogue.version,
        headline=Remark(key, params),
        sections=sections,
    )


def _ask(reader: Reader, unit: str, period: Period) -> None:
    """All counts of the report at once: months by reason, product and place, days by product."""
    back = periods_back(period, BACK[period.grain] + 2)
    hold(reader, (ALL,), unit, back, (CHILD, "product"), children=bool(reader.ground.children(unit)))
    hold(reader, (ALL,), unit, back[-2:], (PARENT,))
    begin = period.previous().first_day
    hold(reader, (ALL,), unit, days_back(reader, period.last_day, (period.last_day - begin).days + 1), ("product",))


def ranked(reader: Reader, unit: str, period: Period) -> tuple[Product, ...]:
    """All products with complaints, most first, with their places among the first by volume and by rate."""
    now, before = (of_period(reader, ALL, unit, each, ("product",)) for each in (period, period.previous()))
    known = bool(of_period(reader, ALL, unit, period.previous()))
    rates = _rates(reader, unit, period)
    counts = {keys[0]: number for keys, number in now.items() if keys[0] and number}
    by_volume = sorted(counts, key=lambda code: (-counts[code], code))
    rated = [code for code in counts if code in rates and counts[code] >= LEAST_RANKED]
    by_rate = sorted(rated, key=lambda code: (-rates[code], code))[:FIRST]
    return tuple(
        Product(
            code,
            counts[code],
            before.get((code,), 0) if known else None,
            rates.get(code),
            place + 1 if place < FIRST else None,
            by_rate.index(code) + 1 if code in by_rate else None,
        )
        for place, code in enumerate(by_volume)
    )


def _rates(reader: Reader, unit: str, period: Period) -> dict[str, float]:
    if RATE not in reader.workplace.catalogue.indicators:
        return {}
    request = ObserveRequest(
        codes=(RATE,),
        unit=unit,
        grain=period.grain,
        first=period.first_day,
        last=period.last_day,
        by=("product",),
        stale="show",
    )
    found = observe(reader.workplace, reader.states, request)
    return {
        each.slice["product"]: float(each.value)
        for each in found
        if each.period == period and each.value is not None and each.slice.get("product")
    }


def _products(reader: Reader, unit: str, period: Period, products: tuple[Product, ...]) -> Table:
    columns = (
        Column("product"), Column("count", "count", part=True), Column("before", "count", part=True), Column("change", "change"),
        Column("per_10k", "number"), Column("by_volume", "number"), Column("by_rate", "number"),
    )  # fmt: skip
    lines = tuple(
        Row(
            (value_name(reader, "product", each.code), each.count, each.before, changed(each.count, each.before), number(each.rate, 4),
             each.by_volume, each.by_rate),
            opens=opens(reader, ALL, unit, period, {"product": each.code}),
            marked=each.chosen,
        )
        for each in products
    )  # fmt: skip
    return Table("products", columns, lines)


def _course(reader: Reader, unit: str, period: Period, product: str | None) -> Course:
    """Days of the month beside the same days of the month before."""
    first, last = period.first_day, period.last_day
    begin = period.previous().first_day
    by = () if product is None else ("product",)
    counts: Mapping[date, int] = daily(reader, ALL, unit, begin, last, by).get((product,) if product else (), {})
    name = None if product is None else value_name(reader, "product", product)
    key = "month" if product is None else "product_month"
    length = (last - first).days + 1
    return course(
        key,
        counts,
        last,
        length,
        arrived(reader, begin, last),
        back=(first - begin).days,
        until=first - timedelta(days=1),
        name=name,
    )


def _deep(reader: Reader, session: Session, unit: str, period: Period, codes: list[str]) -> Table:
    """The largest category of each product, and where most of it is by several dimensions."""
    found = of_period(reader, ALL, unit, period, ("product", CHILD))
    before = of_period(reader, ALL, unit, period.previous(), ("product", CHILD))
    of: dict[str, dict[str, int]] = {code: {} for code in codes}
    for (product, category), count in found.items():
        if product in of and category and count:
            of[product][category] = count
    mains = {code: min(own, key=lambda each: (-own[each], each)) for code, own in of.items() if own}
    inner = deep_of(session, period, list(mains.items()), DEEP)
    lines = []
    for code, main in mains.items():
        total, number_ = sum(of[code].values()), of[code][main]
        cells: list[Value] = [
            value_name(reader, "product", code), value_name(reader, CHILD, main), number_, round(number_ / total, 6),
            before.get((code, main), 0), changed(number_, before.get((code, main), 0)),
        ]  # fmt: skip
        inside = inner.get((code, main), {})
        cells += [_most(reader, side, inside.get(side, {}), number_) for side in DEEP]
        lines.append(Row(tuple(cells), opens=opens(reader, ALL, unit, period, {"product": code, CHILD: main})))
    columns = (
        Column("product"), Column("main_reason"), Column("count", "count", part=True), Column("share", "share"), Column("before", "count", part=True),
        Column("change", "change"), *(Column(f"most_{side}") for side in DEEP),
    )  # fmt: skip
    return Table("deep", columns, tuple(lines))


def _most(reader: Reader, side: str, counts: Mapping[str, int], total: int) -> Text | str:
    """The value of a dimension that most of the complaints have, with its share."""
    if not counts or not total:
        return ""
    most = min(counts, key=lambda key: (-counts[key], key))
    share = round(100 * counts[most] / total)
    name = value_name(reader, side, most)
    return Text(zh=f"{name.zh} {share}%", en=f"{name.en} {share}%")


def _often(found: Mapping[str, Frequency]) -> list[Remark]:
    whole = found["*"]
    if whole.again is None:
        return [Remark("frequency_unknown")]
    return [Remark("frequency", {"again": whole.again, "pairs": whole.pairs, "anonymous": whole.anonymous})]


def _frequency(reader: Reader, found: Mapping[str, Frequency]) -> Table:
    columns = (
        Column("product"), Column("pairs", "count", part=True),
        *(Column(f"times_{times}", "count", part=True) for times in range(1, TOP + 1)), Column("again", "share"),
    )  # fmt: skip
    order = sorted((key for key in found if key != "*"), key=lambda key: (not key, -found[key].pairs, key))
    lines = tuple(
        Row(
            (value_name(reader, "product", key) if key else Text(zh="未记产品", en="No product"), found[key].pairs,
             *(each.pairs for each in found[key].classes), number(found[key].again)),
        )
        for key in order
        if found[key].pairs
    )  # fmt: skip
    return Table("frequency", columns, lines)


def _profile(reader: Reader, found: tuple[Judged, ...]) -> Table:
    """Features whose groups differ first within their order; bands are told by their lower end."""
    columns = (
        Column("feature", "word"), Column("group"), Column("complainants", "count", part=True), Column("share", "share"), Column("low", "share"),
        Column("high", "share"), Column("user_share", "share"), Column("times", "number"), Column("chance", "chance"), Column("verdict", "word"),
    )  # fmt: skip
    lines = tuple(
        Row(
            (each.group.feature, value_name(reader, "brand", each.group.value) if each.group.feature == "brand" else f"{each.group.feature}.{each.group.value}",
             each.group.complainants, number(each.share), number(each.low), number(each.high), number(each.user_share), number(each.times, 3),
             number(each.adjusted), each.verdict),
            marked=each.verdict in ("more", "fewer"),
        )
        for each in found
    )  # fmt: skip
    return Table("profile", columns, lines)
