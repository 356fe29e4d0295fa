"""The page that says where a change comes from: what is shown adds up, and says no more than the numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ganzhi.measure.views.explain import ExplainPage, ExplainQuery, SearchView
from ganzhi.portal.charts.steps import step_cells
from ganzhi.portal.pages.explained import headline, part_note, shown_parts
from ganzhi.portal.present import Words
from ganzhi.portal.sentences import plain
from tests.portal import numbers as n
from tests.portal.asking import Portal, Read
from tests.portal.fake_explain import explained

EN, ZH = Words("en", n.ZONE), Words("zh", n.ZONE)
RATE = n.subject("hotline.answer_rate", "接通率", "Answer rate", limits=(85, 92, 97))
SCORE = replace(n.subject("hotline.waiting", "等待感知", "Waiting", "points", "higher"), layer="KQI")


def page(about: object = RATE, **changed: object) -> ExplainPage:
    made = explained("full", n.scope(), about, ExplainQuery(), lambda text: text)  # type: ignore[arg-type]
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.requirement("S000-125")
def test_headline_names_the_combination_its_share_and_both_halves() -> None:
    assert plain(headline(EN, page())) == (
        "Anonymous Bank centre: Answer rate ≈ 80.8%, on last week ▼ 8.2 pp: Team two × Prospect carries 60.0% of it; "
        "by Call type, −7.28 pp of it are the parts themselves and −0.90 pp their mix"
    )
    assert plain(headline(ZH, page())) == (
        "匿名银行客服中心接通率 ≈ 80.8%，较上周 ▼ 8.2 个百分点：二组 × 潜在客户承载其中 60.0%；"
        "按来电类型看，各部分自身 −7.28 个百分点，构成变化 −0.90 个百分点"
    )


def test_headline_says_when_the_mix_carries_what_every_part_denies() -> None:
    made = page()
    turned = replace(made.cuts[1], reversed=True, rate=2.0, mix=-10.18)
    said = plain(headline(EN, replace(made, cuts=(made.cuts[0], turned))))
    assert "every part moved the other way, and the mix carries the change (−10.18 pp)" in said


def test_headline_says_when_nothing_stands_out() -> None:
    spread = SearchView("spread", ((EN_TEAM,),), 18, ())
    assert "no combination stands out" in plain(headline(EN, page(search=spread)))


EN_TEAM = n.text("班组", "Team")


def test_headline_of_a_score_names_the_child_that_adds_most_in_the_direction_of_the_change() -> None:
    made = page(SCORE)
    assert plain(headline(EN, made)).endswith("Mean wait adds −4.2 points")
    rose = replace(made, difference=4.3)
    assert plain(headline(EN, rose)).endswith("Answer rate adds +0.8 points")


@pytest.mark.parametrize("why", ["no_data_now", "no_data_before", "no_target", "peers"])
def test_what_cannot_be_split_is_said_in_one_sentence(why: str) -> None:
    for words in (EN, ZH):
        said = plain(headline(words, page(why=why)))
        assert said
        assert not re.search(r"\d", said)


def test_parts_that_are_not_shown_are_summed_so_that_the_table_adds_up() -> None:
    cut = page().cuts[1]
    shown = shown_parts(cut)
    assert len(shown) < len(cut.rows)
    assert shown[-1].others == len(cut.rows) - len(shown) + 1
    for name in ("change", "rate", "mix", "share"):
        everything = sum(getattr(row, name) for row in cut.rows)
        assert sum(getattr(part, name) for part in shown) == pytest.approx(everything, abs=1e-12)


def test_a_part_of_one_date_is_said_so() -> None:
    made = page()
    by_key = {row.key: row for row in made.cuts[1].rows}
    assert part_note(EN, made, by_key["IN"]) == "only in this period"
    assert part_note(EN, made, by_key["TT"]) == "only in the period compared with"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_says_that_something_is_the_cause(lang: str) -> None:
    portal = Portal()
    for address in ("/explain/hotline.answer_rate?moves=1", "/explain/hotline.waiting?vs=target"):
        text = re.sub(r"Moving together is not causing\.|同步变化不等于因果。", "", portal.ask(address, lang=lang).text)
        assert not re.search(r"caus|because|导致|造成|因为", text, re.IGNORECASE)


def test_every_count_leads_to_records_of_that_part_and_the_indicator_leads_here() -> None:
    portal = Portal()
    links = Read(portal.ask("/explain/hotline.answer_rate").text).links()
    assert any("d.call_type=NW" in link and link.startswith("/records/calls?") for link in links)
    assert "/explain/hotline.answer_rate?region=AB-2" in links
    assert "/explain/hotline.answer_rate" in Read(portal.ask("/indicators/hotline.answer_rate").text).links()


def test_a_waterfall_ends_where_its_sum_is() -> None:
    cells = step_cells([-3.0, 1.0, -2.0], [True, False, True])
    bars = [re.search(r'<rect x="([\d.]+)%" y="8" width="([\d.]+)%"', cell) for cell in cells]
    spans = [(float(bar[1]), float(bar[1]) + float(bar[2])) for bar in bars if bar]
    assert spans == [(25.0, 100.0), (25.0, 50.0), (0.0, 50.0), (0.0, 100.0)]
