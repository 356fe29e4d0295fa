"""Suggestions: only what is approved and valid, best first, with the words that decided; real messages and their replies."""

from __future__ import annotations

import csv
import gzip
import statistics
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.cli.serve import CASES, sample_file
from ganzhi.complaints.cases import suggest
from ganzhi.complaints.cases.exchange import read
from ganzhi.complaints.cases.library import Case, Index, Library
from ganzhi.complaints.cases.suggest import CATEGORY_ADDS
from ganzhi.complaints.cases.synonyms import Synonyms
from ganzhi.complaints.cases.views import CasesQuery
from ganzhi.complaints.clocks import Happening, read_clocks
from ganzhi.complaints.worktime import Calendar
from ganzhi.numerics.text.rank import Ranking
from ganzhi.province.complaints.texts import texts
from ganzhi.province.complaints.texts.topics_more import TOPICS
from tests.complaints.cases.shelf import ANN, TODAY, Shelf, content, viewer


def titles(shelf: Shelf, text: str, category: str | None = None, on: date = TODAY) -> list[str]:
    return [each.case.content.title for each in suggest(shelf.library, text, category, None, on)]


@pytest.mark.requirement("S003-035")
def test_only_what_is_approved_and_valid_is_suggested(shelf: Shelf) -> None:
    cases = shelf.store.cases
    shelf.put(title="good")
    shelf.put(title="ended", valid_to=date(2026, 11, 20))
    shelf.put(title="to come", valid_from=date(2026, 12, 1))
    cases.retire(shelf.put(title="retired").entry, by="bob", note="old")
    shelf.desk.save_case(ANN, None, content(title="draft"))
    assert titles(shelf, "停机") == ["good"]
    assert titles(shelf, "停机", on=date(2026, 12, 1)) == ["good", "to come"]
    assert titles(shelf, "停机", on=date(2026, 11, 20)) == ["good", "ended"]
    assert titles(shelf, "宽带") == titles(shelf, "") == titles(shelf, "？！😀") == []


def test_an_edit_is_suggested_once_it_is_approved(shelf: Shelf) -> None:
    held = shelf.put(symptom="缴费之后仍然停机")
    edited = shelf.store.cases.edit(
        held.entry, {**held.latest.content, "symptom": "副卡仍然停机"}, by="ann", reason=""
    )  # fmt: skip
    assert suggest(shelf.library, "副卡", None, None, TODAY) == ()
    shelf.store.cases.approve(edited.entry, by="bob")
    assert suggest(shelf.library, "副卡", None, None, TODAY)[0].words == ("副卡",)


def test_the_index_is_made_anew_only_when_another_version_is_in_force(shelf: Shelf) -> None:
    shelf.put()
    first = shelf.library.index()
    shelf.desk.save_case(ANN, None, content(title="draft"))
    assert shelf.library.index() is first
    shelf.put(title="another")
    assert shelf.library.index() is not first


def test_words_decide_in_whatever_writing_they_come(shelf: Shelf) -> None:
    shelf.put(title="5G 網速慢", symptom="網速慢")
    shelf.put(title="排队太久", symptom="等了一个小时", cause="台席没有开", fix="开台席", wording="抱歉")
    found = suggest(shelf.library, "５Ｇ网速慢！！ 13800138000" + "。" * 1_000_000, None, None, TODAY)
    assert [each.case.content.title for each in found] == ["5G 網速慢"]
    assert set(found[0].words) == {"网速慢", "5g"}


def test_other_words_for_the_same_thing_are_searched_with_while_they_hold(shelf: Shelf) -> None:
    shelf.put(title="一", symptom="充值未到账", cause="接口", fix="重推", wording="抱歉")
    shelf.put(title="二", symptom="排队久", cause="台席", fix="加开", wording="抱歉")
    synonyms = Synonyms.of(shelf.library.place.catalogue)

    def asked(text: str) -> list[tuple[str, tuple[str, ...]]]:
        found = suggest(shelf.library, text, None, None, TODAY, synonyms=synonyms)
        return [(each.case.content.title, each.words) for each in found]

    assert suggest(shelf.library, "钱没了", None, None, TODAY) == ()
    assert asked("钱没了") == [("一", ("钱没了＝未到账",))]
    assert asked("站着等") == []  # the group has ended
    said, other = (
        suggest(shelf.library, text, None, None, TODAY, synonyms=synonyms)[0] for text in ("未到账", "钱没了")
    )
    assert said.score > other.score > 0
    assert [row.title for row in shelf.desk.looking(ANN).found(CasesQuery(q="钱没了")).rows] == ["一"]


def test_a_case_of_the_category_gets_points_and_none_without_common_words(shelf: Shelf) -> None:
    shelf.put(title="一", category="waiting")
    shelf.put(title="二", category="charges")
    shelf.put(title="三", symptom="排队", cause="排队", fix="排队", wording="排队", category="charges")
    plain = suggest(shelf.library, "缴费之后停机", None, None, TODAY)
    assert [each.case.content.title for each in plain] == ["一", "二"]
    boosted = suggest(shelf.library, "缴费之后停机", "charges", None, TODAY)
    assert [each.case.content.title for each in boosted] == ["二", "一"]
    assert boosted[0].score == pytest.approx(plain[0].score + CATEGORY_ADDS)
    assert [each.same_category for each in boosted] == [True, False]


def test_what_is_shown_opened_and_judged_is_counted(shelf: Shelf) -> None:
    number = shelf.put().entry.number
    shelf.desk.suggest(ANN, "停机", "charges", None, occasion="ticket:T1")
    shown = shelf.desk.suggest(ANN, "停机", "charges", None, occasion="ticket:T1")
    assert shown[0].judged is None
    shelf.desk.opened(ANN, number, "ticket:T1")
    shelf.desk.used(ANN, number, "ticket:T1", True)
    again = shelf.desk.suggest(viewer("handler"), "停机", None, None, occasion="ticket:T1")
    counts = again[0].row.counts
    assert (counts.shown, counts.opened, counts.used, counts.helped) == (2, 1, 1, 1)
    assert shelf.desk.suggest(ANN, "停机", None, None, occasion="ticket:T1")[0].judged is True


def test_the_category_decides_where_a_complaint_has_few_words() -> None:
    """Simulated complaints to the sample cases, with categories of which four in five are right."""
    given = read("telecom.json", sample_file(CASES).read_bytes())
    cases = tuple(Case(cast("Any", None), each.content, each.content) for each in given)
    index = Index(cases)
    library = cast("Library", SimpleNamespace(index=lambda: index))
    rng = np.random.default_rng(3)
    topics = rng.integers(0, len(TOPICS), 300)
    true = [TOPICS[topic].category for topic in topics]
    said = texts(rng, topics)
    told = [name if rng.random() < 0.8 else cases[rng.integers(20)].latest.category for name in true]
    firsts = {
        known: [
            suggest(library, text, name if known else None, None, TODAY, 1)
            for text, name in zip(said, told, strict=True)
        ]
        for known in (True, False)
    }
    right = {
        known: sum(bool(one) and one[0].case.latest.category == name for one, name in zip(found, true, strict=True))
        / 300
        for known, found in firsts.items()
    }
    assert right[False] < 0.3
    assert right[True] > 0.55


# -- real messages -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def messages(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "gov_complaints_zh" / "messages_with_replies.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.requirement("S003-035")
def test_the_own_reply_is_suggested_for_a_real_message(messages: list[dict[str, str]]) -> None:
    """Mean reciprocal rank at 10 among 2,816; all of them give 0.689."""
    day = date(2020, 1, 1)
    index = Index(tuple(_reply(row["答复意见"], place) for place, row in enumerate(messages)))
    library = cast("Library", SimpleNamespace(index=lambda: index))
    some, total = range(0, len(messages), 14), 0.0
    for at in some:
        asked = f"{messages[at]['留言主题']} {messages[at]['留言详情']}"
        places = [cast("int", each.case.entry) for each in suggest(library, asked, None, None, day, 10)]
        total += 1 / (1 + places.index(at)) if at in places else 0
    assert total / len(some) >= 0.68


def _reply(text: str, place: int) -> Case:
    said = content(title="", symptom=text, cause="", fix="", wording="", valid_from=date(2000, 1, 1))
    held: Any = SimpleNamespace(entry=place, latest=None, in_force=None)
    return Case(held, said, said)


def test_reply_times_are_those_that_the_data_set_states(messages: list[dict[str, str]]) -> None:
    always = Calendar(UTC, ((time(0), None),), frozenset(), frozenset())  # type: ignore[arg-type]
    days = []
    for row in messages:
        try:
            received, replied = (_moment(row[name]) for name in ("留言时间", "答复时间"))
        except ValueError:
            continue
        told = (Happening(received, "received"), Happening(replied, "closed"))
        clock = read_clocks(told, TimeLimit(hours=8784), always, datetime(2030, 1, 1, tzinfo=UTC)).ticket
        assert clock is not None
        days.append(clock.spent.total_seconds() / 86400)
    assert len(days) == 2815
    low, median, high = statistics.quantiles(days, n=4, method="inclusive")
    assert [round(each, 2) for each in (statistics.fmean(days), low, median, high)] == [20.34, 4.81, 11.21, 22.26]
    assert round(max(days), 1) == 1160.4


def _moment(text: str) -> datetime:
    return datetime.strptime(text.replace("-", "/"), "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)


def test_the_words_of_a_hit_weigh_as_much_as_the_hit(messages: list[dict[str, str]]) -> None:
    ranking = Ranking([row["答复意见"] for row in messages[:300]])
    for row in messages[:20]:
        for hit in ranking.best(row["留言主题"], 3):
            words = ranking.deciding(row["留言主题"], hit.at, 1_000)
            assert sum(word.weight for word in words) == pytest.approx(hit.score)
            assert all(word.text in row["留言主题"].lower() for word in words)
            assert list(words) == sorted(words, key=lambda word: (-word.weight, word.text))
