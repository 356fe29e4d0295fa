"""Generated days of feed `channel_transactions`, shaped like those of the simulated province.

Written by DuckDB itself in the warehouse's types, row after row in the order ingest would sort them into (unit, then
time), so that a hundred million rows take minutes and nothing has to be sorted. Shares of channels, processes,
products and results are those of a provincial day at scale 0.02; transactions of a hall's channels stand at a hall, all
others at a county. The default organisation is that of scale 1: 13 cities, 120 counties, 500 halls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.parts import Text

FEED = "channel_transactions"
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 10, 1)
Weights = Sequence[tuple[str, int]]

COUNTY_PAYMENTS: Weights = (
    ("partner_shop", 5600), ("bank", 4538), ("recharge_card", 3376), ("payment_platform", 1323), ("app", 400),
    ("web_hall", 280),
)  # fmt: skip
COUNTY_OTHERS: Weights = (
    ("web_hall", 1962), ("sms_hall", 1954), ("app", 1850), ("ivr", 710), ("hotline_agent", 609), ("outbound", 37),
    ("account_manager", 30), ("terminal_store", 21),
)  # fmt: skip
HALL_PAYMENTS: Weights = (("hall", 2500), ("kiosk", 700))
HALL_OTHERS: Weights = (("hall", 2470), ("kiosk", 1636))
PROCESSES: Weights = (
    ("balance_enquiry", 2418), ("bill_enquiry", 2228), ("free_resource_enquiry", 1315), ("service_order", 984),
    ("call_detail_enquiry", 812), ("plan_order", 694), ("subscription_enquiry", 689), ("points_enquiry", 640),
    ("sp_service_order", 296), ("promotion_order", 261), ("sim_replacement", 257), ("real_name_registration", 238),
    ("password_reset", 199), ("postpaid_activation", 90), ("prepaid_activation_realtime", 100), ("mobile_payment_order", 63),
)  # fmt: skip
PRODUCTS: Weights = (
    ("mobile_internet", 208), ("family_network", 122), ("virtual_network", 92), ("ring_back_tone", 91),
    ("mobile_reading", 75), ("wlan", 60), ("mobile_video", 54), ("mobile_payment", 46), ("info_12580", 32),
    ("international_roaming", 21),
)  # fmt: skip
FAILURES: Weights = (
    ("rule", 239), ("balance", 117), ("data", 94), ("system", 32), ("payment", 29), ("timeout", 27), ("other", 17),
)  # fmt: skip
BY_CUSTOMER = ("kiosk", "app", "web_hall", "sms_hall", "ivr", "payment_platform", "recharge_card")
WITH_PRODUCT = ("service_order", "sp_service_order")


def _total(*weights: Weights) -> int:
    return sum(n for each in weights for _, n in each)


COUNTY_SHARE = _total(COUNTY_PAYMENTS, COUNTY_OTHERS) / _total(
    COUNTY_PAYMENTS, COUNTY_OTHERS, HALL_PAYMENTS, HALL_OTHERS
)
PAID_AT_COUNTY = _total(COUNTY_PAYMENTS) / _total(COUNTY_PAYMENTS, COUNTY_OTHERS)
PAID_AT_HALL = _total(HALL_PAYMENTS) / _total(HALL_PAYMENTS, HALL_OTHERS)


@dataclass(frozen=True, slots=True)
class Organisation:
    """How many units there are, at most; never none of a kind."""

    cities: int = 13
    counties: int = 120
    halls: int = 500

    def scaled(self, share: float) -> Organisation:
        """A share of it."""
        return Organisation(*(max(1, round(share * n)) for n in (self.cities, self.counties, self.halls)))

    def units(self) -> Mapping[str, Unit]:
        """The tree."""
        found = {"all": _unit("all", "province", None)}
        found |= {f"c{n:06}": _unit(f"c{n:06}", "city", "all") for n in range(self.cities)}
        found |= {f"d{n:06}": _unit(f"d{n:06}", "county", f"c{n % self.cities:06}") for n in range(self.counties)}
        return found | {f"h{n:06}": _unit(f"h{n:06}", "hall", f"d{n % self.counties:06}") for n in range(self.halls)}


PROVINCE = Organisation()


def _unit(code: str, level: str, parent: str | None) -> Unit:
    return Unit.model_validate({"name": Text(zh=code, en=code), "level": level, "parent": parent})


def chance(salt: int) -> str:
    """A number in [0, 1) per row. The row number is spread before hashing: neighbouring salts correlate."""
    return f"((hash(i * 1009 + {salt * 7919 + 104729}) >> 11) / 9007199254740992.0)"


def pick(weights: Weights, chance: str) -> str:
    """One of several, as often as its weight says: thresholds walked from the least."""
    total, reached, whens = sum(n for _, n in weights), 0, []
    for name, n in weights[:-1]:
        reached += n
        whens.append(f"WHEN {chance} < {reached / total:.9f} THEN '{name}'")
    return f"CASE {' '.join(whens)} ELSE '{weights[-1][0]}' END"


def _in(column: str, names: Sequence[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"{column} IN ({listed})"


def rows_sql(rows: int, organisation: Organisation, day: date = DAY, first: int = 0) -> str:
    """A SELECT of that many rows of a day in the feed's columns and types, in order, numbered from `first`."""
    start = int(datetime.combine(day, time(), ZONE).astimezone(UTC).timestamp())
    return f"""
    WITH drawn AS (
      SELECT i, (i - {first}) / {rows}.0::DOUBLE AS place, {chance(1)} AS c_payment, {chance(2)} AS c_channel,
        {chance(3)} AS c_process, {chance(6)} AS c_result, {chance(7)} AS c_amount, {chance(8)} AS c_effect,
        {chance(9)} AS c_customer, {chance(10)} AS c_product
      FROM range({first}, {first + rows}) r(i)
    ), placed AS (
      SELECT *, place >= {COUNTY_SHARE} AS in_hall,
        CASE WHEN place < {COUNTY_SHARE} THEN place / {COUNTY_SHARE} * {organisation.counties}
          ELSE (place - {COUNTY_SHARE}) / {1 - COUNTY_SHARE} * {organisation.halls} END AS stands
      FROM drawn
    ), timed AS (
      SELECT *, CAST(floor(stands) AS BIGINT) AS unit_number, stands - floor(stands) AS c_hour,
        c_payment < CASE WHEN in_hall THEN {PAID_AT_HALL} ELSE {PAID_AT_COUNTY} END AS is_payment
      FROM placed
    ), chosen AS (
      SELECT *,
        CASE WHEN in_hall AND is_payment THEN {pick(HALL_PAYMENTS, "c_channel")}
          WHEN in_hall THEN {pick(HALL_OTHERS, "c_channel")}
          WHEN is_payment THEN {pick(COUNTY_PAYMENTS, "c_channel")}
          ELSE {pick(COUNTY_OTHERS, "c_channel")} END AS channel,
        CASE WHEN is_payment THEN 'recharge' ELSE {pick(PROCESSES, "c_process")} END AS process,
        CASE WHEN c_result < 0.98124 THEN 'done' WHEN c_result < 0.999 THEN 'failed'
          WHEN c_result < 0.9995 THEN 'unclear' ELSE 'cancelled' END AS result,
        {start} + CAST(floor(86400 * (0.29 + 0.62 * c_hour + 0.07 * sin(6.283 * c_hour))) AS BIGINT) AS at_s
      FROM timed
    )
    SELECT 'X' || lpad(CAST(i AS VARCHAR), 15, '0') AS transaction_id,
      CASE WHEN in_hall THEN 'h' ELSE 'd' END || lpad(CAST(unit_number AS VARCHAR), 6, '0') AS unit,
      to_timestamp(at_s) AS done_at, channel, process,
      CASE WHEN {_in("process", WITH_PRODUCT)} THEN {pick(PRODUCTS, "c_product")} END AS product,
      is_payment, {_in("channel", BY_CUSTOMER)} AS self_service, in_hall,
      CASE WHEN is_payment THEN 1000 * (1 + CAST(floor(-6 * ln(1 - c_amount)) AS BIGINT)) END AS amount_fen,
      result,
      CASE WHEN result = 'done' THEN to_timestamp(at_s + CAST(floor(-9 * ln(1 - c_effect)) AS BIGINT)) END AS completed_at,
      CASE WHEN result = 'failed' THEN {pick(FAILURES, "c_effect")} END AS failure,
      CAST(CASE WHEN is_payment THEN 120 ELSE 60 * (1 + length(process) % 9) END AS BIGINT) AS hall_norm_s,
      CAST(NULL AS VARCHAR) AS device_id, CAST(NULL AS VARCHAR) AS ticket_id, CAST(NULL AS VARCHAR) AS staff,
      'C' || CAST(CAST(c_customer * 10000000 AS BIGINT) AS VARCHAR) AS customer_id,
      'generated' AS _load, i AS _line
    FROM chosen"""


def write_rows(to: Path, sql: str) -> None:
    """Write the rows of a SELECT as one Parquet file, in their order."""
    with duckdb.connect(":memory:", config={"memory_limit": "2GiB", "temp_directory": ""}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET TimeZone = '{ZONE.key}'")
        connection.execute(f"COPY ({sql}) TO '{to}' (FORMAT parquet, COMPRESSION zstd)")


def write_day(to: Path, rows: int, organisation: Organisation = PROVINCE, *, day: date = DAY, first: int = 0) -> None:
    """Write a day as one Parquet file."""
    write_rows(to, rows_sql(rows, organisation, day, first))
