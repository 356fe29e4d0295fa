"""The start page, the panoramas, the modules, places, halls and the wall, as readers see them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field, replace

import pytest

from ganzhi.access.rights import LOCAL, ROLES, RoleName, Viewer
from ganzhi.base.messages import LANGS, say
from ganzhi.measure.build.panorama.modules import MODULES
from ganzhi.measure.views.panorama.modules import LAYERS
from ganzhi.portal.context import PortalContext
from ganzhi.portal.pages.panorama.modules import OWN_LAYER, TOOLS
from ganzhi.portal.pages.panorama.wall import EVERY_S, SETS
from tests.portal.asking import Portal, Read
from tests.portal.fakes import FakeHouse

MOST_ELEMENTS = 1_500


@dataclass
class SeenBy(FakeHouse):
    """The fake house, seen by somebody of a role."""

    viewer: Viewer = field(default_factory=lambda: LOCAL)

    def context(self) -> PortalContext:
        whole = super().context()
        ports = whole.panorama
        assert ports is not None
        if not self.viewer.may("list"):
            module = ports.module
            ports = replace(ports, module=lambda code, query: replace(module(code, query), lists=None))
        return replace(whole, viewer=self.viewer, panorama=ports)


def of_role(role: RoleName, variant: str = "full") -> Portal:
    return Portal(SeenBy(variant, viewer=Viewer(role, role, role, (), ROLES[role].rights)))


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal()


def headings(text: str) -> list[str]:
    return [element.text.strip() for element in Read(text).all("h2")]


AREAS = {
    "考核指标展示区": "scorecard.title",
    "应用专题区域": "panorama.start.tools",
    "数据导入端口": "data.title",
    "动态服务指标简报": "panorama.brief.title",
    "投诉热点列表": "panorama.hot.title",
}


@pytest.mark.requirement("S002-116")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("variant", ["full", "empty", "many"])
def test_the_start_page_has_its_six_areas_with_or_without_data(lang: str, variant: str) -> None:
    text = Portal(FakeHouse(variant)).ask("/overview", lang=lang).text
    heads = headings(text)
    for area, key in AREAS.items():
        said = say(lang, f"portal.{key}")  # type: ignore[arg-type]
        assert any(head.startswith(said) for head in heads), area
    links = Read(text).links()
    assert {f"/modules/{module.code}" for module in MODULES} <= set(links)  # 专题分析区域
    assert "/imports" in links


@pytest.mark.parametrize("variant", ["full", "many"])
def test_the_start_page_stays_within_its_budget_of_elements(variant: str) -> None:
    text = Portal(FakeHouse(variant)).ask("/overview").text
    assert len(re.findall(r"<[a-zA-Z]", text)) <= MOST_ELEMENTS


def test_who_may_not_import_is_not_offered_to() -> None:
    assert "/imports" not in Read(of_role("leader").ask("/overview").text).links()


@pytest.mark.requirement("S002-012")
@pytest.mark.requirement("S002-125")
def test_a_hot_spot_is_one_click_from_its_records(portal: Portal) -> None:
    links = Read(portal.ask("/overview", lang="en").text).links()
    assert "/records/calls?indicator=hotline.requested&d.call_type=T0" in links
    assert "/records/calls?indicator=hotline.requested&region=AB-2" in links


def test_without_list_depth_a_hot_spot_leads_to_the_indicator() -> None:
    links = Read(of_role("leader").ask("/overview", lang="en").text).links()
    assert not any(link.startswith("/records/") for link in links)
    assert "/indicators/hotline.requested?by=call_type" in links


def test_hot_spots_say_what_they_grew_against_and_what_has_no_before(portal: Portal) -> None:
    text = portal.ask("/overview", lang="en").text
    assert "420 cases; mean of the periods before 310" in text
    rows = [row.text for row in Read(text).all("tr")]
    assert any("Plan dispute" in row and "▲ 35%" in row for row in rows)
    assert any("No data reminder" in row and "new" in row for row in rows)  # none before, so no per cent
    assert any("Top-up missing" in row and "–" in row for row in rows)


@pytest.mark.requirement("S002-111")
def test_the_three_layers_are_three_addresses_of_one_page(portal: Portal) -> None:
    for layer in LAYERS:
        answer = portal.ask(f"/modules?layer={layer}", lang="en")
        assert answer.status_code == 200
        current = [a.text for a in Read(answer.text).all("a") if a.attrs.get("aria-current") == "true"]
        assert say("en", f"portal.panorama.layer.{layer}") in current
        assert {f"/modules?layer={each}" for each in LAYERS} <= set(Read(answer.text).links())
    assert portal.ask("/modules?layer=deep").status_code == 400


@pytest.mark.requirement("S004-021")
def test_each_role_begins_with_its_own_layer_and_may_have_every_other() -> None:
    assert set(OWN_LAYER) == set(ROLES)
    for role in ROLES:
        page = of_role(role)
        first = Read(page.ask("/modules", lang="en").text)
        current = [a.text for a in first.all("a") if a.attrs.get("aria-current") == "true"]
        assert say("en", f"portal.panorama.layer.{OWN_LAYER[role]}") in current, role
        assert all(page.ask(f"/modules?layer={layer}").status_code == 200 for layer in LAYERS)


@pytest.mark.requirement("S002-114")
@pytest.mark.parametrize("lang", LANGS)
def test_a_module_shows_macro_dynamic_and_list_dimension(portal: Portal, lang: str) -> None:
    assert set(TOOLS) == {module.code for module in MODULES}
    for module in MODULES:
        answer = portal.ask(f"/modules/{module.code}", lang=lang)
        assert answer.status_code == 200
        heads = headings(answer.text)
        for dimension in ("macro", "dynamic", "lists"):
            said = say(lang, f"portal.panorama.dimension.{dimension}")  # type: ignore[arg-type]
            assert any(head.startswith(said) for head in heads), (module.code, dimension)
    assert portal.ask("/modules/nothing").status_code == 404


def test_a_module_without_data_says_so_and_links_what_it_waits_for(portal: Portal) -> None:
    text = portal.ask("/modules/proactive", lang="en").text
    assert "/dictionary/feeds/payments" in Read(text).links()
    assert "none has data yet" in text


def test_lists_of_a_module_are_closed_to_who_may_not_see_records() -> None:
    text = of_role("leader").ask("/modules/halls", lang="en").text
    assert say("en", "portal.panorama.lists_closed") in text
    assert not any(link.startswith("/records/") for link in Read(text).links())


@pytest.mark.requirement("S001-052")
def test_the_panorama_links_processes_touchpoints_and_indicators(portal: Portal) -> None:
    whole = Read(portal.ask("/journeys/panorama", lang="en").text).links()
    assert "/journeys/panorama?process=pay" in whole
    text = portal.ask("/journeys/panorama?process=pay", lang="en").text
    one = Read(text).links()
    assert any(link.startswith("/indicators/pay.") for link in one)
    assert any(link.startswith("/journeys/pay#tp-") for link in one)
    assert "97.5" in text  # the number, where it is measured
    assert portal.ask("/journeys/panorama?process=nowhere").status_code == 400


@pytest.mark.requirement("S001-096")
def test_the_life_cycle_shows_weight_score_problems_and_places(portal: Portal) -> None:
    text = portal.ask("/journeys/lifecycle", lang="en").text
    row = next(row.text for row in Read(text).all("tr") if "Meet a problem" in row.text)
    assert "12.0%" in row
    assert "61.5" in row
    assert row.count("Answer rate") == 4
    table = portal.ask("/journeys/lifecycle.csv", lang="en").text.lstrip("\ufeff").partition("\r\n\r\n")[0]
    read = list(csv.DictReader(io.StringIO(table, newline="")))
    assert len(read) == 5  # two stages, three activities
    silent = next(each for each in read if "Problem recurs" in each.values())
    assert silent["Score"] == ""  # unknown is unknown and not zero


def test_a_place_is_told_with_rank_movement_and_levels(portal: Portal) -> None:
    text = portal.ask("/regions/AB-1", lang="en").text
    head = next(Read(text).all("h1")).text
    assert "rank 2 of 2" in head
    assert "▼ 1" in head
    assert "3 indicators in alert" in head


def test_halls_stand_with_their_promotion_of_electronic_channels(portal: Portal) -> None:
    page = Read(portal.ask("/halls", lang="en").text)
    assert "/halls/AB-2" in page.links()
    assert any(link.startswith("/indicators/") and "region=AB-2" in link for link in page.links())
    assert portal.ask("/halls/AB-1").status_code == 404  # a place, but no hall
    assert portal.ask("/halls?page=2").status_code == 400


@pytest.mark.parametrize("shown", SETS)
def test_the_wall_goes_round_by_itself_and_takes_no_script(portal: Portal, shown: str) -> None:
    seen, address = [], f"/wall/{shown}"
    while address not in seen:
        seen.append(address)
        page = Read(portal.ask(address, lang="en").text)
        assert not list(page.all("script", "form", "button"))
        refresh = next((m.attrs["content"] for m in page.all("meta") if m.attrs.get("http-equiv") == "refresh"), None)
        assert refresh is not None
        wait, _, following = refresh.partition(";url=")
        if not following:  # a single screen is only read again
            break
        assert int(wait) == EVERY_S
        address = following
    assert address == f"/wall/{shown}" or len(seen) == 1
    assert portal.ask("/wall/none").status_code == 404
