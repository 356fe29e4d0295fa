"""Complaints looked at as records: what makes them hard, how often they come, who complains, what stands near.

Every statement reads `rows_<feed>` relations and takes units from a table `members(unit, since, until)`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ganzhi.compile.dialects import comment, identifier, instant_literal, literal

_MEMBERS = "join members m on m.unit = r.unit and {time} >= m.since and {time} < m.until"


def _received(start: datetime, end: datetime) -> str:
    return (
        f"from rows_complaints r\n{_MEMBERS.format(time='r.received_at')}"
        f"\nwhere r.received_at >= {instant_literal(start)} and r.received_at < {instant_literal(end)}"
    )


def hard_sql(start: datetime, end: datetime) -> str:
    """One row for each category: complaints, those that repeat, were escalated, were reopened, and any of these."""
    marks = {
        "repeated": "r.repeat_of is not null",
        "escalated": "r.kind = 'escalated' or r.escalated_to is not null",
        "reopened": "r.reopened_at is not null",
    }
    counted = ", ".join(f"count(*) filter (where {rule}) as {name}" for name, rule in marks.items())
    some = " or ".join(f"({rule})" for rule in marks.values())
    return (
        comment("complaints: what makes them hard, by category")
        + f"\nselect r.category, count(*) as complaints, {counted}, count(*) filter (where {some}) as hard"
        + f"\n{_received(start, end)}\ngroup by r.category\norder by r.category"
    )


def frequency_sql(start: datetime, end: datetime) -> str:
    """One row for each product and number of complaints: pairs of customer and problem with that many, and complaints
    without a customer under 0."""
    return (
        comment("complaints: how often one customer complains of one problem")
        + "\nwith pairs as (\nselect r.customer_id, r.category, r.product, count(*) as times\n"
        + f"{_received(start, end)}\n  and r.customer_id is not null\ngroup by all\n), nobody as (\n"
        + f"select r.product, count(*) as n\n{_received(start, end)}\n  and r.customer_id is null\ngroup by all\n)"
        + "\nselect product, times, count(*) as pairs from pairs group by all"
        + "\nunion all select product, 0, n from nobody\norder by 1 nulls last, 2"
    )


def profile_sql(start: datetime, end: datetime, bands: Mapping[str, Sequence[int]], *, feeds: Sequence[str]) -> str:
    """One row for each feature and value: complainants of [start, end), and all customers at its end.

    bands: of features the lower ends of all bands but the first. feeds: those of bills and subscriptions there are;
    without one its features are not known. Customers are those in the register by `end` who have not left.
    """
    at = instant_literal(end)
    bills = (
        "select customer_id, arg_max(amount_fen, issued_at) as arpu, arg_max(coalesce(data_fen, 0), issued_at) as data_arpu,"
        f" arg_max(voice_minutes, issued_at) as voice from rows_bills where issued_at < {at} and customer_id is not null"
        " group by customer_id"
        if "bills" in feeds
        else "select null as customer_id, null as arpu, null as data_arpu, null as voice where false"
    )
    services = (
        "select customer_id, count(distinct coalesce(product, content_partner)) as value_added from rows_sp_subscriptions"
        f" where variant = 'order' and effective_at < {at} and (ended_at is null or ended_at >= {at})"
        " and customer_id is not null group by customer_id"
        if "sp_subscriptions" in feeds
        else "select null as customer_id, null as value_added where false"
    )
    none = "0" if "sp_subscriptions" in feeds else "null"
    known = {
        "arpu": "b.arpu",
        "data_arpu": "b.data_arpu",
        "voice": "b.voice",
        "value_added": f"coalesce(s.value_added, {none})",
    }
    banded = ", ".join(f"{_band(known[name], ends)} as {name}" for name, ends in bands.items())
    names = ("brand", *bands)
    parts = "\nunion all ".join(
        f"select {literal(name)} as feature, coalesce({identifier(name)}, '') as value,"
        " count(*) filter (where complained) as complainants, count(*) as users from features group by all"
        for name in names
    )
    return (
        comment("complaints: complainants and all users by feature")
        + "\nwith register as (\nselect r.customer_id, arg_max(r.unit, r.changed_at) as unit, arg_max(r.brand, r.changed_at)"
        + f" as brand, arg_max(r.state, r.changed_at) as state, max(r.changed_at) as changed_at\nfrom rows_customers r where r.changed_at < {at}"
        + " group by r.customer_id\n), here as (\nselect r.* from register r"
        + f"\njoin members m on m.unit = r.unit and {instant_literal(start)} < m.until and {at} > m.since"
        + "\nwhere r.state <> 'cancelled'\n)"
        + f", complainants as (select distinct r.customer_id {_received(start, end)})"
        + f", billed as ({bills}), services as ({services})"
        + f", features as (select h.brand, {banded}, c.customer_id is not null as complained from here h"
        + " left join complainants c on c.customer_id = h.customer_id left join billed b on b.customer_id = h.customer_id"
        + f" left join services s on s.customer_id = h.customer_id)\n{parts}\norder by 1, 2"
    )


def _band(value: str, ends: Sequence[int]) -> str:
    cases = " ".join(f"when {value} >= {int(end)} then '{int(end)}'" for end in sorted(ends, reverse=True))
    return f"case when {value} is null then '' {cases} else '0' end"


def examples_sql(start: datetime, end: datetime, seed: str) -> str:
    """One row for each category with the id of one of its complaints, the same for everybody who asks with the seed."""
    drawn = f"arg_min(r.complaint_id, (md5({literal(seed)} || r.complaint_id), r.complaint_id)) as complaint"
    return (
        comment("complaints: an example of each category")
        + f"\nselect r.category, {drawn}\n{_received(start, end)}\n  and r.category is not null\ngroup by r.category\norder by 1"
    )


def deep_sql(start: datetime, end: datetime, pairs: Collection[tuple[str, str]], sides: Sequence[str]) -> str:
    """Of the complaints of pairs of product and category one row for each pair, dimension and value, with their number."""
    listed = ", ".join(f"({literal(product)}, {literal(category)})" for product, category in pairs)
    whole = f"select r.* {_received(start, end)} and (r.product, r.category) in ({listed})"
    parts = "\nunion all ".join(
        f"select product, category, {literal(side)} as side, {identifier(side)} as value, count(*) as n from own"
        f" where {identifier(side)} is not null group by all"
        for side in sides
    )
    return (
        comment("complaints: where the largest category of a product is")
        + f"\nwith own as ({whole})\n{parts}\norder by 1, 2, 3, 5 desc, 4"
    )


def named_sql(start: datetime, end: datetime, where: Mapping[str, str], sides: Sequence[str]) -> str:
    """Of the complaints for which columns have the given values one row for each of the sides and value, with their
    number; how many there are stands under the side `*`. The empty value is that of records without one."""
    rules = "".join(f" and coalesce(r.{identifier(name)}, '') = {literal(value)}" for name, value in where.items())
    parts = "".join(
        f"\nunion all select {literal(side)} as side, {identifier(side)} as value, count(*) as n from own group by all"
        for side in sides
    )
    return (
        comment("complaints: what the records of a slice name")
        + f"\nwith own as (select r.* {_received(start, end)}{rules})"
        + f"\nselect '*' as side, '' as value, count(*) as n from own{parts}\norder by 1, 3 desc, 2"
    )


def complaint_sql(columns: Sequence[str], complaint: str) -> str:
    """The record of one complaint among those of the members, or none."""
    shown = ", ".join(f"r.{identifier(name)}" for name in columns)
    return (
        comment("complaints: one of them")
        + f"\nselect {shown}, r._load, r._line\nfrom rows_complaints r\n{_MEMBERS.format(time='r.received_at')}"
        + f"\nwhere r.complaint_id = {literal(complaint)}\nlimit 1"
    )


def complaints_sql(columns: Sequence[str], complaints: Sequence[str]) -> str:
    """The records of complaints by their ids, in the order of the ids; of members and of others."""
    shown = ", ".join(f"r.{identifier(name)}" for name in columns)
    return (
        comment("complaints: some of them")
        + f"\nselect {shown}, r._load, r._line\nfrom rows_complaints r"
        + f"\nwhere r.complaint_id in ({', '.join(literal(each) for each in complaints)})\norder by r.complaint_id"
    )


@dataclass(frozen=True, slots=True)
class NearFeed:
    """A feed that is looked into for records of a customer. shown: columns, in order; at least one."""

    feed: str
    time: str
    shown: tuple[str, ...]


def near_sql(feeds: Sequence[NearFeed], customer: str, start: datetime, end: datetime, most: int) -> str:
    """What feeds hold of a customer within [start, end), of each the latest `most`: `feed`, `at`, `shown` (values as text,
    in the order of its columns), load, line."""
    parts = []
    for each in feeds:
        at = f"r.{identifier(each.time)}"
        values = ", ".join(f"cast(r.{identifier(name)} as varchar)" for name in each.shown)
        parts.append(
            f"(select {literal(each.feed)} as feed, {at} as at, [{values}] as shown, r._load, r._line"
            f"\nfrom {identifier(f'rows_{each.feed}')} r\n{_MEMBERS.format(time=at)}"
            f"\nwhere r.customer_id = {literal(customer)} and {at} >= {instant_literal(start)}"
            f" and {at} < {instant_literal(end)}\norder by {at} desc, r._load, r._line\nlimit {int(most)})"
        )
    return comment("records of one customer") + "\n" + "\nunion all\n".join(parts)


def dated_sql(feed: str, time: str, shown: Sequence[str], start: datetime, end: datetime) -> str:
    """Records of a feed (changes, faults, campaigns) that began within [start, end), the latest first."""
    columns = "".join(f", r.{identifier(name)}" for name in shown)
    at = f"r.{identifier(time)}"
    return (
        comment(f"{feed}: what was begun before")
        + f"\nselect {at} as at, r.unit{columns}, r._load, r._line\nfrom {identifier(f'rows_{feed}')} r"
        + f"\nwhere {at} >= {instant_literal(start)} and {at} < {instant_literal(end)}\norder by {at} desc, r._load, r._line"
    )


def running_sql(first: datetime, last: datetime, product: str | None) -> str:
    """Campaigns that ran within [first, last), of a product or of none; the latest begun first."""
    of = f" and (r.product is null or r.product = {literal(product)})" if product else ""
    return (
        comment("campaigns: what ran")
        + "\nselect r.starts_at as at, coalesce(r.stopped_at, r.ends_at) as until, r.campaign, r.title, r.unit, r.product, r._load, r._line"
        + f"\nfrom rows_campaigns r\nwhere r.approved_at is not null and r.starts_at < {instant_literal(last)}"
        + f"\n  and (coalesce(r.stopped_at, r.ends_at) is null or coalesce(r.stopped_at, r.ends_at) >= {instant_literal(first)}){of}"
        + "\norder by r.starts_at desc, r.campaign"
    )


def reproduced_sql(customers: Sequence[str], start: datetime, end: datetime) -> str:
    """Of customers the trouble reports within [start, end): product, when, and whether the trouble could be reproduced."""
    return (
        comment("trouble_reports: whether troubles of customers could be reproduced")
        + "\nselect r.customer_id, r.report_id, r.product, r.reported_at, r.reproducible\nfrom rows_trouble_reports r"
        + f"\nwhere r.customer_id in ({', '.join(literal(each) for each in customers)})"
        + f"\n  and r.reported_at >= {instant_literal(start)} and r.reported_at < {instant_literal(end)}"
        + "\n  and r.reproducible is not null\norder by r.reported_at, r.report_id"
    )
