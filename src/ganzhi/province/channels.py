"""All channels' business: the day's deals as transactions, sessions of the electronic channels, and promotion of
these channels to visitors of halls.

One province phase, `serve_channels`, after the halls. Shares and times are ours.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, numbers, pieces, truths, words
from ganzhi.province.halls.codes import DEAL_NORM_S, DoneAt, Served, found_in, keys_of, staff_ids, ticket_ids
from ganzhi.province.halls.devices import device_ids, devices_of
from ganzhi.province.population import PRODUCTS
from ganzhi.province.scene import CHANNELS, DEAL_PROCESSES, OUTCOMES, Deals, Scene
from ganzhi.province.streams import Bools, Ints, choose, happens, lognormal

RECHARGE: Final = DEAL_PROCESSES.index("recharge")
UNASKED: Final = tuple(CHANNELS.index(name) for name in ("system", "sms_push"))
SELF_SERVICE: Final = np.isin(
    np.array(CHANNELS), ["web_hall", "app", "sms_hall", "ivr", "kiosk", "payment_platform", "recharge_card"]
)
"""Channels on which the customer does everything alone."""
FAILURES: Final = ("rule", "balance", "system", "timeout", "data", "payment", "other")
FAILURE_SHARE: Final = np.array([0.34, 0.24, 0.06, 0.05, 0.15, 0.12, 0.04])
DONE, FAILED = OUTCOMES.index("done"), OUTCOMES.index("failed")
WEB, APP, SMS = (CHANNELS.index(name) for name in ("web_hall", "app", "sms_hall"))
IDLE_SESSIONS: Final = 0.36
"""Sessions without a deal, for each with one."""
PLAIN_LOOK: Final = 0.35
"""Share of those that came for nothing in particular."""
LOGIN_WANTED: Final = np.array([0.95, 0.98, 0.12])
"""Chance that a session logs in, on the web, app and SMS halls."""
LOGIN_FAILS: Final = 0.10
"""Of sessions without a deal; those with a deal that needs a log-in have logged in."""
FIRST_TRY: Final = 0.92
LOGIN_FAILURES: Final = ("wrong_password", "code_not_received", "code_expired", "locked", "system", "other")
LOGIN_FAILURE_SHARE: Final = np.array([0.52, 0.14, 0.12, 0.10, 0.07, 0.05])
STEPS: Final = ("entry", "login", "search", "choice", "confirm", "pay", "result")
STEP_SHARE: Final = np.array([0.20, 0.12, 0.30, 0.24, 0.09, 0.05, 0.0])
TURNED: Final = ("nobody", "hotline", "hall", "online_chat")
TURNED_LEFT: Final = np.array([0.78, 0.10, 0.03, 0.09])
TURNED_DONE: Final = np.array([0.975, 0.010, 0.004, 0.011])
PAGES: Final = np.array([6.0, 4.2, 1.6])
PAGE_MS: Final = np.array([1_050.0, 850.0, 1_300.0])
PAGE_SPREAD: Final = 0.5
PAGE_S: Final = 26
ERRORS: Final = 0.012
PROMOTED: Final = 0.30
PROMOTION_TAKEN: Final = 0.42
PROMOTED_CHANNELS: Final = (APP, SMS, WEB)
PROMOTED_SHARE: Final = np.array([0.55, 0.27, 0.18])
USED_SOON: Final = 0.66
"""Share of accepted promotions that lead to a first use within the days below."""
USED_WITHIN_DAYS: Final = 24


def serve_channels(scene: Scene) -> None:
    """Transactions, sessions and promotions of the day."""
    deals = scene.notes(Deals)
    kept = np.flatnonzero(~np.isin(deals.channel, UNASKED))
    _transactions(scene, deals, kept)
    _sessions(scene, deals)
    _promotions(scene)


def _places(scene: Scene, customer: Ints, hall: Ints) -> pa.Array:
    """The hall where there is one, else the customer's county."""
    places = scene.places
    county = len(places.hall_codes) + scene.people.county[customer].astype(np.int64)
    return words(np.where(hall >= 0, hall, county), (*places.hall_codes, *places.county_codes))


def _transactions(scene: Scene, deals: Deals, every: Ints) -> None:
    rng, number = scene.rng("channels.transactions"), scene.numbers(len(every))
    known = scene.notes(DoneAt)
    match = found_in(keys_of(deals.number[every], deals.customer[every]), keys_of(known.number, known.customer))
    for span in pieces(len(every)):
        _deliver_transactions(scene, rng, deals, every[span], number[span], known, match[span])


def _deliver_transactions(
    scene: Scene, rng: np.random.Generator, deals: Deals, rows: Ints, number: Ints, known: DoneAt, match: Ints
) -> None:
    """match: where each deal was done, as a row of `known`; -1 for elsewhere."""
    n, customer, process = len(rows), deals.customer[rows], deals.process[rows]
    found, safe = match >= 0, np.maximum(match, 0)

    def told(column: Ints) -> Ints:
        return np.where(found, column[safe], -1) if len(column) else np.full(n, -1, dtype=np.int64)

    device, ticket, post = told(known.device), told(known.ticket), told(known.post)
    hall = deals.hall[rows]
    hall = np.where(device >= 0, devices_of(scene).hall[device], hall)
    outcome, at = deals.outcome[rows], deals.at[rows]
    payment = (process == RECHARGE) | (process < 0) & (deals.amount_fen[rows] > 0)
    done = outcome == DONE
    completed = np.where(done, deals.completed[rows], NEVER)
    failure = np.where(outcome == FAILED, _failures(rng, payment), -1)
    scene.deliver(
        "channel_transactions",
        transaction_id=identities("X", number),
        unit=_places(scene, customer, hall),
        done_at=at,
        channel=words(deals.channel[rows], CHANNELS),
        process=words(process, DEAL_PROCESSES),
        product=words(deals.product[rows], PRODUCTS),
        is_payment=payment,
        self_service=SELF_SERVICE[deals.channel[rows]] | (device >= 0),
        in_hall=hall >= 0,
        amount_fen=numbers(deals.amount_fen[rows], deals.amount_fen[rows] > 0),
        result=words(outcome, OUTCOMES),
        completed_at=np.where(completed == NEVER, NEVER, np.maximum(completed, at)),
        failure=words(failure, FAILURES),
        hall_norm_s=numbers(DEAL_NORM_S[process], process >= 0),
        device_id=device_ids(scene, device),
        ticket_id=ticket_ids(ticket),
        staff=staff_ids(scene.places, np.where(hall >= 0, hall, -1), np.where(device >= 0, -1, post)),
        customer_id=scene.people.customer_ids(customer),
    )


def _failures(rng: np.random.Generator, payment: Bools) -> Ints:
    """Causes of failure; only a payment's can be a refused payment."""
    cause = choose(rng, FAILURE_SHARE, len(payment))
    return np.where((cause == FAILURES.index("payment")) & ~payment, FAILURES.index("rule"), cause)


def _sessions(scene: Scene, deals: Deals) -> None:
    """A session for each deal on an electronic hall, and those that came to nothing."""
    rng = scene.rng("channels.sessions")
    every = np.flatnonzero(np.isin(deals.channel, (WEB, APP, SMS)))
    first = 0
    for span in pieces(len(every)):
        first += _deliver_sessions(scene, rng, deals, every[span], first)


def _deliver_sessions(scene: Scene, rng: np.random.Generator, deals: Deals, rows: Ints, first: int) -> int:
    """Sessions of these deals. first: how many sessions of the day came before. Returns how many these are."""
    idle = rows[rng.random(len(rows)) < IDLE_SESSIONS]
    whose = np.concatenate([rows, idle])
    n, deal = len(whose), np.arange(len(whose)) < len(rows)
    shuffled = rng.permutation(np.arange(len(rows), n))
    customer = deals.customer[whose].copy()
    customer[len(rows) :] = customer[shuffled]
    channel = deals.channel[whose]
    lane = np.where(channel == WEB, 0, np.where(channel == APP, 1, 2))
    process = np.where(deal | (rng.random(n) >= PLAIN_LOOK), deals.process[whose], -1)
    tried = happens(rng, LOGIN_WANTED[lane], n)
    ok = tried & (deal | ~happens(rng, LOGIN_FAILS, n))
    tries = np.where(ok, 1 + (rng.random(n) > FIRST_TRY) * rng.integers(1, 3, n), rng.integers(1, 5, n))
    cause = np.where(tried & ~ok, choose(rng, LOGIN_FAILURE_SHARE, n), -1)
    finished = deal & np.isin(deals.outcome[whose], [DONE, OUTCOMES.index("pending")])
    step = np.where(finished, -1, np.where(tried & ~ok, STEPS.index("login"), choose(rng, STEP_SHARE, n)))
    pages = np.maximum(1, rng.poisson(np.where(finished, PAGES[lane], PAGES[lane] * 0.7), n))
    each = lognormal(rng, PAGE_MS[lane], PAGE_SPREAD, n)
    length = (pages * rng.uniform(0.5, 1.5, n) * PAGE_S).astype(np.int64) + 5
    ended = deals.at[whose] + np.where(deal, rng.integers(1, 20, n), rng.integers(-14_400, 14_400, n))
    begin, last = scene.today.start, scene.today.start + DAY_S - 1
    started = np.clip(ended - length, begin, last)
    turned = np.where(finished, choose(rng, TURNED_DONE, n), choose(rng, TURNED_LEFT, n))
    failed = deal & (deals.outcome[whose] == FAILED)
    errors = rng.poisson(np.where(failed, 0.3, ERRORS), n)
    in_hall = np.where(deal, deals.hall[whose], -1)
    scene.deliver(
        "channel_sessions",
        session_id=identities("W", scene.numbers(first + n, 1)[first:]),
        unit=_places(scene, customer, in_hall),
        channel=words(channel, CHANNELS),
        started_at=started,
        ended_at=started + length,
        customer_id=scene.people.customer_ids(np.where(tried & ~ok & (rng.random(n) < 0.5), -1, customer)),
        process=words(process, DEAL_PROCESSES),
        login_tried=tried,
        login_tries=numbers(tries, tried),
        login_ok=ok,
        login_failure=words(cause, LOGIN_FAILURES),
        pages=pages,
        response_ms=(each * pages).astype(np.int64),
        slowest_ms=(each * rng.uniform(1.2, 3.2, n)).astype(np.int64),
        errors=errors,
        finished=truths(finished, rng.random(n) < 0.99),
        left_at=words(step, STEPS),
        turned_to=words(turned, TURNED),
    )
    return n


def _promotions(scene: Scene) -> None:
    """Clerks offer electronic channels to those they serve; first uses come on later days, as later states of the
    same promotion."""
    rng, served = scene.rng("channels.promotions"), scene.notes(Served)
    rows = np.flatnonzero(served.served & (rng.random(len(served.number)) < PROMOTED))
    n = len(rows)
    leaning = scene.people.electronic[served.customer[rows]]
    taken = happens(rng, np.clip(PROMOTION_TAKEN * (0.6 + leaning), 0, 1), n)
    at = served.at[rows] - rng.integers(5, 40, n)
    used = taken & happens(rng, USED_SOON, n)
    activated = at + rng.integers(20, 900, n)
    first_use = activated + (rng.exponential(5.0, n) % USED_WITHIN_DAYS * DAY_S).astype(np.int64) + 60
    columns: dict[str, Any] = {
        "promotion_id": identities("EP", scene.numbers(n, 2)),
        "unit": words(served.hall[rows], scene.places.hall_codes),
        "promoted_at": at,
        "channel": words(np.array(PROMOTED_CHANNELS)[choose(rng, PROMOTED_SHARE, n)], CHANNELS),
        "staff": staff_ids(scene.places, served.hall[rows], served.post[rows]),
        "customer_id": scene.people.customer_ids(served.customer[rows]),
        "ticket_id": ticket_ids(served.number[rows]),
        "accepted": pa.array(taken),
        "activated_at": np.where(taken, activated, NEVER),
        "first_used_at": np.where(used, first_use, NEVER),
    }
    end = scene.today.start + DAY_S
    made = pa.table({name: pa.array(column) for name, column in columns.items()})
    waiting: list[pa.Table] = scene.world.recall("channels.promoted", list)
    later = pc.greater_equal(made["first_used_at"], end)
    now = made.set_column(
        made.column_names.index("first_used_at"), "first_used_at",
        pc.if_else(later, pa.scalar(NEVER, pa.int64()), made["first_used_at"]),
    )  # fmt: skip
    pending = pa.concat_tables([*waiting, made.filter(later)])
    due = pc.less(pending["first_used_at"], end)
    out = pa.concat_tables([now, pending.filter(due)])
    waiting[:] = [pending.filter(pc.invert(due))]
    scene.deliver("electronic_promotions", **{name: _plain(out[name]) for name in out.column_names})


def _plain(column: pa.ChunkedArray) -> Any:
    """Moments and flags as NumPy arrays, texts as they are."""
    whole = column.combine_chunks()
    return whole if pa.types.is_string(whole.type) else whole.to_numpy(zero_copy_only=False)
