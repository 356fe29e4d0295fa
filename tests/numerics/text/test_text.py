"""Short Chinese texts: counts against plain Python, published figures on real messages, laws of calibration."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from ganzhi.numerics.text import emerging, grams, linear, near, patterns, rank

CHARACTERS = st.text(alphabet=st.sampled_from("停机缴费未到账ab5️😀𠀀 ，"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(CHARACTERS, max_size=8))
def test_grams_are_those_of_plain_python(texts: list[str]) -> None:
    terms = grams.vocabulary(texts, longest=2, least=1)
    expected = {t[at : at + n] for t in texts for n in (1, 2) for at in range(len(t) - n + 1)}
    assert {grams.spelled(int(code)) for code in terms} == expected
    counts = grams.counted(texts, terms, 2).toarray()
    for row, text in zip(counts, texts, strict=True):
        plain = Counter(text[at : at + n] for n in (1, 2) for at in range(len(text) - n + 1))
        assert {grams.spelled(int(c)): int(k) for c, k in zip(terms, row, strict=True) if k} == dict(plain)
    laid = grams.Laid.of(texts)
    for n in (2, 5):
        each = grams.phrases(laid, n)
        found = sorted((int(t), grams.written(laid, int(at), n)) for t, at in zip(each.text, each.at, strict=True))
        assert found == sorted(
            (i, g) for i, t in enumerate(texts) for g in {t[a : a + n] for a in range(len(t) - n + 1)}
        )


def _messages(shared: Path) -> tuple[list[str], list[str]]:
    with (shared / "gov_complaints_zh" / "labelled_messages.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return [f"{row['留言主题']} {row['留言详情']}" for row in rows], [row["一级分类"] for row in rows]


def test_real_messages_are_classified_as_well_as_published_and_honestly_sure(shared_data: Path) -> None:
    texts, labels = _messages(shared_data)
    model, trials = linear.fit(texts, labels)
    trial = trials.known
    assert trial.n == 495
    assert trial.macro_f1 >= 0.79
    assert trial.accuracy == sum(c.right for c in trial.classes) / 495
    assert trial.calibration_error < 0.09
    low, high = (trial.probability.max(axis=1) < limit for limit in (0.5, 0.9))
    right = np.array(trial.given) == np.array(labels)
    assert right[low].mean() < right[~low].mean() < right[~high].mean()
    sure, share = trial.sure_from(0.9, labels)
    assert right[trial.probability.max(axis=1) >= sure].mean() >= 0.9
    assert 0.4 < share < 1
    again = linear.Linear.of(model.arrays())
    assert np.array_equal(
        linear.probabilities(model, texts[:9]).chances, linear.probabilities(again, texts[:9]).chances
    )
    older = {k: v for k, v in model.arrays().items() if k != "seen"} | {"slope": np.array([2.0])}
    of_one_slope = linear.probabilities(linear.Linear.of(older), texts[:9]).chances
    margins = linear._margins(linear._weighted(texts[:9], model.terms, model.idf), model.weights, model.shift)
    raised = np.exp(2.0 * margins + model.offset)
    assert np.allclose(of_one_slope, raised / raised.sum(axis=1, keepdims=True))


def test_the_wording_of_a_taxonomy_stands_in_for_messages_that_nobody_has_labelled(shared_data: Path) -> None:
    """A public tree of classes, three levels of names, and 60 of the 495 messages: the other 435 are new."""
    texts, labels = _messages(shared_data)
    with (shared_data / "gov_complaints_zh" / "label_taxonomy.csv").open(encoding="utf-8-sig") as file:
        tree = [tuple(row.values()) for row in csv.DictReader(file)]
    wording = {name: tuple(dict.fromkeys(w for row in tree if row[0] == name for w in row)) for name in set(labels)}
    chosen = [at for at in range(495) if at % 8 == 0]
    rest = [at for at in range(495) if at % 8]
    learnt = [texts[at] for at in chosen], [labels[at] for at in chosen]
    unseen = [texts[at] for at in rest], [labels[at] for at in rest]
    plain = linear.tried(linear.fit(*learnt)[0], *unseen)
    told = linear.tried(linear.fit(*learnt, wording=wording)[0], *unseen)
    assert told.macro_f1 > 0.72
    assert told.macro_f1 > plain.macro_f1 + 0.1


def test_weights_of_terms_are_those_of_the_library_and_words_add_up_to_the_margin(shared_data: Path) -> None:
    texts, labels = _messages(shared_data)
    texts, labels = [" ".join(each.split()) for each in texts[:120]], labels[:120]
    model, _ = linear.fit(texts, labels)
    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True, lowercase=False)
    theirs = tfidf.fit_transform(texts)
    ours = linear._weighted(texts, model.terms, model.idf)
    at = [tfidf.vocabulary_[grams.spelled(int(code))] for code in model.terms]
    assert theirs.shape == ours.shape
    assert abs(theirs[:, at] - ours).max() < 1e-6
    words = linear.deciding(model, texts[0], labels[0], most=3)
    assert all(word.text in texts[0] and word.weight > 0 for word in words)


def test_what_a_model_does_not_know_is_said(shared_data: Path) -> None:
    texts, labels = _messages(shared_data)
    model, _ = linear.fit(texts[:120], labels[:120])
    chances, known, near = linear.probabilities(model, ["", "𠀀𠀁", texts[0], "没有见过的说法"])
    assert known.tolist() == [False, False, True, True]
    assert near[0] == near[1] == 0
    assert near[2] > near[3]
    assert np.allclose(chances.sum(axis=1), 1)
    with pytest.raises(ValueError, match="classes"):
        linear.fit(["一", "二"], ["a", "b"])


def test_texts_of_one_group_never_help_one_another() -> None:
    """Random labels that go with a word of the group: known within the group, unknown to others."""
    rng = np.random.default_rng(3)
    groups = [at // 6 for at in range(360)]
    words = ["".join(map(chr, rng.integers(0x4E00, 0x9000, 4))) for _ in range(60)]
    of = rng.integers(0, 2, 60)
    texts, labels = [words[g] for g in groups], [str(of[g]) for g in groups]
    seen = linear.fit(texts, labels)[1]
    assert seen.known.accuracy > 0.95
    assert linear.fit(texts, labels, groups=groups)[1].known.accuracy < 0.7
    apart = linear.fit(texts, labels, patterns=dict(enumerate(groups)))[1]
    assert apart.known.accuracy == pytest.approx(seen.known.accuracy, abs=0.02)
    assert apart.unknown.accuracy < 0.7
    assert apart.unknown.calibration_error < 0.2 < 1 - apart.unknown.accuracy


def test_patterns_are_what_is_left_without_what_everybody_says() -> None:
    openings, endings = (
        ("客户来电反映，", "您好，我想问一下，", "用户情绪激动，称"),
        ("，请尽快处理。", "，谢谢。", "！"),
    )
    said = {
        "a": ("宽带断了三天没有人来修", "光猫的灯一直是红色的"),
        "b": ("这个月话费多扣了五十元", "余额莫名其妙少了一半"),
        "c": ("手机在地下车库没有信号",),
    }
    texts, labels, matter = [], [], []
    for label, each in said.items():
        for what in each:
            for one in openings:
                for other in endings:
                    texts.append(f"{one}{what}{other}")
                    labels.append(label)
                    matter.append(what)
    found = patterns.patterns(texts, labels)
    pairs = set(zip(found, matter, strict=True))
    assert len(pairs) == len(set(found)) == len(set(matter)) == 5
    assert patterns.patterns([], []) == []
    assert (
        patterns.patterns(["一", "", "一"], ["a", "b", "a"])[0]
        != patterns.patterns(["一", "", "一"], ["a", "b", "a"])[1]
    )


def test_the_own_reply_is_found_among_2816(shared_data: Path) -> None:
    with gzip.open(
        shared_data / "gov_complaints_zh" / "messages_with_replies.csv.gz", "rt", encoding="utf-8-sig"
    ) as file:
        rows = list(csv.DictReader(file))
    ranking = rank.Ranking([row["答复意见"] for row in rows])
    some = range(0, len(rows), 14)
    total = 0.0
    for at in some:
        hits = [hit.at for hit in ranking.best(f"{rows[at]['留言主题']} {rows[at]['留言详情']}")]
        total += 1 / (1 + hits.index(at)) if at in hits else 0
    assert total / len(some) >= 0.64


def test_ranking_is_that_of_the_formula() -> None:
    documents = ["停机未恢复", "缴费未到账", "停机停机后恢复", ""]
    split = [rank.tokens(each) for each in documents]
    mean = sum(map(len, split)) / len(split)

    def score(query: str, words: list[str]) -> float:
        found = 0.0
        for word in rank.tokens(query):
            df = sum(word in each for each in split)
            idf = math.log(1 + (len(split) - df + 0.5) / (df + 0.5))
            tf = words.count(word)
            found += idf * tf / (tf + 1.5 * (1 - 0.75 + 0.75 * len(words) / mean))
        return found

    hits = rank.Ranking(documents).best("停机恢复")
    expected = sorted(((score("停机恢复", words), -at) for at, words in enumerate(split)), reverse=True)
    assert [(hit.at, pytest.approx(hit.score, abs=1e-4)) for hit in hits] == [(-at, s) for s, at in expected if s > 0]
    assert rank.Ranking([""]).best("停机") == rank.Ranking(documents).best("?!") == ()


def test_reworded_texts_are_joined_and_others_not() -> None:
    texts = [
        "昨天缴费五十元到现在还没有到账",
        "宽带上不了网",
        "昨天缴费五十元到现在没有到账",
        "昨天缴费50元到现在还没有到账",
        "",
        "宽",
    ]
    assert near.clusters(texts) == [[0, 2, 3]]
    sets = near.pairs_of(texts)
    assert near.jaccard(sets[0], sets[2]) == len(sets[0] & sets[2]) / len(sets[0] | sets[2]) >= 0.5


def test_a_planted_phrase_emerges_and_sameness_does_not() -> None:
    rng = np.random.default_rng(5)
    matters = ["停机之后没有恢复", "短信没有收到", "话费扣多了", "上网速度慢", "营业员态度差", "套餐没有生效"]

    def said(n: int) -> list[str]:
        return [f"{matters[rng.integers(6)]}{'，请尽快' if rng.random() < 0.5 else ''}" for _ in range(n)]

    before, now = said(1500), said(300)
    assert emerging.emerging(now, before) == ()
    planted = [f"{each}，云盘同步失败" if at < 12 else each for at, each in enumerate(now)]
    found = emerging.emerging(planted, before)
    assert found[0].phrase in "云盘同步失败"
    assert len(found[0].phrase) == 6
    assert (found[0].count, found[0].before, found[0].texts) == (12, 0, tuple(range(12)))
    assert len(found) == 1
    assert emerging.emerging([], before) == emerging.emerging(now, []) == ()
