"""Complaint texts can be learnt, but not by one keyword for each category."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from ganzhi.province.complaints.texts import enquiry_texts, texts, topics_of
from ganzhi.province.complaints.texts.colour import ENQUIRIES
from ganzhi.province.complaints.texts.grammar import parsed, slots_of
from ganzhi.province.complaints.texts.topics_more import TOPICS
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.streams import Floats, Ints, stream
from tests.province.stage import pack

CATEGORIES = tuple(sorted({topic.category for topic in TOPICS}))
GIVEAWAYS = ("短信", "停机", "套餐", "流量", "宽带", "彩铃", "发票", "话费", "联通", "信号")
TRAIN, TEST = 4_000, 3_000


def labelled(seed: int, n: int) -> tuple[list[str], Ints]:
    """Texts with as many of each category as of the others."""
    rng = stream(seed, "texts-test")
    category = rng.integers(0, len(CATEGORIES), n)
    return texts(rng, topics_of(rng, [CATEGORIES[c] for c in category])), category


@pytest.fixture(scope="module")
def train() -> tuple[list[str], Ints]:
    return labelled(1, TRAIN)


@pytest.fixture(scope="module")
def test() -> tuple[list[str], Ints]:
    return labelled(2, TEST)


def grams(text: str, sizes: tuple[int, ...]) -> set[str]:
    return {text[at : at + size] for size in sizes for at in range(len(text) - size + 1)}


def best_keywords(said: list[str], category: Ints) -> list[tuple[str, float]]:
    """Each category's n-gram with the highest F1, and its precision."""
    counts: dict[str, Floats] = {}
    for text, c in zip(said, category, strict=True):
        for gram in grams(text, (1, 2, 3, 4)):
            counts.setdefault(gram, np.zeros(len(CATEGORIES)))[c] += 1
    names = [gram for gram, row in counts.items() if row.sum() >= 20]
    table = np.array([counts[gram] for gram in names])
    sizes = np.bincount(category, minlength=len(CATEGORIES))
    f1 = 2 * table / (table.sum(axis=1, keepdims=True) + sizes)
    best = f1.argmax(axis=0)
    return [(names[at], float(table[at, c] / table[at].sum())) for c, at in enumerate(best)]


def test_one_keyword_for_each_category_does_not_do(train: tuple[list[str], Ints], test: tuple[list[str], Ints]) -> None:
    keywords = best_keywords(*train)
    order = sorted(range(len(keywords)), key=lambda c: -keywords[c][1])
    guesses = [next((c for c in order if keywords[c][0] in text), 0) for text in test[0]]
    assert np.mean(np.array(guesses) == test[1]) < 0.6


def test_naive_bayes_over_pairs_of_characters_learns_the_categories(
    train: tuple[list[str], Ints], test: tuple[list[str], Ints]
) -> None:
    index: dict[str, int] = {}
    for text in train[0]:
        for gram in grams(text, (2,)):
            index.setdefault(gram, len(index))
    counts = np.ones((len(CATEGORIES), len(index)))
    for text, c in zip(*train, strict=True):
        for gram, n in Counter(text[at : at + 2] for at in range(len(text) - 1)).items():
            counts[c, index[gram]] += n
    logs = np.log(counts / counts.sum(axis=1, keepdims=True))
    guesses = []
    for text in test[0]:
        known = [index[g] for at in range(len(text) - 1) if (g := text[at : at + 2]) in index]
        guesses.append(int(logs[:, known].sum(axis=1).argmax()))
    accuracy = np.mean(np.array(guesses) == test[1])
    assert accuracy > 0.75


def test_giveaway_words_occur_in_most_categories(train: tuple[list[str], Ints]) -> None:
    for word in GIVEAWAYS:
        found = {int(c) for text, c in zip(*train, strict=True) if word in text}
        assert len(found) >= 15, word


def test_hardly_two_texts_are_alike(train: tuple[list[str], Ints], test: tuple[list[str], Ints]) -> None:
    shapes = {re.sub(r"[0-9*.:]+", "", text) for text in train[0] + test[0]}
    assert len(shapes) > 0.98 * (TRAIN + TEST)


def test_topics_keep_to_the_lists_of_codes() -> None:
    lists = {name: {entry.to for entry in pack().code_lists[name].entries} for name in
             ("complaint_categories", "commercial_processes", "processes", "products", "businesses")}  # fmt: skip
    assert set(CATEGORIES) == lists["complaint_categories"]
    assert set(ENQUIRIES) == lists["businesses"]
    for topic in TOPICS:
        assert topic.commercial in lists["commercial_processes"], topic.code
        assert topic.process in lists["processes"], topic.code
        assert set(topic.products) <= lists["products"], topic.code
        assert topic.business in lists["businesses"], topic.code
        assert all(
            slots_of(parsed(phrase)) <= set("人竞久次机客厅并没办钱突蛮元日时号地品") for phrase in topic.phrases
        )


def test_topics_of_experiences_agree_with_their_meaning() -> None:
    named = {topic.code: topic for topic in TOPICS if topic.felt}
    for felt in Felt:
        topic = named.get(felt.name.lower())
        if topic is not None:
            meaning = MEANING[felt]
            assert (topic.category, topic.commercial, topic.process) == (
                meaning.category, meaning.commercial_process, meaning.process,
            ), felt  # fmt: skip


def test_the_same_stream_says_the_same() -> None:
    topic = np.arange(len(TOPICS))
    assert texts(stream(5, "a"), topic) == texts(stream(5, "a"), topic)


def test_enquiries_say_something_for_every_business() -> None:
    said = enquiry_texts(stream(3, "e"), list(ENQUIRIES) * 30)
    assert min(map(len, said)) >= 3
    assert len(set(said)) > 0.95 * len(said)


def test_unbalanced_templates_are_refused() -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        parsed("a]b")
