"""The phases that deliver complaints and the calls back, and what customers feel about how they were treated.

`unsolved` runs before the hotline, `complaints` after the hotline and the halls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, moments, numbers, same, truths, words
from ganzhi.province.complaints.cases import (
    ANSWERS,
    ELECTRONIC,
    HALL,
    KINDS,
    LEVELS,
    PARTIES,
    PARTLY,
    PRIORITIES,
    RESULTS,
    SOLVED,
    UNSOLVED,
    Cases,
    complaint_ids,
    ledger,
    together,
)
from ganzhi.province.complaints.filing import lodged_today
from ganzhi.province.complaints.handling import CATEGORIES, CATEGORY_OF, electronic, handled
from ganzhi.province.complaints.steps import (
    BUSINESS_OF,
    BUSINESSES,
    COMMERCIAL_OF,
    COMMERCIALS,
    DEPARTMENT_OF,
    DEPARTMENTS,
)
from ganzhi.province.complaints.texts.topics_more import CODES, TOPICS
from ganzhi.province.feelings import Felt
from ganzhi.province.population import PRODUCTS
from ganzhi.province.scene import Scene, contact_ids
from ganzhi.province.streams import Bools, Ints

GRUMBLES: Final = 3
"""How often an unsolved complaint makes the customer act again, every `GRUMBLE_S` seconds. Ours."""
GRUMBLE_S: Final = 2 * DAY_S
STEADY: Final = 20
"""Complaints added on both sides when today's number is compared with the usual one."""
CALL_DUE_S: Final = 24 * 3_600
PROCESSES: Final = tuple(sorted({topic.process for topic in TOPICS}))
PROCESS_OF: Final = np.array([PROCESSES.index(topic.process) for topic in TOPICS])
CHANNELS_HERE: Final = ("hotline_agent", "hall", "web_hall", "app")
FELT_NAMES: Final = tuple(felt.name.lower() for felt in Felt)


def unsolved(scene: Scene) -> None:
    """Customers whose complaint was closed without a solution, or is overdue, feel it; some will call again."""
    led = ledger(scene)
    cases = led.cases
    if not len(cases):
        return
    start, end = scene.today.start, scene.today.start + DAY_S
    bad = np.isin(cases.result, (PARTLY, UNSOLVED)) | (cases.closed >= start)
    since = cases.unsolved_from()
    taken_up = np.isin(cases.number, cases.repeat[cases.repeat >= 0])
    waiting = bad & ~taken_up & (cases.grumbles < GRUMBLES) & (since < end)
    waiting &= since + cases.grumbles * GRUMBLE_S < end
    at = np.flatnonzero(waiting)
    morning = start + scene.rng("complaint-unsolved").integers(8 * 3_600, 18 * 3_600, len(at))
    moment = np.maximum(since[at], np.minimum(morning, end - 1))
    scene.felt(Felt.COMPLAINT_UNSOLVED, cases.customer[at], moment, cause=cases.cause[at], ref=cases.number[at])
    led.cases = replace(cases, grumbles=cases.grumbles + waiting)


def complaints(scene: Scene) -> None:
    """File today's complaints; deliver them and all whose state changes today; the calls back that start today."""
    led = ledger(scene)
    lodged = lodged_today(scene, led.cases)
    n = len(lodged.number)
    led.usual = n if led.usual < 0 else led.usual
    fresh = handled(scene, lodged, (n + STEADY) / (led.usual + STEADY))
    led.usual = 0.9 * led.usual + 0.1 * n
    scene.world.recall("complaints-new", list[Cases]).append(fresh)
    led.cases = together(led.cases, fresh)
    cases = led.cases
    changed = np.zeros(len(cases), dtype=bool)
    for moment in (cases.received, cases.reply, cases.closed, called_back(cases), cases.reopened):
        changed |= _today(scene, moment)
    if changed.any():
        scene.deliver("complaints", **_columns(scene, cases.where(changed)))
    calling = _today(scene, cases.called)
    if calling.any():
        scene.deliver("outbound_calls", **_calls(scene, cases.where(calling)))
    helped = _today(scene, cases.connected) & (cases.satisfied == 1) & (cases.result == SOLVED)
    scene.felt(
        Felt.HELPED_WELL, cases.customer[helped], cases.connected[helped], cause=cases.cause[helped],
        ref=cases.number[helped],
    )  # fmt: skip
    _know(scene, fresh)
    led.forget(scene)


def called_back(cases: Cases) -> Ints:
    """When the customer was spoken to after closing; `NEVER` without a proper talk."""
    return np.where(cases.answer == 0, cases.connected, NEVER)


def _today(scene: Scene, moment: Ints) -> Bools:
    return (moment >= scene.today.start) & (moment < scene.today.start + DAY_S)


def _so_far(scene: Scene, moment: Ints) -> Ints:
    """The moment if it is past by the end of the day."""
    return np.where(moment < scene.today.start + DAY_S, moment, NEVER)


def _columns(scene: Scene, cases: Cases) -> dict[str, Any]:
    """The complaints as they stand at the end of the day."""
    people, places = scene.people, scene.places
    customer = cases.customer
    closed, reopened = _so_far(scene, cases.closed), _so_far(scene, cases.reopened)
    back = _so_far(scene, called_back(cases))
    done, party = closed != NEVER, np.where(closed != NEVER, cases.party, -1)
    level = np.where(cases.level >= 0, cases.level, np.where(reopened != NEVER, cases.late_level, -1))
    kind = np.where(level >= 0, 2, np.where(cases.batch >= 0, 1, 0))
    team = np.where(cases.agent >= 0, places.agent_team[cases.agent], -1)
    return {
        "complaint_id": complaint_ids(cases.number),
        "received_at": cases.received,
        "unit": _units(scene, cases),
        "customer_id": people.customer_ids(customer),
        "channel": words(_channel(cases), CHANNELS_HERE),
        "kind": words(kind, KINDS),
        "commercial_process": words(COMMERCIAL_OF[cases.topic], COMMERCIALS),
        "process": words(np.where(cases.traced == 1, PROCESS_OF[cases.topic], -1), PROCESSES),
        "product": words(cases.product, PRODUCTS),
        "brand": people.brands(customer),
        "customer_class": people.classes(customer),
        "network": people.networks(customer),
        "category": words(cases.filed, CATEGORIES),
        "content": pa.array(cases.content.tolist(), pa.string()),
        "batch_id": _batch_ids(scene, cases),
        "repeat_of": complaint_ids(cases.repeat),
        "due_at": cases.due,
        "promised_at": cases.promised,
        "first_reply_at": _so_far(scene, cases.reply),
        "closed_at": closed,
        "called_back_at": back,
        "reopened_at": reopened,
        "result": words(np.where(done, cases.result, -1), RESULTS),
        "responsibility": words(party, PARTIES),
        "operator_fault": truths(party == 0, party >= 0),
        "compensation_fen": numbers(cases.compensation, done),
        "satisfied": truths(cases.satisfied == 1, (back != NEVER) & (cases.satisfied >= 0)),
        "escalated_to": words(level, LEVELS),
        "priority_layer": words(cases.priority, PRIORITIES),
        "department": words(DEPARTMENT_OF[cases.topic], DEPARTMENTS),
        "team": words(team, places.team_codes),
        "agent": _agents(scene, cases),
        "contact_id": contact_ids(cases.contact),
    }


def _channel(cases: Cases) -> Ints:
    return np.where(cases.origin == ELECTRONIC, 2 + electronic(cases.number, cases.origin), cases.origin)


def _in_hall(cases: Cases) -> Bools:
    return (cases.origin == HALL) & (cases.place >= 0)


def _units(scene: Scene, cases: Cases) -> pa.Array:
    """The hall a complaint about halls was made in, else the customer's county."""
    places = scene.places
    counties = len(places.county_codes)
    hall = _in_hall(cases) & (COMMERCIAL_OF[cases.topic] == COMMERCIALS.index("hall"))
    unit = np.where(hall, counties + cases.place, scene.people.county[cases.customer])
    return words(unit, (*places.county_codes, *places.hall_codes))


def _agents(scene: Scene, cases: Cases) -> pa.Array:
    """The hotline agent, or the clerk's staff account."""
    places = scene.places
    hall = _in_hall(cases) & (cases.post >= 0)
    mark = pc.if_else(pa.array(cases.post < 9), "-S0", "-S")
    digits = pc.cast(pa.array(np.where(hall, cases.post + 1, 0)), pa.string())
    clerk = pc.binary_join_element_wise(words(np.where(hall, cases.place, -1), places.hall_codes), mark, digits, "")
    return pc.coalesce(words(cases.agent, places.agent_codes), clerk)


def _batch_ids(scene: Scene, cases: Cases) -> pa.Array:
    found, place = np.unique(cases.batch, return_inverse=True)
    names = [
        f"PL{each // 100:03d}-{scene.places.city_codes[each % 100]}" if each >= 0 else "" for each in found.tolist()
    ]
    return words(np.where(cases.batch >= 0, place, -1), names)


def _calls(scene: Scene, cases: Cases) -> dict[str, Any]:
    """The calls back that start today, with their outcome."""
    n = len(cases)
    reached = cases.connected != NEVER
    talk = scene.rng("complaint-calls").integers(40, 260, n)
    team = np.where(cases.agent >= 0, scene.places.agent_team[cases.agent], -1)
    return {
        "call_id": identities("HF", cases.number),
        "purpose": same("call_back", n),
        "unit": same("HL", n),
        "customer_id": scene.people.customer_ids(cases.customer),
        "complaint_id": complaint_ids(cases.number),
        "contact_id": contact_ids(cases.contact),
        "campaign": same(None, n),
        "business": words(BUSINESS_OF[cases.topic], BUSINESSES),
        "team": words(team, scene.places.team_codes),
        "agent": words(cases.agent, scene.places.agent_codes),
        "first_at": cases.called,
        "attempts": cases.attempts,
        "connected_at": cases.connected,
        "ended_at": moments(cases.connected + talk, reached),
        "due_at": cases.closed + CALL_DUE_S,
        "result": words(cases.answer, ANSWERS),
        "satisfied": truths(cases.satisfied == 1, cases.satisfied >= 0),
    }


def _know(scene: Scene, cases: Cases) -> None:
    """The truth about today's complaints and their texts."""
    if not len(cases):
        return
    n = len(cases)
    ids = complaint_ids(cases.number)
    felt = words(cases.felt, FELT_NAMES)
    cause = pc.cast(pa.array(cases.cause), pa.string())
    cities = words(scene.people.city[cases.customer].astype(np.int64), scene.places.city_codes)
    truth = CATEGORY_OF[cases.topic]
    scene.know(
        "complaints",
        complaint_id=ids,
        customer_id=scene.people.customer_ids(cases.customer),
        felt=felt,
        incident=cases.cause,
        category=words(truth, CATEGORIES),
        problem=pc.binary_join_element_wise(cause, felt, cities, "/"),
        misfiled=np.asarray(truth != cases.filed),
        received_at=cases.received,
    )
    scene.know(
        "complaint_texts",
        complaint_id=ids,
        category=words(truth, CATEGORIES),
        topic=words(cases.topic, CODES),
        again=np.asarray(cases.repeat >= 0),
        length=np.fromiter((len(text) for text in cases.content), dtype=np.int64, count=n),
    )
