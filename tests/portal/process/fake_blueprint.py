"""A service blueprint with made-up readings: one step circled, one unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.blueprints import PROCEDURE
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Change, Scope, ScorecardRow
from ganzhi.trace.blueprint.views import (
    BlueprintEntry,
    BlueprintPage,
    BlueprintsPage,
    CrossingView,
    Measured,
    PilotRow,
    PilotView,
    StandardView,
    StepView,
)
from tests.portal import numbers as n

STEPS = (
    ("pay", "customer", "pay", "付款", "Pay"),
    ("call", "customer", "resume", "恢复通话", "Can call again"),
    ("take", "front", "pay", "收款", "Take the money"),
    ("book", "back", "pay", "入账", "Book"),
    ("order", "back", "resume", "下发复机", "Order the resume"),
    ("hlr", "support", "resume", "HLR", "HLR"),
)
LINKS = (("pay", "take"), ("take", "book"), ("book", "order"), ("order", "hlr"), ("order", "call"), ("pay", "call"))


def blueprints_page(empty: bool, scope: Scope, attacked: Callable[[Text], Text]) -> BlueprintsPage:
    """One blueprint, or none."""
    name, business = attacked(n.text("缴费复机", "Pay and resume")), attacked(n.text("缴费", "Payment"))
    return BlueprintsPage(
        scope, () if empty else (_entry("resume", name, business, 1, 4), _entry("unseen", name, business, None, 6))
    )


def _entry(code: str, name: Text, business: Text, poor: int | None, unknown: int) -> BlueprintEntry:
    return BlueprintEntry(code, name, business, 6, 2, poor, unknown, 5)


def _pilots(attacked: Callable[[Text], Text], scope: Scope, row: ScorecardRow) -> tuple[PilotView, ...]:
    """One that is over and one too young to tell."""
    name, place = attacked(n.text("提前催缴", "Earlier dunning")), Named("AB", attacked(n.text("甲", "A")))
    change = Change("before", 1.5, better=True)
    rows = (PilotRow(place, row.subject, row.now, row.now, change, Change("before", None, None)),)
    before, first = scope.period.previous(), date(1999, 1, 4)
    return (
        PilotView("early", name, name, first, date(1999, 1, 17), True, before, scope.period, rows),
        PilotView("late", name, name, first, None, None, before, None, rows),
    )


def blueprint_page(code: str, scope: Scope, variant: str | None, attacked: Callable[[Text], Text]) -> BlueprintPage:
    """The blueprint with two readings."""
    if code not in {"resume", "unseen"}:
        raise InputError(Issue("REQ053", code[:64], params={"near": "resume"}))
    rows = n.scorecard()
    bad = next(row for row in rows if row.now.level in ("red", "orange"))
    good = next(row for row in rows if row.now.level is None and row.now.value is not None)
    point = Named("pay.quick", attacked(n.text("付款", "Paying")))
    text = attacked(n.text("缴清即复机", "Resumed once paid"))

    def step(code: str, lane: str, phase: str, zh: str, en: str) -> StepView:
        row = {"call": bad, "take": good}.get(code)
        measured = None if row is None else Measured(row.subject, row.now)
        standard = StandardView(text, n.text("30 分钟", "30 minutes"), text, measured)
        return StepView(
            code=code, name=attacked(n.text(zh, en)), lane=lane, phase=phase,  # type: ignore[arg-type]
            evidence=(n.text("回单", "receipt"),) if code == "pay" else (), measure=measured, perception=None,
            level=None if row is None else row.now.level, poor=code == "call", key_point=code == "call",
            touchpoint=point if lane == "customer" else None, system=None, standard=standard if lane == "customer" else None,
        )  # fmt: skip

    return BlueprintPage(
        scope=scope, code=code, name=attacked(n.text("缴费复机", "Pay and resume")), business=text, description=text,
        version="1", process=Named("pay", text), flow=Named("tickets", text),
        phases=(Named("pay", attacked(n.text("缴费", "Payment"))), Named("resume", attacked(n.text("复机", "Resume")))),
        steps=tuple(step(*each) for each in STEPS), links=LINKS,
        encounters=(CrossingView("pay", "take", ("interaction",), point), CrossingView("order", "call", ("interaction", "visibility"), point)),
        handovers=(CrossingView("order", "hlr", ("internal",), None, StandardView(text, None, text, Measured(good.subject, good.now))),), variant=variant,
        pilots=_pilots(attacked, scope, bad),
        variants=(("vip", attacked(n.text("重要客户", "Important")), attacked(n.text("全球通", "GoTone"))),),
        procedure=tuple((each, place < 5) for place, each in enumerate(PROCEDURE)), catalogue_version="telecom 0.1",
    )  # fmt: skip
