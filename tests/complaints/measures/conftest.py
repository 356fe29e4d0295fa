"""One month of made-up complaints, trouble reports and ticket steps of two cities, loaded once; and the same rows as plain
tables for SQL by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.desk import Department
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
FEEDS = ("complaints", "trouble_reports", "complaint_steps", "subscriber_counts", "product_user_counts", "wrap_ups")
CODES = (
    "complaint.count", "complaint.closed", "complaint.repeated", "complaint.repeat_share", "complaint.handling.mean_h",
    "complaint.solved_first_share", "complaint.operator_fault_share", "complaint.third_party_share",
    "complaint.customer_fault_share", "complaint.satisfied_share", "complaint.rated_share", "complaint.dissatisfied",
    "complaint.ordinary", "complaint.batch", "complaint.escalated", "complaint.in_time", "complaint.per_10k",
    "complaint.per_10k_users", "trouble.count", "trouble.in_time", "trouble.repeat_share", "trouble.per_10k",
    "trouble.per_10k_users", "complaint.steps.elapsed.mean_h", "complaint.steps.accept.mean_h", "customers.subscribers",
    "customers.product_users", "contact.enquiries",
)  # fmt: skip
TREE = (("all", None), ("hz", "all"), ("nb", "all"), ("xh", "hz"), ("bj", "hz"), ("yz", "nb"))
PLACES = ("xh", "bj", "yz", "nb")
"""Units that rows lie in: three counties, and a city itself."""
BELOW = {"all": PLACES, "hz": ("xh", "bj"), "nb": ("yz", "nb"), "xh": ("xh",)}
COMMERCIAL = ("billing", "support", "products", "network")
PRODUCTS = ("wlan", "voice", "home_broadband")
DEPARTMENTS = ("客服中心", "网络部", "市场部")
Row = dict[str, Any]
T = TypeVar("T")


class Dice:
    """Values drawn with a seed."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(20)

    def one(self, values: Sequence[T]) -> T:
        return values[int(self._rng.integers(len(values)))]

    def perhaps(self, share: float, value: T) -> T | None:
        return value if self._rng.random() < share else None

    def below(self, n: int) -> int:
        return int(self._rng.integers(n))

    def after(self, at: datetime, share: float, hours: int) -> datetime | None:
        return self.perhaps(share, at + timedelta(minutes=1 + self.below(60 * hours)))

    def moment(self, days: int = 12) -> datetime:
        day = datetime(2026, 9, 1 + self.below(days), tzinfo=ZONE)
        return (day + timedelta(minutes=self.below(24 * 60))).astimezone(UTC)


def complaints(dice: Dice, count: int) -> list[Row]:
    rows: list[Row] = []
    for n in range(count):
        at = dice.moment()
        closed = dice.after(at, 0.85, 60)
        kind = dice.one(("ordinary", "ordinary", "ordinary", "batch", "escalated"))
        rows.append(
            {
                "complaint_id": f"c{n}", "received_at": at, "unit": dice.one(PLACES), "channel": dice.one(("hotline_agent", "hall")),
                "customer_id": f"u{dice.below(150)}", "kind": kind, "commercial_process": dice.one(COMMERCIAL),
                "product": dice.perhaps(0.8, dice.one(PRODUCTS)), "batch_id": f"b{dice.below(3)}" if kind == "batch" else None,
                "category": dice.one(("order_record", "charge_doubt", "sms_late", "network_data", "marketing")),
                "repeat_of": dice.perhaps(0.2, "c0") if n else None, "due_at": dice.after(at, 0.9, 48), "closed_at": closed,
                "reopened_at": None if closed is None else dice.after(closed, 0.1, 90), "satisfied": dice.one((True, True, False, None)),
                "result": dice.one(("solved", "explained", "partly", "unsolved")) if closed else None,
                "responsibility": dice.one(("provider", "provider", "third_party", "customer", None)),
                "department": dice.one(DEPARTMENTS),
            }
        )  # fmt: skip
    return rows


def troubles(dice: Dice, count: int) -> list[Row]:
    rows = []
    for n in range(count):
        at = dice.moment()
        rows.append(
            {
                "report_id": f"t{n}", "reported_at": at, "unit": dice.one(PLACES), "product": dice.one(PRODUCTS),
                "commercial_process": "support", "channel": "hotline_agent", "due_at": dice.after(at, 0.9, 24),
                "repaired_at": dice.after(at, 0.8, 30), "repeat_of": dice.perhaps(0.15, "t0") if n else None,
            }
        )  # fmt: skip
    return rows


def steps(dice: Dice, count: int) -> list[Row]:
    rows = []
    for n in range(count):
        at = dice.moment(28)
        accepted = dice.after(at, 0.9, 8)
        rows.append(
            {
                "step_id": f"s{n}", "complaint_id": f"c{dice.below(200)}", "unit": dice.one(PLACES), "assigned_at": at,
                "flow_step": dice.one(("accept", "investigate", "handle", "reply")), "commercial_process": dice.one(COMMERCIAL),
                "business": dice.one(("plan", "data", "broadband")), "department": dice.one(DEPARTMENTS), "accepted_at": accepted,
                "finished_at": None if accepted is None else dice.after(accepted, 0.9, 40), "due_at": dice.after(at, 0.9, 48),
                "step_result": "done",
            }
        )  # fmt: skip
    return rows


WEEKS = 6
RISING = "plan_enquiry"
"""A topic that is asked about three times as much in the last week."""
OFFERS = {"unicom": ("沃享 66 元", "预存送手机"), "telecom": ("天翼 59 元",)}


def wrap_ups(dice: Dice) -> list[Row]:
    """Contacts of six weeks from 24 August 2026."""
    rows: list[Row] = []
    for week in range(WEEKS):
        topics = ["balance"] * 40 + ["data_pack"] * 15 + [RISING] * (36 if week == WEEKS - 1 else 12) + ["points"] * 4
        for topic in [*topics, *("complaint",) * 10]:
            at = datetime(2026, 8, 24, 8, tzinfo=ZONE) + timedelta(
                days=7 * week + dice.below(7), minutes=dice.below(600)
            )
            competitor = dice.perhaps(0.1, dice.one(("unicom", "telecom")))
            rows.append(
                {
                    "contact_id": f"w{len(rows)}", "at": at.astimezone(UTC), "unit": dice.one(PLACES), "channel": "hotline_agent",
                    "contact_code": "complaint" if topic == "complaint" else "enquiry", "wrap_code": topic,
                    "commercial_process": "support", "business": dice.one(("plan", "data")), "competitor": competitor,
                    "competitor_offer": None if competitor is None else dice.one(OFFERS[competitor]),
                    "customer_id": f"u{dice.below(150)}",
                }
            )  # fmt: skip
    return rows


def customers(dice: Dice) -> tuple[list[Row], list[Row]]:
    whole: list[Row] = []
    products: list[Row] = []
    for day in range(1, 13):
        at = datetime(2026, 9, day, 23, tzinfo=ZONE).astimezone(UTC)
        for unit in PLACES:
            shared = {"unit": unit, "day": f"2026-09-{day:02d}", "counted_at": at}
            cut = {"brand": "gotone", "network": "4g", "customer_class": "ordinary"}
            whole.append({**shared, **cut, "subscribers": 4_000 + dice.below(500)})
            products += [{**shared, "product": product, "users": 800 + dice.below(90)} for product in PRODUCTS]
    return whole, products


@pytest.fixture(scope="session")
def tables() -> dict[str, list[Row]]:
    """Rows by feed."""
    dice = Dice()
    made = {
        "complaints": complaints(dice, 420),
        "trouble_reports": troubles(dice, 160),
        "complaint_steps": steps(dice, 500),
    }
    whole, products = customers(dice)
    made["wrap_ups"] = wrap_ups(dice)
    return {**made, "subscriber_counts": whole, "product_user_counts": products}


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, tables: dict[str, list[Row]]) -> Iterator[Workplace]:
    """A workspace that holds them, computed."""
    pack = load_catalogue("telecom", None)
    workplace = make_workplace(tmp_path_factory.mktemp("measures"), narrowed(pack))
    for feed, rows in tables.items():
        put_rows(workplace, feed, rows)
    refresh(workplace)
    yield workplace
    workplace.store.close()


def narrowed(pack: Catalogue) -> Catalogue:
    """The pack with these feeds and their indicators of complaints only."""
    office = {"name": {"zh": "市场部", "en": "Market"}, "role": "business", "written": ["市场部"], "works": "office"}
    return replace(
        pack,
        departments={"market": Department.model_validate(office)},
        feeds={code: pack.feeds[code] for code in FEEDS},
        indicators={c: i for c, i in pack.indicators.items() if c in CODES},
        units=units(*TREE),
        topics={},
        reports={},
    )


@pytest.fixture(scope="session")
def reading(place: Workplace) -> Iterator[States]:
    """Its states, opened once."""
    with open_states(place) as states:
        yield states


@pytest.fixture(scope="session")
def by_hand(tables: dict[str, list[Row]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The rows as tables of another database, and `below(place, unit)`: where a unit's rows lie."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        for feed, rows in tables.items():
            connection.register(feed, pa.Table.from_pylist(rows))
        connection.execute("CREATE TABLE below (unit TEXT, place TEXT)")
        for unit, places in BELOW.items():
            connection.executemany("INSERT INTO below VALUES (?, ?)", [(place, unit) for place in places])
        yield connection
