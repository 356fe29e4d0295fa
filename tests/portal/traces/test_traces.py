"""Pages of traces: what leads where, what those see who may not see lists, and what is not there."""

from __future__ import annotations

import pytest

from tests.portal.asking import Portal, Read
from tests.portal.test_panorama import of_role


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal()


@pytest.mark.requirement("S000-071", "S000-072", "S001-080")
def test_a_stuck_list_is_one_click_from_its_customers_and_their_file(portal: Portal) -> None:
    page = Read(portal.ask("/traces/recharge?period=1999-W02", lang="en").text)
    assert "/traces/recharge/list/unpaid?period=1999-W02" in page.links()
    listed = portal.ask("/traces/recharge/list/unpaid?period=1999-W02", lang="en")
    assert "138****5521" in listed.text
    assert "/traces/recharge/chain/K0001?period=1999-W02" in Read(listed.text).links()
    taken = portal.ask("/traces/recharge/list/unpaid.csv?period=1999-W02", lang="en").text
    assert "138****5521" in taken
    assert "K0001" in taken


def test_without_list_depth_there_are_no_lists_and_small_numbers_are_not_told() -> None:
    leader = of_role("leader")
    page = leader.ask("/traces/recharge", lang="en")
    assert not any("/list/" in link for link in Read(page.text).links())
    assert "fewer than 5" in page.text
    assert leader.ask("/traces/recharge/list/unpaid").status_code == 403
    assert leader.ask("/traces/recharge/chain/K0001").status_code == 403


@pytest.mark.requirement("S000-075", "S000-076")
def test_a_day_tells_the_hop_the_signs_and_the_releases(portal: Portal) -> None:
    text = portal.ask("/traces/recharge/day/1999-01-20", lang="en").text
    assert "It broke at “Payment booked”" in text
    assert "1,467" in text
    assert "Accounting" in text
    assert "No hop differed" in portal.ask("/traces/recharge/day/1999-01-21", lang="en").text
    taken = portal.ask("/traces/recharge/day/1999-01-20.json", lang="en").text
    assert "1467" in taken
    assert "Payment booked" in taken


def test_money_is_told_in_yuan_and_lengths_of_time_in_the_reader_s_words(portal: Portal) -> None:
    assert "50.00 元" in portal.ask("/traces/recharge/list/unpaid", lang="zh").text
    page = portal.ask("/traces/recharge", lang="zh").text
    assert "−3.0 秒" in page
    assert "−3.0 s" not in page
    assert "未知的列：短信告知的余额。" in page
    assert "61 条记录快于平时最短间隔，最多快 2 分" in page


def test_what_is_not_there_is_said(portal: Portal) -> None:
    for address in (
        "/traces/nothing",
        "/traces/recharge/list/nothing",
        "/traces/recharge/chain/nobody",
        "/traces/recharge/day/soon",
    ):
        assert portal.ask(address).status_code in (400, 404), address


def test_hops_are_split_by_what_was_chosen_and_clocks_bounded_on_one_side_are_marked(portal: Portal) -> None:
    whole = portal.ask("/traces/recharge", lang="en")
    assert "/traces/recharge?by=entry" in Read(whole.text).links()
    assert "1,999" not in whole.text
    assert "one side" in whole.text
    split = portal.ask("/traces/recharge?by=entry", lang="en").text
    assert split.count("1,999") == 1
    assert (
        "/traces/recharge?by=entry&amp;hop=state" in split
        or "/traces/recharge?by=entry&hop=state" in Read(split).links()
    )
    assert portal.ask("/traces/recharge?by=entry&hop=nowhere").status_code == 400
    assert "1,999" in portal.ask("/traces/recharge.csv?by=entry", lang="en").text
    assert portal.ask("/traces/recharge?by=subscriber").status_code == 400
    leader = of_role("leader").ask("/traces/recharge?by=entry", lang="en").text
    assert "fewer than 5" in leader
