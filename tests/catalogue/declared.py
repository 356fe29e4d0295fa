"""The small catalogue with what stands around its indicators: a feed with mapping and source, an index with its
matrix row, a rate, a report, an agreement, an interface, external codes, a product.

In the matrix: `billing` has one KQI per dimension and a risk; `support` has none.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ganzhi.catalogue.model.data import (
    CodeEntry,
    CodeList,
    Column,
    Derived,
    Dimension,
    Expected,
    Feed,
    FileFormat,
    MappedColumn,
    Mapping,
    Rule,
    Source,
)
from ganzhi.catalogue.model.framework import CodeSystem, Product, StateChange
from ganzhi.catalogue.model.guidance import Interface, Report, Sla
from ganzhi.catalogue.model.indicators import (
    CountOf,
    Feasibility,
    Indicator,
    Limits,
    Origin,
    Part,
    Rate,
    Ratio,
    Secures,
    Supports,
    Targets,
    Topic,
    ValueOf,
)
from ganzhi.catalogue.model.whole import Catalogue
from tests.catalogue.small import Naming, small_catalogue, text

LIMITS = Limits(floor=Decimal(90), target=Decimal(95), challenge=Decimal(99))


def declared_catalogue(t: Naming = text, **more: dict[str, Any]) -> Catalogue:
    """The catalogue. t: makes every text; more: kinds whose entries are added or replaced."""
    kinds = {**_data(t), **_around(t), "indicators": _indicators(t)}
    return small_catalogue(t, **{kind: {**kinds.get(kind, {}), **more.get(kind, {})} for kind in {*kinds, *more}})


def _payments(t: Naming) -> Feed:
    return Feed(
        name=t("缴费流水", "Payments"),
        record=t("一笔缴费", "One payment"),
        key=("payment_id",),
        time="paid_at",
        unit="unit",
        codes={"etom": "Payment"},
        columns={
            "payment_id": Column(name=t("流水号", "Payment id"), type="text", required=True),
            "paid_at": Column(name=t("缴费时间", "Paid at"), type="timestamp", required=True),
            "unit": Column(name=t("单元", "Unit"), type="text", required=True),
            "phone": Column(name=t("号码", "Phone"), type="text", protection="personal"),
            "channel": Column(name=t("渠道", "Channel"), type="text", allowed="pay_channels"),
            "fee_fen": Column(name=t("金额", "Fee"), type="int", min=Decimal(0), measured_in="fen"),
            "posted_at": Column(name=t("入账时间", "Posted at"), type="timestamp"),
        },
        derived={
            "post_s": Derived(
                name=t("入账用时", "Time to post"), type="int", expr="date_diff('second', paid_at, posted_at)"
            ),
            "known": Derived(name=t("号码已知", "Phone known"), type="bool", expr="phone is not null"),
        },
        rules={"order": Rule(name=t("先付后入", "Paid first"), check="posted_at >= paid_at", on_violation="note")},
        dimensions=("channel",),
        cuboids=(("channel",),),
    )


def _data(t: Naming) -> dict[str, dict[str, Any]]:
    users = Feed(
        name=t("用户数", "Users"),
        record=t("一天的用户数", "Users of a day"),
        key=("unit", "counted_at"),
        time="counted_at",
        unit="unit",
        columns={
            "unit": Column(name=t("单元", "Unit"), type="text", required=True),
            "counted_at": Column(name=t("统计时间", "Counted at"), type="timestamp", required=True),
            "users": Column(name=t("用户", "Users"), type="int", required=True),
        },
    )
    made = users.model_copy(update={"name": t("交易链路", "Chains"), "made_by": "trace", "kind": "entity"})
    return {
        "feeds": {"payments": _payments(t), "users": users, "chains": made},
        "sources": {"boss": Source(name=t("支撑", "BOSS"), system=t("账务系统", "Accounting"), feeds=("payments",))},
        "code_lists": {
            "pay_channels": CodeList(
                name=t("缴费渠道", "Payment channels"),
                entries=(
                    CodeEntry(code="1", to="hall", name=t("营业厅", "Hall")),
                    CodeEntry(code="2", to="bank", name=t("银行", "Bank")),
                ),
            )
        },
        "mappings": {
            "pay_log": Mapping(
                name=t("缴费日志", "Payment log"),
                feed="payments",
                format=FileFormat(delimiter="|", encoding="gb18030"),
                columns_expected=("id", "t", "area", "no", "way", "fee", "done"),
                columns={
                    "payment_id": MappedColumn(source="id"),
                    "paid_at": MappedColumn(source="t", format="%Y%m%d%H%M%S"),
                    "unit": MappedColumn(const="all"),
                    "phone": MappedColumn(source="no"),
                    "channel": MappedColumn(source="way", codes="pay_channels"),
                    "fee_fen": MappedColumn(expr="case when fee = '' then '0' else fee end"),
                    "posted_at": MappedColumn(source="done", format="%Y%m%d%H%M%S"),
                },
                files="pay_log_{shard}_{yyyymmdd}.txt",
                expected=Expected(shards=("001", "002")),
            )
        },
        "dimensions": {
            "channel": Dimension(
                name=t("渠道", "Channel"),
                group="channel",
                values={"hall": t("营业厅", "Hall"), "bank": t("银行", "Bank")},
            )
        },
    }


def _around(t: Naming) -> dict[str, dict[str, Any]]:
    return {
        "code_systems": {
            "etom": CodeSystem(name=t("eTOM", "eTOM"), publisher=t("论坛", "Forum"), applies_to=("processes", "feeds")),
            "busmet": CodeSystem(name=t("BusMet", "BusMet"), publisher=t("论坛", "Forum"), applies_to=("indicators",)),
        },
        "products": {"cards": Product(name=t("充值卡", "Cards"), key_for=("personal",))},
        "interfaces": {
            "payments_in": Interface(
                name=t("缴费接入", "Payments in"),
                flow=t("缴费流程", "Payment flow"),
                system="boss",
                direction="in",
                content=(t("流水", "records"), t("金额", "amounts")),
                feed="payments",
            )
        },
        "slas": {
            "bank_posting": Sla(
                name=t("银行入账", "Bank posting"),
                customer=t("合作银行", "Partner bank"),
                indicator="pay.quick",
                scope={"channel": "bank"},
                limits=LIMITS,
                valid_from=date(2026, 1, 1),
            )
        },
        "reports": {
            "std.payments": Report(
                name=t("缴费分析", "Payment analysis"),
                number="5.2",
                group=t("缴费", "Payments"),
                goal=t("看清缴费", "See payments"),
                function=t("列出入账情况", "Shows posting"),
                audience=t("账务中心", "Accounting"),
                indicators=("index.billing", "pay.quick"),
                by=("channel",),
                presentation=("table", "trend"),
                codes={"etom": "R1"},
                source=t("我方编写", "Ours"),
            )
        },
        "topics": {
            "hotline": Topic(
                name=t("账务", "Billing"),
                goal=t("好", "Good"),
                function=t("看", "Look"),
                audience=t("人", "People"),
                headline="index.billing",
                indicators=("pay.quick",),
            )
        },
    }


def _made(t: Naming, zh: str, en: str, layer: str, **given: Any) -> Indicator:
    base: dict[str, Any] = {"type": "system_performance", "unit": "percent", "direction": "higher"}
    text_of = {"name": t(zh, en), "definition": t(f"{zh}的定义", f"Definition of {en}"), "layer": layer}
    return Indicator(**{**base, **text_of, **given})


def _row(dimension: str) -> dict[str, Any]:
    return {"commercial_process": "billing", "dimension": dimension, "feed": "payments"}


def _under(parent: str, **how: Any) -> dict[str, Any]:
    return {"supports": (Supports(parent=parent, **how),)}


def _quick(t: Naming) -> Indicator:
    quick = Ratio(
        numerator=Part(count=CountOf(where="post_s <= 90 and channel = 'bank'")), denominator=Part(count=CountOf())
    )
    return _made(
        t,
        "快速入账",
        "Posted quickly",
        "KQI",
        ratio=quick,
        by=("channel",),
        processes=("pay",),
        step="post",
        products=("cards",),
        phase="during",
        targets=Targets(management=LIMITS),
        codes={"busmet": "B-7"},
        origin=Origin(kind="source", reference="S000-073"),
        feasibility=Feasibility(source_known=True, collectable=False, blocked_by=t("缺接口", "no interface")),
        history=(StateChange(state="live", since=date(2026, 2, 1)),),
        secures=Secures(indicator="pay.sat", level=Decimal("8.5")),
        **_row("operation"),
        supports=(
            Supports(
                parent="index.billing", weight=Decimal("0.3"), origin="survey", derived=date(2026, 3, 1), sample=812
            ),
            Supports(parent="pay.experience", weight=Decimal("0.4")),
        ),
    )


def _indicators(t: Naming) -> dict[str, Indicator]:
    return {
        "index.billing": _made(
            t, "账务指数", "Billing index", "KEI", commercial_process="billing", dimension="perception", unit="score"
        ),
        "pay.sat": _made(
            t,
            "缴费满意",
            "Content",
            "KQI",
            mean=ValueOf(of="fee_fen"),
            type="customer_evaluation",
            **_row("perception"),
            **_under("index.billing", weight=Decimal("0.5")),
        ),
        "pay.claims": _made(
            t,
            "缴费投诉",
            "Claims",
            "KQI",
            state="designed",
            count=CountOf(where="known"),
            unit="count",
            **_row("complaint"),
            **_under("index.billing", weight=Decimal("0.2")),
        ),
        "pay.quick": _quick(t),
        "pay.stuck": _made(
            t,
            "卡单",
            "Stuck",
            "KQI",
            count=CountOf(where="posted_at is null"),
            unit="count",
            direction="lower",
            **_row("operation"),
            **_under("index.billing", points=Decimal(8)),
        ),
        "pay.users": _made(
            t, "用户数", "Users", "KPI", feed="users", sum=ValueOf(of="users"), unit="count", direction=None
        ),
        "pay.per_user": _made(
            t,
            "户均缴费",
            "Payments per user",
            "KPI",
            feed="payments",
            unit="per_10k",
            rate=Rate(numerator=Part(count=CountOf(where="fee_fen > 0")), per="pay.users"),
        ),
        "pay.copy": _made(
            t, "重复", "Copy", "KPI", state="planned", same_as="pay.quick", origin=Origin(kind="imported")
        ),
    }
