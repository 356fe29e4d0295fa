"""An indicator list of another house: read, compared with the catalogue, proposed with its origin."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.exchange.changes import files_of
from ganzhi.catalogue.exchange.external import code_reports
from ganzhi.catalogue.exchange.listing import Listing, read_listing
from ganzhi.catalogue.exchange.names import LIKE, SAME, likeness, normal_name, opposed
from ganzhi.catalogue.load import load_with_issues
from ganzhi.catalogue.model.whole import Catalogue

PAIRS = [
    # Two names, and whether they mean the same: yes, no, or a matter for a person.
    ("业务办理成功率", "业务办理的成功率（%）", "same"),
    ("１０００８６人工接通率", "10086人工接通率", "same"),
    ("平均等候时长(秒)", "平均等候时长", "same"),
    ("客户投诉处理及时率", "客户投诉处理及时率 %", "same"),
    ("Answer rate", "ANSWER-RATE (%)", "same"),
    ("Rate of repeated complaints", "Repeated complaints rate", "same"),
    ("充值到账及时率", "充值到账的及时率", "same"),
    ("营业厅平均排队等候时长", "营业厅排队等候平均时长", "look"),
    ("每万客户投诉量", "万户投诉量", "same"),
    ("业务办理成功率", "办理业务成功率", "look"),
    ("业务办理成功率", "业务办理失败率", "new"),
    ("家庭宽带业务开通成功率", "家庭宽带业务开通失败率", "look"),
    ("客户投诉处理及时率", "客户投诉处理超时率", "look"),
    ("短信接收成功率", "短信发送成功率", "new"),
    ("热线接通率", "热线投诉量", "new"),
    ("复机及时率", "开机成功率", "new"),
    ("账单准确率", "营业厅等候时长", "new"),
]


@pytest.mark.parametrize(("one", "other", "verdict"), PAIRS)
def test_names_are_judged_as_a_person_judged_them(one: str, other: str, verdict: str) -> None:
    left, right = normal_name(one), normal_name(other)
    score = likeness(left, right)
    same = left == right or (score >= SAME and not opposed(left, right))
    assert ("same" if same else "look" if score >= LIKE else "new") == verdict, score
    assert likeness(right, left) == score


def _csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "旧指标.csv"
    path.write_bytes(text.encode(encoding))
    return path


MORE = ("customers.mean", "hall.visits_per_10k")
LIST = """\
指标编码,指标名称,指标定义,单位,层级,责任部门
ZB-01,业务办理的成功率（%）,办成占比,%,KQI,市场部
ZB-02,每万客户投诉量,投诉/客户,件/万户,KPI,客服部
hall.visits,厅访问,到厅,次,PI,
ZB-04,万户投诉量,重复的一行,件/万户,KPI,
ZB-05,办理业务成功率,办成占比,%,KPI,
"""


def _verdicts(found: Listing) -> list[tuple[str, str, str]]:
    return [(row.verdict, row.of, row.why) for row in found.rows]


@pytest.mark.requirement("S000-049")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_rows_are_new_duplicate_or_unclear_with_their_reason(small: Catalogue, tmp_path: Path, encoding: str) -> None:
    found = read_listing(_csv(tmp_path, LIST, encoding), small)
    assert _verdicts(found) == [
        ("duplicate", "hall.served_rate", "name"),
        ("new", "", ""),
        ("duplicate", "hall.visits", "code"),
        ("duplicate", "imported.zb_02", "name"),
        ("unclear", "hall.served_rate", "likeness"),
    ]


@pytest.mark.requirement("S000-049", "S000-030")
def test_rows_become_planned_indicators_that_keep_their_origin_and_pass_the_checks(
    small: Catalogue, tmp_path: Path
) -> None:
    found = read_listing(_csv(tmp_path, LIST), small)
    result, issues = load_with_issues("small", None, proposed=files_of(found.change, "proposal"))
    assert result is not None, issues
    first = result.indicators["imported.zb_01"]
    assert (first.state, first.measure, first.unit, first.layer) == ("planned", None, "percent", "KQI")
    assert (first.origin.kind, first.origin.reference, first.origin.item) == ("imported", "旧指标.csv", "ZB-01")
    assert first.same_as == "hall.served_rate"
    assert first.owner is not None
    assert result.indicators["imported.zb_02"].unit == "per_10k"
    assert result.indicators["imported.zb_05"].same_as is None


def test_a_list_imported_twice_is_all_duplicates(small: Catalogue, tmp_path: Path) -> None:
    path = _csv(tmp_path, LIST)
    result, _ = load_with_issues("small", None, proposed=files_of(read_listing(path, small).change, "proposal"))
    assert result is not None
    again = read_listing(path, result)
    assert {row.verdict for row in again.rows} == {"duplicate"}
    assert not {row.code for row in again.rows} & result.indicators.keys()


def test_somebody_may_decide_what_is_unclear(small: Catalogue, tmp_path: Path) -> None:
    found = read_listing(_csv(tmp_path, LIST), small, same={6: "hall.served_rate"}, new=[2])
    assert _verdicts(found)[0] == ("new", "", "said")
    assert _verdicts(found)[4] == ("duplicate", "hall.served_rate", "said")
    assert found.change.put["indicators"]["imported.zb_05"].same_as == "hall.served_rate"  # type: ignore[attr-defined]


def test_headings_may_be_named_and_stand_below_a_title(small: Catalogue, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (["现有指标一览"], [], ["号", "叫什么", "量纲"], [7, "新的指标", "光年"]):
        page.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    found = read_listing(path, small, {"name": "叫什么", "code": "号", "unit": "量纲"})
    assert [(row.number, row.item, row.name, row.code) for row in found.rows] == [(4, "7", "新的指标", "imported.7")]
    assert [issue.code for issue in found.notes] == ["CAT142"]


def _formula(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["名称"], ["=A1"]):
        book.active.append(row)
    path = tmp_path / "formula.xlsx"
    book.save(path)
    return path


def test_lists_that_cannot_be_taken_are_refused_with_their_reason(small: Catalogue, tmp_path: Path) -> None:
    def codes(path: Path, columns: dict[str, str] | None = None, same: dict[int, str] | None = None) -> set[str]:
        with pytest.raises(InputError) as caught:
            read_listing(path, small, columns, same=same)
        return {issue.code for issue in caught.value.issues}

    assert codes(tmp_path / "absent.csv") == {"CAT137"}
    assert codes(_csv(tmp_path, "名称\n")) == {"CAT137"}
    assert codes(_csv(tmp_path, "甲,乙\n一,二\n")) == {"CAT139"}
    assert codes(_csv(tmp_path, LIST), {"nme": "指标名称"}) == {"CAT138"}
    assert codes(_csv(tmp_path, "编码,名称\nA,\nB,乙指标\n")) == {"CAT140"}
    assert codes(_csv(tmp_path, LIST), same={99: "hall.visits", 2: "no.such"}) == {"CAT141"}
    assert codes(_formula(tmp_path)) == {"CAT133"}


@pytest.mark.requirement("S000-021", "S000-051")
def test_mapping_to_external_codes_is_reported_with_what_is_unmapped(small: Catalogue) -> None:
    etom, busmet = code_reports(small)
    assert [(each.code, each.external) for each in etom.mapped] == [("visit", "1.1.2.3")]
    assert not etom.unmapped
    assert [each.code for each in busmet.mapped] == ["hall.served_rate"]
    assert [each.code for each in busmet.unmapped] == ["hall.index", "hall.visits", "hall.short_waits", *MORE]
    with pytest.raises(InputError) as caught:
        code_reports(small, ["etomm"])
    assert caught.value.issues[0].params["near"] == "etom"
