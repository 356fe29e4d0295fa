"""Recognition from closed complaints to a text that is read: learnt, kept, compared, taken into use, gone back on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise import kept
from ganzhi.complaints.recognise.heads import KIND
from ganzhi.complaints.recognise.read import domain_of, recognise
from ganzhi.complaints.recognise.text import LONGEST, cleaned, masked
from ganzhi.complaints.recognise.train import Example, compare, examples, train
from ganzhi.complaints.recognise.words import Words
from ganzhi.province.complaints.texts import OF_CATEGORY, TOPICS, texts, topics_of
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows

DAY = date(2026, 9, 1)
FEW = ("resume", "order_record", "network_data", "service_attitude", "charge_doubt")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue("telecom", None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Workplace]:
    """400 complaints of 20 days, a third still open, some told twice; with texts of the simulated province."""
    workplace = make_workplace(tmp_path_factory.mktemp("complaints"), catalogue)
    rng = np.random.default_rng(7)
    known = [category for category in FEW if category in OF_CATEGORY]
    categories = [known[n % len(known)] for n in range(400)]
    topics = topics_of(rng, categories)
    said = texts(rng, topics)
    rows = []
    for n, (category, topic, text) in enumerate(zip(categories, topics.tolist(), said, strict=True)):
        received = datetime(2026, 9, 1 + n % 20, 2, n % 60, tzinfo=UTC)
        rows.append(
            {
                "complaint_id": f"c{n}", "received_at": received, "unit": "JD", "channel": "hotline",
                "kind": "escalated" if "领导" in text or n % 11 == 0 else "ordinary",
                "commercial_process": TOPICS[topic].commercial, "process": TOPICS[topic].process, "category": category,
                "content": text if n % 50 else said[0], "closed_at": None if n % 3 == 0 else received + timedelta(hours=5),
            }
        )  # fmt: skip
    put_rows(workplace, "complaints", rows)
    yield workplace
    workplace.store.close()


@pytest.mark.requirement("S001-016")
def test_a_model_is_learnt_kept_compared_taken_into_use_and_gone_back_on(
    place: Workplace, catalogue: Catalogue
) -> None:
    learnt, unseen = examples(place, DAY, date(2026, 9, 14)), examples(place, date(2026, 9, 15), date(2026, 9, 20))
    assert len({(each.text, *each.truth.values()) for each in learnt}) == len(learnt)
    assert len(learnt) + len(unseen) in range(240, 268)
    model = train(catalogue, learnt, DAY, date(2026, 9, 14))
    card = model.card["heads"]["category"]
    assert card["macro_f1"] > 0.6
    assert sum(c["support"] for c in card["classes"]) == card["n"] == sum(b["n"] for b in card["bins"])
    assert place.store.learnt.in_use(KIND) is None
    first = kept.keep(place, model, by="lin")
    assert kept.in_use(place) is None
    place.store.learnt.use(first, by="wang", note="first")
    loaded = kept.in_use(place)
    assert loaded is not None
    against = {each.head: each for each in compare(model, loaded[1], unseen)}
    same = against["category"].in_use
    assert same is not None
    assert against["category"].candidate.macro_f1 == same.macro_f1
    with pytest.raises(InputError, match="TXT006"):
        place.store.learnt.use(first, by="wang")

    second = kept.keep(place, train(catalogue, learnt[: len(learnt) // 2], DAY, date(2026, 9, 14)), by="lin")
    place.store.learnt.use(second, by="wang")
    place.store.learnt.use(first, by="wang", note="back")
    assert [use.note for use in place.store.learnt.uses(KIND)] == ["back", "", "first"]
    assert place.store.learnt.in_use(KIND) == first
    acts = [entry.act for entry in place.store.audit.entries()]
    assert acts.count("model.use") == 3
    assert acts.count("model.train") == 2

    text = unseen[0].text
    read = recognise(catalogue, loaded[1], [text, "𠀀"], DAY)
    guess = read[0].guesses["category"]
    assert guess.value in FEW
    assert all(word.text in text for word in guess.words)
    assert guess.words
    assert guess.probability >= guess.others[0][1] >= guess.others[1][1]
    assert read[0].domain is not None
    assert read[0].domain[1] >= guess.probability - 1e-9 or read[0].domain[0] != domain_of(catalogue, guess.value)
    assert read[0].escalation is not None
    assert (read[1].guesses["category"].value, read[1].domain, read[1].escalation) == (None, None, None)


def test_a_damaged_or_missing_file_is_refused(place: Workplace) -> None:
    made = kept.keep(place, train(place.catalogue, examples(place, DAY, date(2026, 9, 20)), DAY, DAY), by="lin")
    path = place.root / kept.FOLDER / KIND / f"{made.digest}.npz"
    content = path.read_bytes()
    assert kept.as_bytes(kept.from_bytes(content)) == content
    path.write_bytes(content[:-1])
    with pytest.raises(InputError, match="TXT004"):
        kept.load(place, made)
    path.unlink()
    with pytest.raises(InputError, match="TXT004"):
        kept.load(place, made)
    path.write_bytes(content)
    assert kept.named(place, str(made.number)) == made
    with pytest.raises(InputError, match="TXT003"):
        kept.named(place, "99")


def test_too_little_to_learn_from_is_said(catalogue: Catalogue) -> None:
    few = [Example("停机", {"category": "a"}), Example("上网慢", {"category": "b"})]
    with pytest.raises(InputError, match="TXT002"):
        train(catalogue, few, DAY, DAY)


def test_texts_come_clean_however_they_came() -> None:
    assert cleaned("ＷＬＡＮ　网速１００Ｍ\r\n\tOK\x00\ud800") == "WLAN 网速100M OK"
    assert cleaned("話費突然變多，請查詢") == "话费突然变多,请查询"
    assert cleaned("信号差😡😡") == "信号差😡😡"
    assert cleaned("") == cleaned(" \x00\n") == ""
    assert len(cleaned("停" * 1_000_000)) == LONGEST


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("号码１３８１２３４５５２１停机", "号码138****5521停机"),
        ("+86 138-1234-5521", "+86****5521"),
        ("身份证110105194912310021", "身份证1101****0021"),
        ("座机0571-87654321", "座机057****21"),
        ("卡号6222021234567890123", "卡号62****23"),
        ("写信到 wang.wei@example.com", "写信到 ****@****"),
        ("20260901交了50元，订单12345", "20260901交了50元，订单12345"),
    ],
)
def test_numbers_and_addresses_in_a_text_are_covered(text: str, shown: str) -> None:
    assert masked(text).replace(",", "，") == shown


def test_words_are_found_longest_first_and_not_inside_other_words(catalogue: Catalogue) -> None:
    words = Words.of(catalogue)

    def named(text: str) -> list[tuple[str, str]]:
        return [(each.purpose, each.value) for each in words.find(cleaned(text), DAY)]

    assert named("我要转到中国联通，他们便宜") == [("cause", "leave"), ("competitor", "unicom"), ("cause", "price")]
    assert named("關聯通道沒開") == []
    assert named("电信业务办理慢") == []
    assert named("對方是電信的") == [("competitor", "telecom")]
    assert named("很不满意") == []
    assert named("很满意，感谢") == [("positive", "满意"), ("positive", "感谢")]
    assert named("再不解决就找12315和记者曝光") == [
        ("escalation", "consumer_body"), ("escalation", "media"), ("escalation", "media"),
    ]  # fmt: skip


def test_without_a_model_words_and_places_are_still_read(catalogue: Catalogue) -> None:
    named = {
        code: Unit.model_validate({"name": {"zh": name, "en": code}, "level": level, "parent": parent})
        for code, name, level, parent in (
            ("P", "全省", "province", None), ("C", "江宁", "city", "P"), ("D", "江宁河西", "county", "C"), ("T", "一", "team", "D"),
        )
    }  # fmt: skip
    far = "他们便宜" + "，" * 20 + "联通"
    read = recognise(replace(catalogue, units=named), None, ["江宁河西火车站没信号，太差了，谢谢", "", far], DAY)
    assert (read[0].places, read[0].scenes, read[0].mood) == (("D",), ("province",), "mixed")
    assert (read[0].guesses, read[0].domain, read[0].escalation) == ({}, None, None)
    assert (read[1].mood, read[1].found) == ("neutral", ())
    assert read[2].competitors == {"unicom": ()}


def test_a_lexicon_holds_within_its_days(catalogue: Catalogue) -> None:
    lexicon = catalogue.lexicons["competitors"]
    dated = lexicon.terms[0].model_copy(update={"valid_from": date(2026, 9, 2), "valid_to": date(2026, 9, 3)})
    words = Words({"competitors": lexicon.model_copy(update={"terms": (dated,)})})
    assert [len(words.find("联通", DAY + timedelta(days=n))) for n in range(4)] == [0, 1, 1, 0]


def test_a_category_that_no_domain_holds_is_other(catalogue: Catalogue) -> None:
    assert domain_of(catalogue, "sms_late") == "sms_channel"
    assert domain_of(catalogue, "unknown") == "other"


@pytest.fixture(scope="module")
def learnt(place: Workplace) -> kept.Model:
    return train(place.catalogue, examples(place, DAY, date(2026, 9, 20)), DAY, DAY)


def with_category(catalogue: Catalogue, domain: str, category: str, **changes: object) -> Catalogue:
    entry = catalogue.problem_domains[domain]
    of = {**entry.categories, category: entry.categories[category].model_copy(update=changes)}
    domains = {**catalogue.problem_domains, domain: entry.model_copy(update={"categories": of})}
    return replace(catalogue, problem_domains=domains)


def test_a_category_that_has_ended_gives_way_to_its_heir_and_goes_to_a_person(
    place: Workplace, catalogue: Catalogue, learnt: kept.Model
) -> None:
    texts = [each.text for each in examples(place, DAY, date(2026, 9, 20))]
    before = recognise(catalogue, learnt, texts, DAY, explain=False)
    of = [at for at, each in enumerate(before) if each.guesses["category"].value == "charge_doubt"]
    assert any(before[at].guesses["category"].sure for at in of)
    later = with_category(catalogue, "billing", "charge_doubt", valid_to=DAY, now="statement_data")
    assert recognise(later, learnt, texts, DAY, explain=False) == before
    after = recognise(later, learnt, texts, DAY + timedelta(days=1), explain=False)
    for at, each in enumerate(after):
        guess = each.guesses["category"]
        if at in of:
            assert (guess.value, guess.ended, guess.sure) == ("statement_data", "charge_doubt", False)
            assert guess.probability == before[at].guesses["category"].probability
        else:
            assert (guess.value, guess.ended) == (before[at].guesses["category"].value, None)
    entry = catalogue.problem_domains["billing"]
    fewer = {code: each for code, each in entry.categories.items() if code != "charge_doubt"}
    domains = {**catalogue.problem_domains, "billing": entry.model_copy(update={"categories": fewer})}
    gone = recognise(replace(catalogue, problem_domains=domains), learnt, texts, DAY, explain=False)
    assert {gone[at].guesses["category"].value for at in of} == {"other"}


@pytest.mark.requirement("S001-016")
def test_what_is_unlike_all_that_was_learnt_goes_to_a_person(
    place: Workplace, catalogue: Catalogue, learnt: kept.Model
) -> None:
    texts = [each.text for each in examples(place, DAY, date(2026, 9, 20))]
    like = [each.guesses["category"] for each in recognise(catalogue, learnt, texts, DAY, explain=False)]
    unlike = [
        "春眠不觉晓，处处闻啼鸟。",
        "The quick brown fox.",
        "梨花落后清明，燕子来时新社，池上碧苔三四点",
        "😡😡😡",
        "0" * 400,
    ]
    strange = [each.guesses["category"] for each in recognise(catalogue, learnt, unlike, DAY)]
    assert max(each.near for each in strange) < min(sorted(each.near for each in like)[len(like) // 20 :])
    assert not any(each.sure for each in strange)
    assert sum(each.sure for each in like) > 0.8 * len(like)
    card = learnt.card["heads"]["category"]
    assert card["unknown"]["macro_f1"] < card["macro_f1"]
    assert card["unknown"]["calibration_error"] < 0.2
    assert card["sure_share"] <= card["sure_share_known"]


def test_the_card_foretells_how_well_wordings_are_read_that_are_new(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 20 categories; every other sentence of each topic is kept for the trial."""

    def said(seed: int, count: int, part: int) -> list[Example]:
        some = [replace(each, phrases=each.phrases[part::2]) for each in TOPICS]
        monkeypatch.setattr("ganzhi.province.complaints.texts.TOPICS", tuple(some))
        rng = np.random.default_rng(seed)
        topics = rng.integers(0, len(TOPICS), count)
        said = [cleaned(each) for each in texts(rng, topics)]
        return [
            Example(each, {"category": TOPICS[at].category}) for each, at in zip(said, topics.tolist(), strict=True)
        ]

    model = train(catalogue, said(1, 1400, 0), DAY, DAY)
    unseen = next(compare(model, None, said(2, 700, 1))).candidate
    card = model.card["heads"]["category"]
    assert card["macro_f1"] > 0.9
    assert unseen.macro_f1 > 0.5
    assert card["unknown"]["macro_f1"] == pytest.approx(unseen.macro_f1, abs=0.12)
    assert unseen.calibration_error < 0.12


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ("話費突然變多，請查詢", "话费突然变多,请查询"),
        ("ＷＬＡＮ網速１００Ｍ", "WLAN网速100M"),
        ("宽带\x00断\ud800了\ufffe三天", "宽带断了三天"),
        ("宽带断了" + "三" * 1_000_000, "宽带断了" + "三" * (LONGEST - 4)),
        ("宽带断了三天😡🙏🏽👨‍👩‍👧", "宽带断了三天😡🙏🏽👨‍👩‍👧"),
    ],
)
def test_however_a_text_is_written_it_is_read_alike(
    catalogue: Catalogue, learnt: kept.Model, given: str, same: str
) -> None:
    one, other = recognise(catalogue, learnt, [given, same], DAY)
    assert one == other
    assert one.guesses["category"].value is not None


def test_texts_of_wrong_encodings_are_read_without_harm(catalogue: Catalogue, learnt: kept.Model) -> None:
    said = "上网很慢，请尽快处理"
    wrong = [
        said.encode("utf-8").decode("gb18030", "replace"), said.encode("gb18030").decode("utf-8", "replace"),
        said.encode("gb18030").decode("latin-1"), "",
    ]  # fmt: skip
    read = recognise(catalogue, learnt, wrong, DAY)
    assert not any(each.guesses["category"].sure for each in read)
    assert recognise(catalogue, learnt, [], DAY) == []
