"""One ticket: what happened to it, its clocks, the rules that held and why, where it belongs, what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.acts import TICKET_ACTS, DeskForm, possible
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.facts import scenes_of
from ganzhi.complaints.desk.gather import Gathered, Joined, coded, product_name, row_of
from ganzhi.complaints.desk.process.forms import parties
from ganzhi.complaints.desk.process.way import channel_name, way
from ganzhi.complaints.desk.story import told
from ganzhi.complaints.desk.views import Alike, FaultRow, HeldRule, ProblemRow, Suggested, Tested, TicketPage
from ganzhi.complaints.screening import Held
from ganzhi.complaints.tickets.read import turns
from ganzhi.store.desk.acts import DeskAct, standing

_PLAIN = Text(zh="–", en="–")


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a ticket: problems it is linked to, others that are open, tickets like it (how many, of how many
    customers), cases for it, the
    category whose manual there is, faults opened for it, what a trouble report of the customer says, how acts reached the
    ticket system."""

    problems: tuple[ProblemRow, ...] = ()
    open_problems: tuple[ProblemRow, ...] = ()
    alike: tuple[Alike, ...] = ()
    alike_total: int = 0
    alike_customers: int = 0
    cases: tuple[Suggested, ...] = ()
    manual: str | None = None
    faults: tuple[FaultRow, ...] = ()
    tested: Tested | None = None
    handed: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def ticket_page(
    catalogue: Catalogue, found: Gathered, each: Joined, acts: Sequence[DeskAct], directory: Directory, beside: Beside,
    *, may: bool,
) -> TicketPage:  # fmt: skip
    """The page of a ticket. may: whether the viewer may act."""
    ticket, stands = each.ticket, each.stands
    day = ticket.received_at.astimezone(directory.zone).date()
    kept = standing(acts)
    others = tuple((code, d.name) for code, d in directory.departments.items() if code != stands.department)
    steps = found.steps.get(ticket.id, ())
    names = _names(directory, acts, [*(step.department for step in steps), ticket.department or ""])
    value = catalogue.value_classes.get(each.facts.values.get("value_class", ""))
    return TicketPage(
        row=row_of(catalogue, each, directory, found.now),
        now=found.now,
        late=found.late,
        channel=ticket.channel,
        channel_name=channel_name(catalogue, ticket.channel),
        network=ticket.network,
        customer_class=coded(catalogue, "customer_classes", each.facts.values.get("customer_class")),
        value_class=None if value is None else value.name,
        scenes=tuple(catalogue.scenes[c].name for c in scenes_of(catalogue, ticket.text or "", ticket.unit, day)),
        limits=each.limits.all,
        handovers=each.limits.clocks.handovers,
        reopened=each.limits.clocks.reopened,
        rules=() if each.screened is None else tuple(_held(catalogue, rule) for rule in each.screened.held),
        turns=turns(ticket, steps),
        acts=tuple(acts),
        forms=forms_for(each, kept, directory) if may else (),
        departments=others,
        asked=stands.asked,
        lead=directory.lead(ticket.category, ticket.product),
        beside=directory.beside(ticket.category, ticket.product),
        persons=directory.persons(stands.department, ticket.product),
        path=directory.path(stands.department),
        names=names,
        step_names={s.flow_step: coded(catalogue, "complaint_flow_steps", s.flow_step) or _PLAIN for s in steps},
        problems=beside.problems,
        open_problems=beside.open_problems,
        alike=beside.alike,
        alike_total=beside.alike_total,
        alike_customers=beside.alike_customers,
        cases=beside.cases,
        manual=beside.manual,
        origin=ticket.origin,
        way=way(catalogue, ticket, stands, steps, kept, names, directory.centre),
        reproduced=stands.reproduced,
        tested=beside.tested,
        responsible=stands.responsible,
        party=ticket.responsibility,
        faults=beside.faults,
        channels=tuple((code, c.name) for code, c in catalogue.channels.items()),
        parties=tuple((c, coded(catalogue, "responsibilities", c) or _PLAIN) for c in parties(catalogue)),
        handed=beside.handed,
        undo=kept[-1] if kept else None,
    )


def forms_for(each: Joined, kept: Sequence[DeskAct], directory: Directory) -> tuple[DeskForm, ...]:
    """The forms of a ticket: what its state allows, without those that nothing is there for."""
    nothing = {
        "undo": not kept,
        "reply": not each.stands.asked,
        "escalate": not directory.path(each.stands.department),
        "reopen": each.stands.closed_by != "desk",
    }
    return tuple(form for form in possible(TICKET_ACTS, each.stands.state) if not nothing.get(form.act, False))


def _names(directory: Directory, acts: Sequence[DeskAct], written: Sequence[str]) -> Mapping[str, Text]:
    """Departments that the story names, in words; by code, and as the records write them."""
    codes = {*directory.departments, *(told(act, "department") for act in acts)} - {""}
    return {code: directory.name(code) for code in codes} | {w: directory.name(directory.code(w)) for w in written if w}


def _held(catalogue: Catalogue, held: Held) -> HeldRule:
    rule = held.rule
    because = tuple((fact, _fact(catalogue, fact, value)) for fact, value in held.because)
    return HeldRule(held.code, rule.name, rule.layer, rule.rank, rule.limit, rule.must, because, rule.source)


def _fact(catalogue: Catalogue, fact: str, value: str) -> Text:
    """A fact's value in words."""
    lists = {"customer_class": "customer_classes", "kind": "complaint_kinds", "category": "complaint_categories"}
    if fact in lists:
        return coded(catalogue, lists[fact], value) or Text(zh=value, en=value)
    if fact == "product":
        return product_name(catalogue, value) or Text(zh=value, en=value)
    if fact == "value_class" and value in catalogue.value_classes:
        return catalogue.value_classes[value].name
    return Text(zh=value, en=value)
