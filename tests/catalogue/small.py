"""A small catalogue put together from models: two life cycles, four processes, touchpoints, indicators of four layers.

What is where, so that tests can count: `pay` (front and back step, two touchpoints with three pairs of
which one is answered), `bill` (visible, no touchpoint), `cards` (a back-office process without anything),
`resume` (one touchpoint without attributes).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from ganzhi.catalogue.model.framework import (
    Activity,
    ActivityWeight,
    Capability,
    ChainLink,
    CodeSystem,
    CommercialProcess,
    Need,
    Process,
    ProcessClass,
    Stage,
    StateChange,
    StateMachine,
    System,
    SystemStep,
    Transition,
)
from ganzhi.catalogue.model.guidance import Chosen, Pressure, Priority, ProcessWeight, Selection, Shortfall
from ganzhi.catalogue.model.indicators import CountOf, Feasibility, Indicator, Supports
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.touch import Attribute, Channel, ContactContent, ContactStep, Touchpoint
from ganzhi.catalogue.model.whole import KINDS, Catalogue

Naming = Callable[[str, str], Text]


def text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def small_catalogue(t: Naming = text, **more: dict[str, Any]) -> Catalogue:
    """The catalogue. t: makes every text; more: kinds whose entries are added or replaced."""
    kinds: dict[str, dict[str, Any]] = {kind: {} for kind, _ in KINDS}
    kinds |= _frame(t) | _contact(t) | _guidance(t) | {"indicators": _indicators(t)}
    for kind, entries in more.items():
        kinds[kind] = {**kinds[kind], **entries}
    return Catalogue(version="small 0.1+000000000000", places={}, **kinds)


def _frame(t: Naming) -> dict[str, dict[str, Any]]:
    return {
        "code_systems": {
            "etom": CodeSystem(name=t("eTOM", "eTOM"), publisher=t("论坛", "Forum"), applies_to=("processes",))
        },
        "systems": {"boss": System(name=t("支撑系统", "Billing system"), domain="BSS")},
        "stages": {
            "service": Stage(name=t("服务期", "In service"), frame="operator", order=2),
            "preparation": Stage(name=t("准备期", "Preparation"), frame="operator", order=1),
            "using": Stage(name=t("使用", "Using"), frame="customer", order=1),
        },
        "process_classes": {
            "funds": ProcessClass(name=t("资金管理", "Funds"), stage="service", order=2),
            "making": ProcessClass(name=t("资源准备", "Preparation of resources"), stage="preparation", order=1),
            "nothing": ProcessClass(name=t("基础管理", "Basic management"), stage="preparation", order=3),
        },
        "commercial_processes": {
            "billing": CommercialProcess(name=t("账务", "Billing"), order=1, owner=t("账务中心", "Accounting")),
            "support": CommercialProcess(name=t("支撑", "Support"), order=2, owner=t("支撑中心", "Support centre")),
        },
        "capabilities": {"charging": Capability(name=t("服务计费", "Charging"), order=1)},
        "chain_links": {
            "use": ChainLink(name=t("使用支持", "Use"), order=1),
            "paying": ChainLink(name=t("缴费", "Pay"), parent="use", order=1),
        },
        "processes": _processes(t),
        "needs": {"ease": Need(name=t("易用性", "Ease"), order=1, description=t("易用", "Easy"))},
        "activities": {
            "topping_up": Activity(
                name=t("缴费充值", "Topping up"),
                stage="using",
                order=1,
                processes=("pay", "bill"),
                needs=("ease",),
                weights=(
                    ActivityWeight(weight=Decimal("0.25"), origin="survey", surveyed=date(2026, 3, 1), sample=812),
                ),
            )
        },
        "state_machines": {
            "suspension": StateMachine(
                name=t("停机原因", "Reasons of suspension"),
                process="resume",
                states={"active": t("开机", "Active"), "arrears": t("欠停", "Arrears")},
                resting="active",
                transitions=(
                    Transition(source="active", target="arrears", event=t("欠费", "falls into arrears")),
                    Transition(source="arrears", target="active", event=t("缴费", "pays")),
                ),
            )
        },
    }


def _processes(t: Naming) -> dict[str, Process]:
    owner = t("账务中心", "Accounting")
    return {
        "pay": Process(
            name=t("缴费", "Payment"),
            process_class="funds",
            commercial_process="billing",
            capability="charging",
            owner=owner,
            channels=("hall", "bank"),
            chain=("paying",),
            codes={"etom": "1.4.6"},
            variants={"card": t("充值卡", "by card")},
            key=True,
            order=2,
            history=(StateChange(state="live", since=date(2026, 1, 1), note=t("上线", "went live")),),
            steps={
                "take": SystemStep(
                    name=t("收款", "Take payment"),
                    side="front",
                    function=t("收取款项", "take the money"),
                    system="boss",
                    inputs=(t("金额", "amount"),),
                ),
                "post": SystemStep(
                    name=t("入账", "Post"),
                    side="back",
                    function=t("记入账户", "enter it in the account"),
                    system="boss",
                    tables=("acct_log_nnn",),
                    limit_s=90,
                ),
            },
        ),
        "bill": Process(
            name=t("出账", "Billing run"),
            process_class="funds",
            commercial_process="billing",
            owner=owner,
            order=3,
            state="designed",
            rhythm=t("每月 1 日", "1st of the month"),
        ),
        "resume": Process(
            name=t("复机", "Resume"),
            process_class="funds",
            commercial_process="support",
            owner=t("支撑中心", "Support centre"),
            chain=("paying",),
            order=4,
        ),
        "cards": Process(
            name=t("制卡", "Card making"), process_class="making", commercial_process="support", owner=owner, order=1
        ),
    }


def _contact(t: Naming) -> dict[str, dict[str, Any]]:
    return {
        "channels": {
            "hall": Channel(name=t("营业厅", "Hall"), ownership="own", order=1),
            "bank": Channel(name=t("银行", "Bank"), ownership="partner", order=2),
            "branch": Channel(name=t("网点", "Branch"), parent="bank", ownership="partner", order=3),
        },
        "contact_steps": {
            "paying": ContactStep(name=t("付费", "Payment"), order=1),
            "notice": ContactStep(name=t("提醒", "Notice"), order=2),
        },
        "contact_contents": {
            "document": ContactContent(name=t("单据", "Document"), order=1),
            "invoice": ContactContent(name=t("发票", "Invoice"), parent="document", order=2),
        },
        "attributes": {
            "speed": Attribute(name=t("速度", "Speed"), family="service", question=t("快吗", "Fast?"), order=1),
            "accuracy": Attribute(name=t("准确", "Accuracy"), family="service", question=t("对吗", "Right?"), order=2),
            "trust": Attribute(name=t("信任", "Trust"), family="experience", question=t("可信吗", "Trusted?"), order=3),
        },
        "touchpoints": {
            "pay.counter": Touchpoint(
                name=t("柜台付费", "Paying at the counter"),
                process="pay",
                step="paying",
                content="document",
                channels=("hall",),
                attributes={"speed": t("很快付完", "I am done quickly."), "trust": t("放心", "I trust it")},
                supported_by=("post",),
            ),
            "pay.invoice": Touchpoint(
                name=t("发票", "Invoice"),
                process="pay",
                step="notice",
                content="invoice",
                channels=("hall", "branch"),
                attributes={"accuracy": t("金额正确", "The amount is right.")},
                evidence=(t("纸质发票", "paper invoice"),),
            ),
            "resume.service": Touchpoint(
                name=t("恢复通话", "Service back"),
                process="resume",
                step="notice",
                content="document",
                channels=("hall",),
            ),
        },
    }


def indicator(t: Naming, zh: str, en: str, layer: str, **more: Any) -> Indicator:
    return Indicator(
        name=t(zh, en),
        definition=t(f"{zh}的定义", f"Definition of {en}"),
        layer=layer,  # type: ignore[arg-type]
        type="system_performance",
        unit="count",
        **more,
    )


def _indicators(t: Naming) -> dict[str, Indicator]:
    top = (Supports(parent="pay.experience", weight=Decimal(1)),)
    below = (Supports(parent="pay.speed", weight=Decimal(1)),)
    measured: dict[str, Any] = {"feed": "calls", "count": CountOf(), "direction": "higher"}
    return {
        "pay.experience": indicator(t, "缴费体验", "Payment experience", "KEI", processes=("pay",)),
        "pay.speed": indicator(
            t, "付费速度", "Speed of payment", "KQI", touchpoints=("pay.counter",), attribute="speed", supports=top
        ),
        "pay.posted": indicator(
            t, "入账及时率", "Posted in time", "PI", processes=("pay",), step="post", supports=below, **measured
        ),
        "pay.loose": indicator(t, "未挂接", "Loose", "PI", processes=("pay",), **measured),
        "pay.empty": indicator(
            t,
            "无下级",
            "Without children",
            "KQI",
            processes=("pay",),
            state="planned",
            feasibility=Feasibility(collectable=False, blocked_by=t("银行不提供", "the bank does not give it")),
        ),
        "lost": indicator(t, "无归属", "Lost", "KPI", **measured),
        "old": indicator(t, "旧指标", "Old", "KPI", retired=True, **measured),
    }


def _guidance(t: Naming) -> dict[str, dict[str, Any]]:
    def weight(process: str, weight: int, until: date | None = None) -> ProcessWeight:
        return ProcessWeight(process=process, weight=Decimal(weight), valid_to=until)

    return {
        "priorities": {
            "new_voice": Priority(
                name=t("新话务", "New voice"),
                weights=(weight("pay", 4), weight("resume", 2), weight("bill", 5, date(1998, 12, 31))),
            )
        },
        "selections": {
            "key_processes": Selection(
                name=t("关键过程", "Key processes"),
                pressures=(Pressure(indicator="lost", weight=Decimal(1)),),
                priorities=("new_voice",),
                high_from=Decimal("0.5"),
                reasons={"hot": t("投诉热点", "complaint hot spot")},
                contact_steps=("paying", "notice"),
                chosen=(Chosen(process="pay", name=t("缴费", "Paying"), reasons=("hot",), contact_steps=("paying",)),),
            )
        },
        "shortfalls": {
            "late_resume": Shortfall(
                name=t("复机慢", "Slow resume"),
                process="resume",
                indicators=("pay.speed",),
                attribute="speed",
                evidence=t("满意度调查", "satisfaction survey"),
                owner=t("支撑中心", "Support centre"),
                since=date(2026, 2, 1),
            )
        },
    }
