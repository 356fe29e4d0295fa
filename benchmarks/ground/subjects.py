"""The hand-written side of `benchmarks.fused`: for each feed one DuckDB query, as somebody who knows DuckDB would write it.

Aggregates stand beside the reading of the measure that they must equal; a measure of the pack without one fails the
comparison, so the queries cannot fall behind the catalogue unseen. Filters are plain SQL over named booleans
(`count_if`, or FILTER where all rows may be unknown, of which count_if makes NULL); additive
values are grouped once by grouping sets and rolled from there, percentiles and distinct counts are DuckDB's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground import events, transactions

Cuboids = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Subject:
    """rows_sql: the columns and booleans a hand-written query starts from, over `rows`. cuboids: as the feed declares
    them. aggregates: by the text of the measure. special: a holistic aggregate, by the text of its measure; kept in
    `special_cuboids`. slot_s: the finest grain."""

    feed: str
    write: Callable[[Path, int], None]
    rows_sql: str
    dimensions: Sequence[str]
    cuboids: Cuboids
    aggregates: Mapping[str, str]
    special: tuple[str, str]
    special_cuboids: Sequence[int]

    def query(self, *, rolled: bool) -> str:
        """The whole query. rolled: with days and totals of units above, else the finest grain alone."""
        named = ", ".join(f"{sql} AS a{n}" for n, sql in enumerate(self.aggregates.values()))
        summed = ", ".join(f"sum(a{n}) AS a{n}" for n in range(len(self.aggregates)))
        dims = ", ".join(self.dimensions)
        kept = [self.cuboids[n] for n in self.special_cuboids]
        value = f"{self.special[1]} AS special"
        parts = [
            f"WITH r AS ({self.rows_sql})",
            f", fine AS MATERIALIZED (SELECT {self._keys('unit, slot')}, {named}, count(*) AS n FROM r {_sets(self.cuboids, 'unit, slot')})",
            f", special_fine AS (SELECT {self._keys('unit, slot', kept)}, {value} FROM r {_sets(kept, 'unit, slot')})",
        ]
        shown = [
            "SELECT 'fine' AS level, 'add' AS kind, * FROM fine",
            "SELECT 'fine' AS level, 'special' AS kind, * FROM special_fine",
        ]
        if rolled:
            above = "JOIN ancestors u ON u.unit = {0}.unit AND {0}.day BETWEEN u.first_day AND u.last_day"
            parts += [
                f", day AS MATERIALIZED (SELECT unit, (to_timestamp(slot))::DATE AS day, {dims}, {summed}, sum(n) AS n FROM fine GROUP BY ALL)",
                f", total AS (SELECT u.ancestor AS unit, day, {dims}, {summed}, sum(n) AS n FROM day {above.format('day')} GROUP BY ALL)",
                f", special_day AS (SELECT {self._keys('unit, day', kept)}, {value} FROM r {_sets(kept, 'unit, day')})",
                f", upwards AS (SELECT r.* REPLACE (u.ancestor AS unit) FROM r {above.format('r')})",
                f", special_total AS (SELECT {self._keys('unit, day', kept)}, {value} FROM upwards {_sets(kept, 'unit, day')})",
            ]
            for level in ("day", "total"):
                shown += [f"SELECT '{level}' AS level, 'add' AS kind, * FROM {level}"]
                shown += [f"SELECT '{level}' AS level, 'special' AS kind, * FROM special_{level}"]
        return "\n".join(parts) + "\n" + "\nUNION ALL BY NAME ".join(shown)

    def _keys(self, first: str, cuboids: Cuboids | None = None) -> str:
        used = {d for cuboid in cuboids or self.cuboids for d in cuboid}
        return ", ".join([first, *(d if d in used else f"NULL::VARCHAR AS {d}" for d in self.dimensions)])


def _sets(cuboids: Cuboids, first: str) -> str:
    sets = ", ".join("(" + ", ".join([first, *cuboid]) + ")" for cuboid in cuboids)
    return f"GROUP BY GROUPING SETS ({sets})"


def _slot(time: str, seconds: int) -> str:
    return f"epoch_us({time}) // {seconds}000000 * {seconds}"


_ELECTRONIC = "\"channel_group\" = 'electronic'"
_SETTLED = "NOT (\"result\" IN ('cancelled', 'pending'))"
_KNOWN_AMOUNT = 'NOT ("amount_fen" IS NULL)'
_SERVED = f'"at_desk" OR ("done" AND ({_ELECTRONIC}))'

TRANSACTIONS = Subject(
    feed=transactions.FEED,
    write=transactions.write_day,
    rows_sql=f"""
  SELECT *, electronic AND done AS electronic_done, at_desk OR (electronic AND done) AS served
  FROM (
    SELECT unit, {_slot("done_at", 900)} AS slot, done_at::DATE AS day, channel, is_payment, in_hall, amount_fen, hall_norm_s,
      result, failure, date_diff('second', done_at, completed_at) AS effect_s,
      coalesce(process, '') AS process, coalesce(product, '') AS product,
      CASE WHEN channel IN ('web_hall', 'app', 'sms_hall', 'ivr', 'kiosk', 'sms_push', 'system') THEN 'electronic'
        WHEN channel IN ('partner_shop', 'terminal_store', 'bank', 'payment_platform', 'recharge_card') THEN 'partner'
        ELSE 'manual' END AS channel_group,
      CASE WHEN is_payment THEN 'payment' ELSE 'business' END AS business_kind,
      channel_group = 'electronic' AS electronic, channel_group = 'partner' AS partner, result = 'done' AS done,
      result = 'done' AND in_hall AND NOT self_service AS at_desk, result = 'done' AND in_hall AND self_service AS at_device
    FROM rows
  )""",
    dimensions=("channel", "channel_group", "business_kind", "process", "product"),
    cuboids=(("channel", "channel_group", "business_kind"), ("channel_group", "process"), ("channel_group", "product")),
    aggregates={
        f"count(*) where {_ELECTRONIC} and \"failure\" IN ('system', 'timeout')": "count(*) FILTER (electronic AND failure IN ('system', 'timeout'))",
        f'count(known "effect_s") where {_ELECTRONIC} and "done"': "count(effect_s) FILTER (electronic_done)",
        'count(*) where "done" and NOT "is_payment"': "count_if(done AND NOT is_payment)",
        'count(*) where "channel_group" = \'partner\' and "done" and NOT "is_payment"': "count_if(partner AND done AND NOT is_payment)",
        f'count(known "hall_norm_s") where {_SERVED}': "count(hall_norm_s) FILTER (served)",
        'count(*) where "done" and "in_hall" and "is_payment"': "count_if(done AND in_hall AND is_payment)",
        f"count(*) where {_ELECTRONIC} and \"result\" IN ('done', 'failed', 'unclear')": "count_if(electronic AND result IN ('done', 'failed', 'unclear'))",
        f"count(*) where {_SERVED}": "count_if(served)",
        f'count(*) where {_ELECTRONIC} and "done" and NOT "is_payment"': "count_if(electronic_done AND NOT is_payment)",
        'count(*) where "done" and "in_hall"': "count_if(done AND in_hall)",
        f'count(*) where {_ELECTRONIC} and "is_payment" and "result" = \'unclear\'': "count_if(electronic AND is_payment AND result = 'unclear')",
        f'count(*) where {_ELECTRONIC} and "done" and "effect_s" <= 60': "count_if(electronic_done AND effect_s <= 60)",
        f'count(*) where {_SERVED} and "is_payment"': "count_if(served AND is_payment)",
        f'count(known "hall_norm_s") where {_ELECTRONIC} and "done"': "count(hall_norm_s) FILTER (electronic_done)",
        'count(*) where "at_device"': "count_if(at_device)",
        'count(*) where "at_desk"': "count_if(at_desk)",
        'count(*) where "done" and "in_hall" and NOT "is_payment"': "count_if(done AND in_hall AND NOT is_payment)",
        f"count(*) where {_ELECTRONIC}": "count_if(electronic)",
        f'count(*) where {_ELECTRONIC} and "done"': "count_if(electronic_done)",
        'count(*) where "at_device" and "is_payment"': "count_if(at_device AND is_payment)",
        f'count(*) where {_ELECTRONIC} and "is_payment" and {_SETTLED}': "count_if(electronic AND is_payment AND result NOT IN ('cancelled', 'pending'))",
        f'sum("amount_fen") where {_ELECTRONIC} and "done" and "is_payment"': "coalesce(sum(amount_fen) FILTER (electronic_done AND is_payment), 0)",
        'count(*) where "at_device" and NOT "is_payment"': "count_if(at_device AND NOT is_payment)",
        f'sum("hall_norm_s") where {_ELECTRONIC} and "done"': "coalesce(sum(hall_norm_s) FILTER (electronic_done), 0)",
        'count(*) where "at_desk" and "is_payment"': "count_if(at_desk AND is_payment)",
        'count(*) where "done"': "count_if(done)",
        'count(*) where "done" and "is_payment"': "count_if(done AND is_payment)",
        'count(*) where "channel_group" = \'partner\' and "done"': "count_if(partner AND done)",
        f'count(*) where {_ELECTRONIC} and "done" and "is_payment" and {_KNOWN_AMOUNT}': "count_if(electronic_done AND is_payment AND amount_fen IS NOT NULL)",
        f'count(*) where {_ELECTRONIC} and "is_payment"': "count_if(electronic AND is_payment)",
        f'count(*) where {_ELECTRONIC} and "done" and "is_payment"': "count_if(electronic_done AND is_payment)",
        f'sum("hall_norm_s") where {_SERVED}': "coalesce(sum(hall_norm_s) FILTER (served), 0)",
        'count(*) where "at_desk" OR ("done" AND ("channel_group" = \'partner\')) and "is_payment"': "count_if((at_desk OR (done AND partner)) AND is_payment)",
        f"count(*) where {_ELECTRONIC} and \"failure\" = 'rule'": "count(*) FILTER (electronic AND failure = 'rule')",
        'count(*) where "channel_group" = \'partner\' and "done" and "is_payment"': "count_if(partner AND done AND is_payment)",
    },
    special=(
        f'hist("effect_s") where {_ELECTRONIC} and "done"',
        "quantile_disc(effect_s, 0.95) FILTER (electronic_done)",
    ),
    special_cuboids=(0, 1),
)

EVENTS = Subject(
    feed=events.FEED,
    write=events.write_day,
    rows_sql=f"""
  SELECT unit, {_slot('"at"', 3600)} AS slot, "at"::DATE AS day, event, menu_level AS level_number, session_id,
    menu_version, node, coalesce(menu_key, '') AS menu_key, menu_level::VARCHAR AS menu_level,
    coalesce(ivr_function, '') AS ivr_function, event AS ivr_event, coalesce(brand, '') AS brand
  FROM rows""",
    dimensions=("menu_version", "node", "menu_level", "menu_key", "ivr_function", "ivr_event", "brand"),
    cuboids=(
        ("menu_level", "menu_key"),
        ("node", "ivr_event"),
        ("menu_level", "ivr_function"),
        ("menu_version", "ivr_event"),
        ("ivr_event", "brand"),
    ),
    aggregates={
        "count(*) where \"event\" IN ('hang_up', 'to_agent')": "count_if(event IN ('hang_up', 'to_agent'))",
        "count(*) where \"event\" IN ('key', 'invalid')": "count_if(event IN ('key', 'invalid'))",
        'count(*) where "event" = \'key\' and "menu_level" = 1': "count_if(event = 'key' AND level_number = 1)",
        'sum("menu_level") where "event" = \'goal\'': "coalesce(sum(level_number) FILTER (event = 'goal'), 0)",
        "count(*) where \"event\" = 'enter'": "count_if(event = 'enter')",
        'count(*) where "event" = \'enter\' and "menu_level" = 1': "count_if(event = 'enter' AND level_number = 1)",
        'count(*) where "event" = \'to_agent\' and "menu_level" = 1': "count_if(event = 'to_agent' AND level_number = 1)",
        "count(*) where \"event\" IN ('back', 'repeat')": "count_if(event IN ('back', 'repeat'))",
        'count(known "session_id") where "event" = \'key\' and "menu_level" = 1': "count(session_id) FILTER (event = 'key' AND level_number = 1)",
        'count(*) where "event" = \'timeout\' and "menu_level" = 1': "count_if(event = 'timeout' AND level_number = 1)",
        'count(known "menu_level") where "event" = \'goal\'': "count(level_number) FILTER (event = 'goal')",
        "count(*) where \"event\" IN ('key', 'to_agent') and \"menu_level\" = 1": "count_if(event IN ('key', 'to_agent') AND level_number = 1)",
        "count(*) where \"event\" = 'invalid'": "count_if(event = 'invalid')",
    },
    special=(
        'set("session_id") where "event" = \'key\' and "menu_level" = 1',
        "count(DISTINCT session_id) FILTER (event = 'key' AND level_number = 1)",
    ),
    special_cuboids=(0, 1, 2, 3, 4),
)

SUBJECTS = (TRANSACTIONS, EVENTS)
