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

from benchmarks.ground import calls, events, transactions

Cuboids = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Special:
    """A holistic aggregate. p: of a percentile, else a distinct count."""

    sql: str
    kept: tuple[int, ...]
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """rows_sql: the columns and booleans a hand-written query starts from, over `rows`. cuboids: as the feed declares
    them. aggregates: by the text of the measure. specials: percentiles and distinct counts, by the text of their measure,
    with the cuboids they are kept in."""

    feed: str
    write: Callable[[Path, int], None]
    rows_sql: str
    dimensions: Sequence[str]
    cuboids: Cuboids
    aggregates: Mapping[str, str]
    specials: Mapping[str, Special]

    def query(self, *, rolled: bool) -> str:
        """The whole query. rolled: with days and totals of units above, else the finest grain alone."""
        named = ", ".join(f"{sql} AS a{n}" for n, sql in enumerate(self.aggregates.values()))
        parts = [
            f"WITH r AS ({self.rows_sql})",
            (
                f", fine AS MATERIALIZED (SELECT {self._keys('unit, slot')}, {named}, count(*) AS n"
                f" FROM r {_sets(self.cuboids, 'unit, slot')})"
            ),
        ]
        shown = ["SELECT 'fine' AS level, 'add' AS kind, * FROM fine"]
        if rolled:
            dims = ", ".join(self.dimensions)
            merged = ", ".join(f"{_roll(sql)}(a{n}) AS a{n}" for n, sql in enumerate(self.aggregates.values()))
            parts += [
                (
                    f", day AS MATERIALIZED (SELECT unit, (to_timestamp(slot))::DATE AS day, {dims}, {merged}, sum(n) AS n"
                    " FROM fine GROUP BY ALL)"
                ),
                (
                    f", total AS (SELECT u.ancestor AS unit, day, {dims}, {merged}, sum(n) AS n"
                    f" FROM day {_above('day')} GROUP BY ALL)"
                ),
                f", upwards AS (SELECT r.* REPLACE (u.ancestor AS unit) FROM r {_above('r')})",
            ]
            shown += [f"SELECT '{level}' AS level, 'add' AS kind, * FROM {level}" for level in ("day", "total")]
        levels = {"fine": ("unit, slot", "r"), "day": ("unit, day", "r"), "total": ("unit, day", "upwards")}
        for level, (keys, source) in levels.items():
            if level == "fine" or rolled:
                shown += self._special(level, keys, source)
        return "\n".join(parts) + "\n" + "\nUNION ALL BY NAME ".join(shown)

    def _special(self, level: str, keys: str, source: str) -> list[str]:
        """Percentiles and distinct counts of a level, those of the same cuboids together."""
        found = []
        for kept in dict.fromkeys(each.kept for each in self.specials.values()):
            cuboids = [self.cuboids[index] for index in kept]
            named = ", ".join(f"{s.sql} AS s{n}" for n, s in enumerate(self.specials.values()) if s.kept == kept)
            found.append(
                f"(SELECT '{level}' AS level, 'special' AS kind, {self._keys(keys, cuboids)}, {named}"
                f" FROM {source} {_sets(cuboids, keys)})"
            )
        return found

    def _keys(self, first: str, cuboids: Cuboids | None = None) -> str:
        used = {d for cuboid in cuboids or self.cuboids for d in cuboid}
        return ", ".join([first, *(d if d in used else f"NULL::VARCHAR AS {d}" for d in self.dimensions)])


def _roll(sql: str) -> str:
    return "max" if sql.startswith("max(") else "sum"


def _above(source: str) -> str:
    return f"JOIN ancestors u ON u.unit = {source}.unit AND {source}.day BETWEEN u.first_day AND u.last_day"


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
    specials={
        f'hist("effect_s") where {_ELECTRONIC} and "done"': Special(
            "quantile_disc(effect_s, 0.95) FILTER (electronic_done)", (0, 1), p=0.95
        )
    },
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
    specials={
        'set("session_id") where "event" = \'key\' and "menu_level" = 1': Special(
            "count(DISTINCT session_id) FILTER (event = 'key' AND level_number = 1)", (0, 1, 2, 3, 4)
        )
    },
)

_AGENT = "\"outcome\" = 'AGENT'"
_REAL = "\"outcome\" <> 'PHANTOM'"
_MANNED = f'{_AGENT} and NOT ("agent" IS NULL) and NOT ("answered_at" IS NULL)'
_HALF_HOUR = '("agent" || \'@\') || TRY_CAST(epoch_us("answered_at") // 1800000000 AS VARCHAR)'
_LOST = '"outcome" = \'HANG\' and "queue_at" IS NULL'

CALLS = Subject(
    feed="calls",
    write=calls.write_day,
    rows_sql=f"""
  SELECT *, agent_call AND who IS NOT NULL AND answered_at IS NOT NULL AS manned
  FROM (
    SELECT unit, {_slot("arrived_at", 900)} AS slot, arrived_at::DATE AS day, outcome, customer_id, queue_at, answered_at,
      wait_s, talk_s, ivr_s, agent AS who, coalesce(call_type, '') AS call_type, coalesce(priority::VARCHAR, '') AS priority,
      coalesce(agent, '') AS agent,
      coalesce(CASE WHEN wait_s <= 10 THEN '000-010' WHEN wait_s <= 20 THEN '010-020' WHEN wait_s <= 40 THEN '020-040'
        WHEN wait_s <= 60 THEN '040-060' WHEN wait_s <= 120 THEN '060-120' WHEN wait_s <= 300 THEN '120-300'
        WHEN wait_s > 300 THEN '300+' END, '') AS wait_band,
      outcome = 'AGENT' AS agent_call, outcome <> 'PHANTOM' AS true_call, outcome = 'HANG' AND queue_at IS NULL AS menu_only,
      outcome = 'HANG' AND queue_at IS NOT NULL AS abandoned,
      outcome = 'AGENT' OR (outcome = 'HANG' AND queue_at IS NOT NULL) AS requested
    FROM rows
  )""",
    dimensions=("call_type", "priority", "agent", "wait_band"),
    cuboids=(("call_type", "priority"), ("agent",), ("wait_band",)),
    aggregates={
        f'count(known "ivr_s") where {_REAL}': "count(ivr_s) FILTER (true_call)",
        f'sum("talk_s") where {_AGENT}': "coalesce(sum(talk_s) FILTER (agent_call), 0)",
        f'count(*) where {_AGENT} and NOT ("agent" IS NULL)': "count_if(agent_call AND who IS NOT NULL)",
        f'count(*) where {_AGENT} and ("ivr_s" + "wait_s") <= 60': "count(*) FILTER (agent_call AND ivr_s + wait_s <= 60)",
        f'count(*) where {_AGENT} and "talk_s" < 10 and "talk_s" > 0': "count(*) FILTER (agent_call AND talk_s > 0 AND talk_s < 10)",
        f'count(*) where {_AGENT} and "talk_s" >= 10': "count(*) FILTER (agent_call AND talk_s >= 10)",
        'count(*) where "abandoned" and "wait_s" <= 10': "count(*) FILTER (abandoned AND wait_s <= 10)",
        f'count(*) where {_AGENT} and "talk_s" > 0': "count(*) FILTER (agent_call AND talk_s > 0)",
        f'sum("talk_s") where {_MANNED}': "coalesce(sum(talk_s) FILTER (manned), 0)",
        f"count(known {_HALF_HOUR}) where {_MANNED}": "count_if(manned)",
        f'count(known "talk_s") where {_AGENT}': "count(talk_s) FILTER (agent_call)",
        f'sum("ivr_s") where {_AGENT}': "coalesce(sum(ivr_s) FILTER (agent_call), 0)",
        f'count(*) where "ivr_s" >= 10 and {_LOST}': "count(*) FILTER (menu_only AND ivr_s >= 10)",
        f'count(known "ivr_s" + "wait_s") where {_AGENT}': "count(ivr_s + wait_s) FILTER (agent_call)",
        f'count(*) where {_AGENT} and "wait_s" <= 20': "count(*) FILTER (agent_call AND wait_s <= 20)",
        f'count(known "wait_s") where {_AGENT}': "count(wait_s) FILTER (agent_call)",
        'count(*) where "abandoned"': "count_if(abandoned)",
        f"count(*) where {_AGENT}": "count_if(agent_call)",
        'sum("wait_s") where "requested"': "coalesce(sum(wait_s) FILTER (requested), 0)",
        f'count(*) where {_AGENT} and "talk_s" = 0': "count(*) FILTER (agent_call AND talk_s = 0)",
        'count(known "wait_s") where "requested"': "count(wait_s) FILTER (requested)",
        'count(known "wait_s") where "abandoned"': "count(wait_s) FILTER (abandoned)",
        'max("wait_s") where "requested"': "max(wait_s) FILTER (requested)",
        f'count(known "ivr_s") where {_AGENT}': "count(ivr_s) FILTER (agent_call)",
        f'count(known "agent") where {_AGENT}': "count(who) FILTER (agent_call)",
        f'count(known "talk_s") where {_AGENT} and "talk_s" > 0': "count(talk_s) FILTER (agent_call AND talk_s > 0)",
        f'sum("ivr_s") where {_REAL}': "coalesce(sum(ivr_s) FILTER (true_call), 0)",
        f'sum("talk_s") where {_AGENT} and "talk_s" > 0': "coalesce(sum(talk_s) FILTER (agent_call AND talk_s > 0), 0)",
        'sum("wait_s") where "abandoned"': "coalesce(sum(wait_s) FILTER (abandoned), 0)",
        'count(*) where "requested"': "count_if(requested)",
        f"count(*) where {_REAL}": "count_if(true_call)",
        'count(*) where "requested" and NOT ("queue_at" IS NULL)': "count_if(requested AND queue_at IS NOT NULL)",
        f'count(*) where "customer_id" IS NULL and {_REAL}': "count_if(customer_id IS NULL AND true_call)",
        'count(*) where "requested" and "wait_s" > 60': "count(*) FILTER (requested AND wait_s > 60)",
        f"count(*) where {_LOST}": "count_if(menu_only)",
    },
    specials={
        'hist("wait_s") where "requested"': Special("quantile_disc(wait_s, 0.9) FILTER (requested)", (0, 1), p=0.9),
        f'hist("talk_s") where {_AGENT} and "talk_s" > 0': Special(
            "quantile_disc(talk_s, 0.5) FILTER (agent_call AND talk_s > 0)", (0, 1), p=0.5
        ),
        f'hist("ivr_s" + "wait_s") where {_AGENT}': Special(
            "quantile_disc(ivr_s + wait_s, 0.9) FILTER (agent_call)", (0,), p=0.9
        ),
        f'set("agent") where {_AGENT}': Special("count(DISTINCT who) FILTER (agent_call)", (0,)),
        f"set({_HALF_HOUR}) where {_MANNED}": Special(
            "count(DISTINCT who || '@' || (epoch_us(answered_at) // 1800000000)::VARCHAR) FILTER (manned)", (0, 1)
        ),
    },
)

SUBJECTS = (TRANSACTIONS, EVENTS, CALLS)
