"""The daily intake report of the product department: volumes of key products with what is out of line highlighted,
and every earlier anomaly with what was found and done, until it is closed (S003-015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.complaints.analysis.counts import Compared, compared, daily, days_back, value_name
from ganzhi.complaints.analysis.cube import hold
from ganzhi.complaints.analysis.followed import Followed, Helped, cut_of, followed, helped
from ganzhi.complaints.reports.document import Column, Remark, Report, Row, Section, Table, Value
from ganzhi.complaints.reports.parts import ALL, COMPARED, arrived, compared_cells, course, number, opens
from ganzhi.complaints.reports.situation import BACK_DAYS, COURSE_DAYS
from ganzhi.measure.build.scope import Reader

PRODUCT = "product"
PRODUCT_COLUMNS = (Column("product"), Column("key", "word"), Column("grade", "level"), *COMPARED)


def intake(reader: Reader, unit: str, period: Period) -> Report:
    """The report of a day."""
    day = period.first_day
    begin = day - timedelta(days=BACK_DAYS)
    known = arrived(reader, begin, day)
    hold(reader, (ALL,), unit, days_back(reader, day, BACK_DAYS + 1), (PRODUCT,))
    by_product = {
        keys[0]: counts for keys, counts in daily(reader, ALL, unit, begin, day, (PRODUCT,)).items() if keys[0]
    }
    whole = compared(daily(reader, ALL, unit, begin, day).get((), {}), day, known)
    found = followed(reader, unit, day)
    rows = _products(reader, unit, period, by_product, known, found)
    anomalies = [each for each in found if each.new and each.state != "closed"]
    earlier = [each for each in found if not each.new and each.state != "closed"]
    closed = [each for each in found if each.state == "closed"]
    marked = [each.finding for each in anomalies if cut_of(each.finding).get(PRODUCT)]
    courses = tuple(
        course(
            "product",
            by_product.get(cut_of(each)[PRODUCT], {}),
            day,
            COURSE_DAYS,
            known,
            name=value_name(reader, PRODUCT, cut_of(each)[PRODUCT]),
        )
        for each in {cut_of(one)[PRODUCT]: one for one in marked}.values()
    )
    measures = helped(reader, unit, period)
    sections = (
        Section("key_products", courses=courses, tables=(Table("by_product", PRODUCT_COLUMNS, rows),)),
        Section("anomalies", tables=(_anomalies(reader, anomalies, "anomalies"),)),
        Section("follow_up", tables=(_anomalies(reader, earlier, "follow_up"), helped_table(reader, measures))),
        Section("closed", tables=(_anomalies(reader, closed, "closed"),)),
    )  # fmt: skip
    return Report(
        kind="intake",
        unit=unit,
        unit_name=reader.workplace.catalogue.units[unit].name,
        period=period.key,
        known=whole.value is not None,
        missing=() if whole.value is not None else (day.isoformat(),),
        catalogue_version=reader.workplace.catalogue.version,
        headline=_headline(whole, len(anomalies), len(earlier)),
        sections=sections,
    )


def _headline(whole: Compared, new: int, open_ones: int) -> Remark:
    if whole.value is None:
        return Remark("intake_unknown")
    return Remark("intake", {"total": whole.value, "new": new, "open": open_ones})


def _products(
    reader: Reader,
    unit: str,
    period: Period,
    by_product: Mapping[str, Mapping[date, int]],
    known: frozenset[date],
    found: Sequence[Followed],
) -> tuple[Row, ...]:
    """Key products, all of them, and others of which there are complaints; those that are warned of first."""
    products, day = reader.workplace.catalogue.products, period.first_day
    warned = {each.product: each for each in reversed(found) if each.new and each.product and each.finding.unit == unit}
    keys = {code for code, each in products.items() if each.key_for}
    lines = []
    for code in sorted(keys | set(by_product)):
        line = compared(by_product.get(code, {}), day, known)
        if code in keys or any((line.value, line.before, line.week)):
            lines.append((code, line))
    lines.sort(key=lambda each: (each[0] not in warned, each[0] not in keys, -(each[1].value or 0), each[0]))
    return tuple(
        Row(
            (
                value_name(reader, PRODUCT, code),
                "key" if code in keys else "",
                _grade(warned.get(code)),
                *compared_cells(line),
            ),
            opens=opens(reader, ALL, unit, period, {PRODUCT: code}),
            finding=warned[code].finding.id if code in warned else None,
            marked=code in warned,
        )
        for code, line in lines
    )


def _grade(each: Followed | None) -> str:
    return "" if each is None or not each.finding.highest else GRADES[each.finding.highest - 1]


def _subject(reader: Reader, each: Followed) -> Text:
    """Indicator and slice of a warning."""
    name = reader.workplace.catalogue.indicators[each.finding.indicator].name
    cut = [value_name(reader, side, key) for side, key in sorted(cut_of(each.finding).items())]
    return Text(zh=" · ".join((name.zh, *(one.zh for one in cut))), en=" · ".join((name.en, *(one.en for one in cut))))


def _place(reader: Reader, each: Followed) -> Text:
    return value_name(reader, "unit", each.finding.unit)


def _anomalies(reader: Reader, found: Sequence[Followed], key: str) -> Table:
    """Warnings with what people wrote about them."""
    columns = (
        Column("anomaly"), Column("place"), Column("grade", "level"), Column("first"), Column("value", "number"), Column("expected", "number"),
        Column("state", "word"), Column("owner"), Column("phenomenon"), Column("analysis"), Column("measures"),
    )  # fmt: skip
    rows = []
    for each in found:
        rule = reader.workplace.catalogue.warning_rules[each.finding.rule]
        cells: tuple[Value, ...] = (
            _subject(reader, each), _place(reader, each), _grade(each), each.finding.first_period, number(each.value, 2),
            number(each.expected, 2), each.state, each.finding.owner or rule.owner, each.phenomenon, each.analysis, each.measures,
        )  # fmt: skip
        rows.append(Row(cells, finding=each.finding.id, marked=key == "anomalies"))
    return Table(key, columns, tuple(rows))


def helped_table(reader: Reader, found: Sequence[Helped]) -> Table:
    """Measures, and complaints a day before and since."""
    columns = (
        Column("anomaly"), Column("place"), Column("measures"), Column("measured", "day"), Column("per_day_before", "number"),
        Column("per_day_after", "number"), Column("ratio", "number"), Column("low", "number"), Column("high", "number"), Column("effect", "word"),
    )  # fmt: skip
    rows = []
    for each in found:
        seen = each.difference
        cells: tuple[Value, ...] = (
            _subject(reader, each.followed), _place(reader, each.followed), each.followed.measures, each.measured.isoformat(),
            number(seen.before / seen.before_days, 2) if seen.before_days else None,
            number(seen.after / seen.after_days, 2) if seen.after_days else None,
            number(seen.ratio, 3), number(seen.low, 3), number(seen.high, 3), seen.verdict,
        )  # fmt: skip
        rows.append(Row(cells, finding=each.followed.finding.id))
    return Table("effects", columns, tuple(rows))
