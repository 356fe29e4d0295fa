"""The taxonomy of complaints: the sources' worked domains, every class once, editable; and the register of issues."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.base.errors import Issue
from ganzhi.catalogue.load import load_catalogue, load_with_issues
from ganzhi.catalogue.model.taxonomy import ServiceIssue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.wording import wording

SOURCES: dict[str, dict[str, tuple[str, ...]]] = {
    "plan_provisioning": {
        "order_record": ("流量", "宽带", "彩铃"),
        "provisioning": ("统一支付", "GPRS 流量产品", "融合套餐"),
        "feature_use": ("短信", "国际漫游", "亲情快线"),
    },
    "customer_data": {
        "customer_data": ("VIP 等级评定", "客户名称变更", "实名资料", "开销户记录", "欠费账单", "历史预缴促销", "宽带号码无法"),
    },
    "billing": {
        "charge_doubt": ("资费疑问", "使用量疑问"),
        "billing_run": ("集团出账疑问",),
        "statement_data": ("报表数据缺失",),
    },
    "sms_channel": {
        "sms_content": ("统一支付", "到期提醒", "二次确认"),
        "sms_late": ("短信账单", "上网升级", "流量提醒"),
        "sms_source": ("宣传类短信",),
    },
}  # fmt: skip
"""What the sources name in each of the four domains they work out (L434 to L436, L438, L493, L494, L542 to L544)."""


@pytest.fixture(scope="module")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


def issues_of(folder: Path, overlay: str) -> list[Issue]:
    folder.mkdir(exist_ok=True)
    (folder / "own.yaml").write_text(overlay, encoding="utf-8")
    return list(load_with_issues("telecom", folder)[1])


@pytest.mark.requirement("S000-083")
@pytest.mark.requirement("S000-084")
@pytest.mark.requirement("S000-085")
@pytest.mark.requirement("S000-086")
@pytest.mark.parametrize("domain", sorted(SOURCES))
def test_the_worked_domains_hold_what_the_sources_name(pack: Catalogue, domain: str) -> None:
    categories = pack.problem_domains[domain].categories
    assert list(categories) == list(SOURCES[domain])
    for code, names in SOURCES[domain].items():
        items = [item.zh for item in categories[code].items]
        assert len(items) == len(names)
        assert all(name in item for name, item in zip(names, items, strict=True))
        assert all(each in wording(pack, "category")[code] for each in categories[code].cues if each.isascii() is False)


@pytest.mark.requirement("S000-105")
def test_every_class_stands_in_one_domain_and_one_takes_the_rest(pack: Catalogue, tmp_path: Path) -> None:
    of = [(code, each) for domain in pack.problem_domains.values() for code, each in domain.categories.items()]
    codes = [code for code, _ in of]
    assert sorted(codes) == sorted({entry.to for entry in pack.code_lists["complaint_categories"].entries})
    assert sorted(codes) == sorted(pack.dimensions["complaint_category"].values)
    assert [code for code, each in of if each.catch_all] == ["other"]
    said = [word for _, each in of for word in each.cues]
    assert len(said) == len(set(said)) > 200
    gap = """code_lists:
  complaint_categories:
    name: {zh: 类别, en: Categories}
    entries: [{code: other, to: other}, {code: telegraph, to: telegraph}]
"""
    found = [each.params["value"] for each in issues_of(tmp_path / "gap", gap) if each.code == "CAT273"]
    assert sorted(found) == sorted({*codes, "telegraph"} - {"other"})


@pytest.mark.requirement("S000-105")
def test_a_class_is_renamed_and_split_by_a_file_and_the_catalogue_has_a_new_version(
    pack: Catalogue, tmp_path: Path
) -> None:
    own = """problem_domains:
  product:
    name: {zh: 产品, en: Products}
    categories:
      product_quality: {name: {zh: 产品与终端质量, en: Products and handsets}, cues: [死机]}
"""
    assert issues_of(tmp_path, own) == []
    changed = load_catalogue("telecom", tmp_path)
    assert changed.version != pack.version
    assert changed.problem_domains["product"].categories["product_quality"].name.zh == "产品与终端质量"
    assert wording(changed, "category")["product_quality"] == ("产品与终端质量", "死机")


@pytest.mark.requirement("S000-087")
def test_the_register_of_issues_has_the_seven_columns_and_a_class_for_the_rest(pack: Catalogue) -> None:
    columns = ("number", "issue", "issue_class", "example", "root_cause", "document", "theme")
    assert tuple(ServiceIssue.model_fields) == columns
    register = pack.issue_registers["experience"]
    assert [each.name.zh for each in register.classes.values() if each.catch_all] == ["其它问题"]
    [halls] = [each for each in register.issues if each.number == 1]
    assert all(getattr(halls, column) is not None for column in columns)
    assert halls.example is not None
    assert "16" in halls.example.zh
