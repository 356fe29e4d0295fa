"""What stands near a complaint: records of its customer, and what was begun before it. By rows alone (S001-024)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

from ganzhi.access.shown.masking import is_masked
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.analyses.complaints import NearFeed, dated_sql, near_sql, running_sql
from ganzhi.complaints.analysis.counts import value_name
from ganzhi.complaints.analysis.rows import COMPLAINTS, Days
from ganzhi.measure.build.catalogue.occasions import occasions_between
from ganzhi.measure.build.scope import Reader
from ganzhi.warehouse.engine import Session

BACK: Final = timedelta(days=14)
"""How far before a complaint things are looked for."""
CUSTOMER_BACK, CUSTOMER_AFTER = timedelta(days=7), timedelta(days=1)
EACH: Final = 5
"""Records of a feed that are told of one customer, the latest."""
TOLD: Final = 4
"""Values that are told of a record."""
CUSTOMER: Final = "customer_id"

StandingKind = Literal["change", "campaign", "occasion", "system_fault", "network_fault"]
Why = Literal["system", "process", "product", "place", "contacted", "everywhere"]


@dataclass(frozen=True, slots=True)
class Near:
    """A record of the same customer. hours: before the complaint, negative after it. told: values of columns that may be
    shown. load: empty for what was derived
    from other records. trace, chain: of a transaction that was followed; campaign: that the record names."""

    feed: str
    feed_name: Text
    at: datetime
    hours: float
    told: tuple[tuple[Text, Text], ...]
    load: str
    line: int
    trace: str = ""
    chain: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that was begun before: a change of a system, a campaign, an occasion, a fault. hours: from then to the
    complaint or to the end of the period. why: what it shares with the complaint. feed, load, line: where it stands;
    empty for what is declared."""

    kind: StandingKind
    code: str
    name: Text
    at: datetime
    until: datetime | None
    hours: float
    why: Why
    feed: str = ""
    load: str = ""
    line: int = 0


def near_feeds(reader: Reader, at: datetime) -> dict[str, Days]:
    """What `near_of` reads: events that name a customer, but not the steps of a transaction, with the days."""
    catalogue, zone = reader.workplace.catalogue, reader.workplace.zone
    hops = {trace.hops for trace in catalogue.traces.values()}
    days = tuple(each.astimezone(zone).date() for each in (at - CUSTOMER_BACK, at + CUSTOMER_AFTER))
    return {
        code: (days[0], days[1])
        for code, each in catalogue.feeds.items()
        if CUSTOMER in each.columns and each.kind == "event" and code in reader.fed and code not in hops
    }


def near_of(reader: Reader, session: Session, customer: str, complaint: str, at: datetime) -> tuple[Near, ...]:
    """Records of a customer from a week before a complaint to a day after it, the nearest in time first.
    session: over at least `near_feeds`."""
    feeds = {code: reader.workplace.catalogue.feeds[code] for code in near_feeds(reader, at)}
    if not customer or not feeds:
        return ()
    chains = {trace.chains: code for code, trace in reader.workplace.catalogue.traces.items()}
    asked = [NearFeed(code, feed.time, (*_told(feed), *_kept(feed))) for code, feed in feeds.items()]
    rows = session.query(near_sql(asked, customer, at - CUSTOMER_BACK, at + CUSTOMER_AFTER, EACH)).to_pylist()
    found = [_near(reader, row, feeds[row["feed"]], at, chains.get(row["feed"], "")) for row in rows]
    own = [each for each in found if (each.feed, each.chain) != (COMPLAINTS, complaint)]
    return tuple(sorted(own, key=lambda each: (abs(each.hours), each.feed, each.load, each.line)))


def _told(feed: Feed) -> list[str]:
    """Columns that may be told."""
    return [name for name in feed.dimensions if name in feed.columns and not is_masked(feed.columns[name].protection)]


def _kept(feed: Feed) -> list[str]:
    """Columns that are needed beside them."""
    told = _told(feed)
    return [name for name in (*feed.key, "campaign") if name in feed.columns and name not in told]


def _near(reader: Reader, row: Mapping[str, Any], feed: Feed, at: datetime, trace: str) -> Near:
    code: str = row["feed"]
    values: dict[str, str | None] = dict(zip((*_told(feed), *_kept(feed)), row["shown"], strict=True))
    told = [
        (feed.columns[name].name, value_name(reader, name, value))
        for name in _told(feed)
        if (value := values[name]) is not None
    ]
    own = values[feed.key[0]] if trace or code == COMPLAINTS else ""
    return Near(
        code, feed.name, row["at"], round((at - row["at"]).total_seconds() / 3600, 1), tuple(told[:TOLD]), row["_load"] or "", row["_line"] or 0,
        trace, own or "", values.get("campaign") or "",
    )  # fmt: skip


def standing_feeds(reader: Reader, first: datetime, last: datetime, *, network: bool) -> dict[str, Days]:
    """What `standing_before` reads, with the days. network: whether faults of the network are looked at."""
    zone = reader.workplace.zone
    days = ((first - BACK).astimezone(zone).date(), last.astimezone(zone).date())
    looked = [feed for feed in _SHOWN if network or feed != "network_faults"]
    found: dict[str, Days] = {
        feed: days for feed in looked if feed in reader.fed and feed in reader.workplace.catalogue.feeds
    }
    return found | ({"campaigns": (None, days[1])} if "campaigns" in reader.fed else {})


def standing_before(
    reader: Reader,
    session: Session,
    unit: str,
    systems: Set[str],
    processes: Set[str],
    product: str,
    contacted: Set[str],
    first: datetime,
    last: datetime,
    *,
    network: bool,
) -> tuple[Standing, ...]:
    """What was begun up to `BACK` before `first` and not after `last`, and shares a system, process, product or place with
    the complaint; what was begun last first. session: over at least `standing_feeds`."""
    zone = reader.workplace.zone
    days = ((first - BACK).astimezone(zone).date(), last.astimezone(zone).date())
    path = _path(reader, unit)
    found: list[Standing] = []
    for feed in standing_feeds(reader, first, last, network=network):
        if feed == "campaigns":
            found += _campaigns(reader, session, path, product, contacted, (first - BACK, last))
        else:
            found += _dated(reader, session, feed, (systems, processes, path), (first - BACK, last))
    found += _occasions(reader, unit, product, days, last)
    return tuple(sorted(found, key=lambda each: (each.hours, each.kind, each.code)))


def _path(reader: Reader, unit: str) -> frozenset[str]:
    """A unit with those above it, and those below it."""
    units = reader.workplace.catalogue.units
    above, at = {unit}, units[unit].parent if unit in units else None
    while at is not None:
        above.add(at)
        at = units[at].parent if at in units else None
    below = {code for code in units if _is_below(reader, code, unit)}
    return frozenset(above | below)


def _is_below(reader: Reader, code: str, unit: str) -> bool:
    units = reader.workplace.catalogue.units
    at: str | None = code
    while at is not None:
        if at == unit:
            return True
        at = units[at].parent if at in units else None
    return False


_SHOWN: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "changes": ("change", "planned_at", ("change_id", "system", "process", "change_kind", "result")),
    "system_faults": ("system_fault", "occurred_at", ("fault_id", "system", "process", "severity", "restored_at")),
    "network_faults": ("network_fault", "occurred_at", ("fault_id", "fault_kind", "fault_level", "restored_at")),
}


def _dated(
    reader: Reader,
    session: Session,
    feed: str,
    shared: tuple[Set[str], Set[str], Set[str]],
    span: tuple[datetime, datetime],
) -> Iterator[Standing]:
    systems, processes, path = shared
    kind, time, columns = _SHOWN[feed]
    for row in session.query(dated_sql(feed, time, columns, *span)).to_pylist():
        if row["unit"] not in path or row.get("result") in ("planned", "cancelled"):
            continue
        why: Why | None = None
        if feed == "network_faults":
            why = "place"
        elif row.get("process") in processes:
            why = "process"
        elif row.get("system") in systems:
            why = "system"
        if why is not None:
            words = [
                value_name(reader, name, str(row[name]))
                for name in columns[1:]
                if row.get(name) is not None and name != "restored_at"
            ]
            yield Standing(
                kind, str(row[columns[0]]), _joined(words), row["at"], row.get("restored_at"), _hours(row["at"], span[1]), why,  # type: ignore[arg-type]
                feed, row["_load"] or "", row["_line"] or 0,
            )  # fmt: skip


def _campaigns(
    reader: Reader, session: Session, path: Set[str], product: str, contacted: Set[str], span: tuple[datetime, datetime]
) -> Iterator[Standing]:
    """Campaigns that ran: of the product, or by which the customer was contacted."""
    for row in session.query(running_sql(*span, None)).to_pylist():
        why: Why | None = (
            "contacted"
            if row["campaign"] in contacted
            else "product"
            if product and row["product"] == product
            else None
        )
        if why is not None and (row["unit"] in path or why == "contacted"):
            title = str(row["title"] or row["campaign"])
            yield Standing(
                "campaign", str(row["campaign"]), Text(zh=title, en=title), row["at"], row["until"], _hours(row["at"], span[1]), why,
                "campaigns", row["_load"] or "", row["_line"] or 0,
            )  # fmt: skip


def _occasions(reader: Reader, unit: str, product: str, days: tuple[date, date], last: datetime) -> Iterator[Standing]:
    first_day, last_day = days
    catalogue, zone = reader.workplace.catalogue, reader.workplace.zone
    for each in occasions_between(catalogue, first_day, last_day, unit, {"product": product} if product else None):
        declared = catalogue.occasions[each.code]
        why: Why = "product" if declared.products else "place" if declared.units else "everywhere"
        at = datetime.combine(each.first, time(), zone)
        until = datetime.combine(each.last, time(), zone) + timedelta(days=1)
        yield Standing("occasion", each.code, each.name, at, until, _hours(at, last), why)


def _hours(at: datetime, last: datetime) -> float:
    return round((last - at).total_seconds() / 3600, 1)


def _joined(words: list[Text]) -> Text:
    return Text(zh=" · ".join(each.zh for each in words), en=" · ".join(each.en for each in words))
