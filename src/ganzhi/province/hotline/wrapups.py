"""What agents record after a call, do for the caller, and pass on: wrap-ups, transactions, transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, moments, same, truths, words
from ganzhi.province.complaints.cases import complaint_ids, number_of_contact
from ganzhi.province.complaints.filing import AS_ENQUIRY, DEAD_NUMBER, complains, skipped
from ganzhi.province.hotline import menu
from ganzhi.province.hotline.rounds import Day
from ganzhi.province.hotline.sessions import units_of_callers
from ganzhi.province.organisation import SKILLS
from ganzhi.province.scene import Contacts, Scene, joined
from ganzhi.province.streams import Bools, Ints, choose, lognormal

REPEAT_S: Final = 7 * 86_400
CODES: Final = ("enquiry", "transaction", "complaint", "fault", "suggestion", "praise", "other")
ENQUIRY, TRANSACTION, COMPLAINT, FAULT, SUGGESTION, PRAISE, OTHER = range(len(CODES))
CODE_SHARE: Final = np.array([0.62, 0.24, 0.0, 0.035, 0.02, 0.015, 0.03])
COMPETITORS: Final = ("unicom", "telecom", "broadnet", "virtual", "other")
OFFERS: Final = (
    "联通沃享 66 元套餐",
    "电信天翼 59 元不限时",
    "联通预存送手机",
    "电信宽带免费提速",
    "预存 100 送 100",
    "校园流量包",
)
COMPETITOR_SHARE: Final = 0.012
BUSINESS: Final = tuple(menu.NODES[leaf].business for leaf in menu.LEAVES)
PROCESS_OF: Final = {
    "bill": "bill_enquiry", "payment": "recharge", "plan": "plan_order", "value_added": "sp_service_order",
    "voice": "service_order", "roaming": "service_order", "points": "points_reward", "broadband": "service_order",
    "data": "service_order", "number": "sim_replacement", "customer_data": "password_reset", "other": "enquiry_service",
}  # fmt: skip
COMMERCIAL_OF: Final = {
    "bill": "billing", "payment": "billing", "plan": "tariffs", "value_added": "products", "voice": "network",
    "roaming": "products", "points": "care", "broadband": "products", "data": "products", "number": "support",
    "customer_data": "support", "other": "hotline",
}  # fmt: skip
PRODUCT_OF: Final = {
    "broadband": "home_broadband",
    "data": "mobile_internet",
    "roaming": "international_roaming",
    "voice": "family_network",
}


def wrap_up(scene: Scene, day: Day) -> None:
    """Record every answered call and what came of it."""
    rng = scene.rng("hotline", "wrap")
    callers, sessions, answers = day.callers, day.sessions, day.answers
    done = np.flatnonzero(answers.answered)
    caller, agent = answers.caller[done], answers.agent[done]
    contacts = Contacts(
        number=sessions.number[caller], customer=callers.customer[caller], at=answers.start[done],
        where=np.zeros(len(caller), dtype=np.int64), felt=callers.felt[caller], cause=callers.cause[caller],
        strength=callers.strength[caller], resolved=answers.resolved[done], wait_s=answers.wait_s[done], post=agent,
        place=scene.places.agent_team[agent],
    )  # fmt: skip
    known = contacts.customer >= 0
    scene.note(Contacts(*(getattr(contacts, name)[known] for name in Contacts.__slots__)))
    sought, ended = callers.sought[caller], answers.ended[done]
    code = _deliver(scene, sought, contacts, ended, (answers.after_s + answers.talk_s)[done], rng)
    _transactions(scene, sought, contacts, code, rng)
    _transfers(scene, sought, contacts, ended, rng)


def _codes(scene: Scene, contacts: Contacts, rng: np.random.Generator) -> tuple[Ints, Bools]:
    """Why they called, as agents code it, and which contacts name a complaint."""
    becomes = complains(scene, contacts) & (contacts.customer >= 0)
    how, cause = skipped(scene, contacts, becomes)
    code = choose(rng, CODE_SHARE, len(contacts.at))
    grieved = np.where(rng.random(len(code)) < 0.8, ENQUIRY, FAULT)
    code = np.where(contacts.felt >= 0, grieved, code)
    code = np.where(becomes, np.where(how == AS_ENQUIRY, ENQUIRY, COMPLAINT), code)
    lost = np.flatnonzero(how >= 0)
    if len(lost):
        scene.know(
            "unrecorded",
            contact_id=identities("W", contacts.number[lost]),
            customer_id=scene.people.customer_ids(contacts.customer[lost]),
            at=contacts.at[lost],
            how=words(how[lost], ("no_number", "dead_number", "as_enquiry")),
            incident=cause[lost],
        )
    return code, becomes & ((how < 0) | (how == DEAD_NUMBER))


def _deliver(
    scene: Scene, sought: Ints, contacts: Contacts, ended: Ints, handling: Ints, rng: np.random.Generator
) -> Ints:
    code, becomes = _codes(scene, contacts, rng)
    n = len(sought)
    customer, places = contacts.customer, scene.places
    business = np.array([_BUSINESS_NUMBER[each] for each in BUSINESS])[sought]
    rival = (rng.random(n) < COMPETITOR_SHARE) & (code == ENQUIRY)
    repeat = _repeats(scene, contacts, business)
    scene.deliver(
        "wrap_ups",
        contact_id=identities("W", contacts.number),
        at=ended,
        unit=units_of_callers(scene, customer),
        customer_id=scene.people.customer_ids(customer),
        channel=same("hotline_agent", n),
        brand=scene.people.brands(customer),
        customer_class=scene.people.classes(customer),
        agent=words(contacts.post, places.agent_codes),
        team=words(contacts.place, places.team_codes),
        skill=words(places.agent_skill[contacts.post], SKILLS),
        contact_code=words(code, CODES),
        wrap_code=words(np.where(rng.random(n) < 0.985, sought, -1), menu.WRAP_CODES),
        commercial_process=words(business, [COMMERCIAL_OF[each] for each in _BUSINESSES]),
        process=words(business, [PROCESS_OF[each] for each in _BUSINESSES]),
        business=words(business, _BUSINESSES),
        product=words(business, [PRODUCT_OF.get(each) for each in _BUSINESSES]),
        competitor=words(np.where(rival, choose(rng, np.array([0.5, 0.38, 0.04, 0.04, 0.04]), n), -1), COMPETITORS),
        competitor_offer=words(np.where(rival, rng.integers(0, len(OFFERS), n), -1), OFFERS),
        resolved_first=contacts.resolved,
        repeat_of=identities("W", repeat),
        complaint_id=complaint_ids(np.where(becomes, number_of_contact(contacts.number, contacts.where), -1)),
        knowledge_used=truths(rng.random(n) < 0.78, code == ENQUIRY),
        handling_s=handling,
    )
    return code


_BUSINESSES: Final = tuple(PROCESS_OF)
_BUSINESS_NUMBER: Final = {name: position for position, name in enumerate(_BUSINESSES)}


@dataclass(frozen=True, slots=True)
class _Recent:
    """Contacts of known customers in the last seven days."""

    customer: Ints
    business: Ints
    at: Ints
    number: Ints


def _repeats(scene: Scene, contacts: Contacts, business: Ints) -> Ints:
    """The customer's last contact about the same business within seven days before each one, -1 for none."""
    kept: list[_Recent] = scene.world.recall("hotline.recent", list)
    known = np.flatnonzero(contacts.customer >= 0)
    today = _Recent(contacts.customer[known], business[known], contacts.at[known], contacts.number[known])
    every = joined(_Recent, [*kept, today])
    order = np.lexsort((every.number, every.at, every.business, every.customer))
    before, after = order[:-1], order[1:]
    again = (every.customer[before] == every.customer[after]) & (every.business[before] == every.business[after])
    again &= every.at[after] - every.at[before] <= REPEAT_S
    earlier = np.full(len(every.at), -1, dtype=np.int64)
    earlier[after[again]] = every.number[before[again]]
    fresh = every.at >= scene.today.start + DAY_S - REPEAT_S
    kept[:] = [_Recent(*(getattr(every, name)[fresh] for name in _Recent.__slots__))]
    found = np.full(len(business), -1, dtype=np.int64)
    found[known] = earlier[len(earlier) - len(known) :]
    return found


def _transactions(scene: Scene, sought: Ints, contacts: Contacts, code: Ints, rng: np.random.Generator) -> None:
    """Business the agent did for the caller."""
    doing = np.flatnonzero((code == TRANSACTION) & (contacts.customer >= 0))
    n = len(doing)
    business = np.array([_BUSINESS_NUMBER[each] for each in BUSINESS])[sought[doing]]
    reset = rng.random(n) < 0.08
    result = choose(rng, np.array([0.945, 0.03, 0.015, 0.01]), n)
    settled = result <= 1
    asked = contacts.at[doing] + 40
    took = np.where(reset, lognormal(rng, 45, 0.5, n), lognormal(rng, 70, 0.7, n)).astype(np.int64)
    completed = moments(asked + took, settled)
    customer = contacts.customer[doing]
    scene.deliver(
        "hotline_transactions",
        transaction_id=identities("HT", scene.numbers(n, 1)),
        contact_id=identities("W", contacts.number[doing]),
        requested_at=asked,
        completed_at=completed,
        unit=units_of_callers(scene, customer),
        customer_id=scene.people.customer_ids(customer),
        channel=same("hotline_agent", n),
        agent=words(contacts.post[doing], scene.places.agent_codes),
        team=words(contacts.place[doing], scene.places.team_codes),
        business=words(np.where(reset, _BUSINESS_NUMBER["customer_data"], business), _BUSINESSES),
        product=words(business, [PRODUCT_OF.get(each) for each in _BUSINESSES]),
        process=words(
            np.where(reset, len(_BUSINESSES), business), [*(PROCESS_OF[each] for each in _BUSINESSES), "password_reset"]
        ),
        variant=words(
            np.where(reset, 1, choose(rng, np.array([0.45, 0.25, 0.22, 0.08]), n)),
            ("order", "change", "cancel", "query"),
        ),
        result=words(result, ("done", "failed", "cancelled", "pending")),
        failure_cause=words(
            np.where(result == 1, rng.integers(0, 7, n), -1),
            ("system", "rule", "balance", "identity", "input", "customer", "other"),
        ),
        identity_checked=rng.random(n) < 0.996,
        notified_at=moments(asked + took + rng.integers(5, 120, n), settled & (rng.random(n) < 0.985)),
    )


def _transfers(scene: Scene, sought: Ints, contacts: Contacts, ended: Ints, rng: np.random.Generator) -> None:
    """Callers passed on to the menu, to media, to experts."""
    moved = np.flatnonzero(rng.random(len(sought)) < 0.16)
    n = len(moved)
    target = choose(rng, np.array([0.42, 0.26, 0.20, 0.08, 0.04]), n)
    result = choose(rng, np.array([0.945, 0.025, 0.02, 0.01]), n)
    asked = ended[moved] - rng.integers(2, 20, n)
    took = np.where(target == 0, rng.integers(1, 6, n), lognormal(rng, 18, 0.8, n).astype(np.int64))
    self_service, long_content, specialist = 0, 2, 3
    reason = np.where(target == 0, self_service, np.where(target == 1, long_content, specialist))
    scene.deliver(
        "agent_transfers",
        transfer_id=identities("AT", scene.numbers(n, 2)),
        contact_id=identities("W", contacts.number[moved]),
        requested_at=asked,
        connected_at=moments(asked + took, result != 3),
        unit=units_of_callers(scene, contacts.customer[moved]),
        agent=words(contacts.post[moved], scene.places.agent_codes),
        team=words(contacts.place[moved], scene.places.team_codes),
        skill=words(scene.places.agent_skill[contacts.post[moved]], SKILLS),
        transfer_target=words(target, ("ivr", "media", "expert", "agent", "back_office")),
        medium=words(
            np.where(target == 1, choose(rng, np.array([0.7, 0.15, 0.08, 0.04, 0.02, 0.01]), n), -1),
            ("sms", "app", "web", "email", "fax", "video"),
        ),
        ivr_function=words(np.where(target == 0, sought[moved], -1), menu.FUNCTIONS),
        business=words(np.array([_BUSINESS_NUMBER[each] for each in BUSINESS])[sought[moved]], _BUSINESSES),
        transfer_reason=words(
            np.where(rng.random(n) < 0.12, rng.integers(0, 7, n), reason),
            ("self_service", "password", "long_content", "specialist", "permission", "survey", "other"),
        ),
        result=words(result, ("completed", "returned", "hung_up", "failed")),
    )
