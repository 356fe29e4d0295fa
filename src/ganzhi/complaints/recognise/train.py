"""Training: from closed complaints to a model with an honest card (`ganzhi complaints train`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, periods_between
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.complaints import closed_texts_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.complaints.recognise.heads import FEED, HEADS, OWN, TEXT, Head
from ganzhi.complaints.recognise.kept import Model
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.recognise.wording import wording
from ganzhi.numerics.text.linear import FEW, TRIED, Trial, Trials, fit, learnable, tried
from ganzhi.numerics.text.patterns import patterns
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

MOST = 50_000
"""Texts to learn from, the newest."""
UNLIKE = 0.02
"""Share of the texts of unknown patterns that are less near than the least nearness at which an answer may be sure."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, cleaned, with the truth of each head; what is unknown is absent."""

    text: str
    truth: Mapping[str, str]


def examples(workplace: Workplace, first: date, last: date, most: int = MOST) -> list[Example]:
    """Closed complaints received in these days, both included, the newest first."""
    days = list(periods_between(Grain.DAY, first, last, workplace.zone))
    snapshot = workplace.store.manifest.snapshot()
    files = snapshot.table(f"rows/{FEED}", [each.key for each in days])
    relation = Relation(files, rows_schema(workplace.catalogue.feed(FEED)))
    sql = closed_texts_sql(FEED, TEXT, [head.column for head in HEADS], days[0].start, days[-1].end, most)
    with workplace.engine.session({relation_of(f"rows/{FEED}"): relation}) as session:
        rows = session.query(sql).to_pylist()
    return [
        Example(cleaned(row[TEXT]), {h.name: row[h.column] for h in HEADS if row[h.column] is not None}) for row in rows
    ]


def train(catalogue: Catalogue, of: Sequence[Example], first: date, last: date, *, seed: int = 0) -> Model:
    """A model of every head that has two classes with enough texts; equal texts never stand on both sides of a fold.

    The limit above which an answer is sure is where, of texts whose pattern the model had not seen, the declared share
    was right. Raises: InputError TXT002 when not even the category can be learnt; TXT001 without `ganzhi[text]`.
    """
    heads, cards = {}, {}
    known = [each for each in of if each.text]
    try:
        pattern = _patterns(known)
    except ImportError as error:
        raise InputError(Issue("TXT001", params={"name": str(error.name)})) from None
    for head in HEADS:
        own = [each for each in known if head.name in each.truth]
        texts, labels = [each.text for each in own], [each.truth[head.name] for each in own]
        if len(learnable(labels, texts)) < 2:
            continue
        said = wording(catalogue, head.name)
        alike = {at: pattern[text] for at, text in enumerate(texts) if text in pattern}
        try:
            model, trials = fit(texts, labels, groups=texts, patterns=alike, wording=said, seed=seed)
        except ImportError as error:
            raise InputError(Issue("TXT001", params={"name": str(error.name)})) from None
        heads[head.name] = model
        cards[head.name] = _head_card(head, trials) | {"not_learnt": sorted(set(labels) - set(model.classes))}
    if OWN not in heads:
        raise InputError(Issue("TXT002", params={"label": OWN, "few": str(FEW), "n": str(len(of))}))
    card = {"from": first.isoformat(), "to": last.isoformat(), "texts": len(of), "seed": seed, "heads": cards}
    return Model(heads, card)


def _patterns(known: Sequence[Example]) -> dict[str, int]:
    """The pattern of each of the newest texts, as many as are tried."""
    labels: dict[str, str] = {}
    for each in known:
        if OWN in each.truth and len(labels) < TRIED:
            labels.setdefault(each.text, each.truth[OWN])
    return dict(zip(labels, patterns(list(labels), list(labels.values())), strict=True))


def _head_card(head: Head, trials: Trials) -> dict[str, object]:
    """Both trials; sure: the limit and the share of texts of unknown patterns above it. near_from: nearness below which
    fewer than one in fifty of those lay, and of which nothing is known therefore."""
    sure, share = trials.unknown.sure_from(head.sure, trials.truth)
    near = float(np.quantile(trials.near, UNLIKE, method="lower"))
    return {
        **card_of(trials.known),
        "unknown": card_of(trials.unknown),
        "sure_from": sure,
        "sure_share": share,
        "sure_share_known": float((trials.known.probability.max(axis=1) >= sure).mean()),
        "sure_right": head.sure,
        "near_from": near,
        "penalty": trials.penalty,
        "trust": trials.trust,
    }


def card_of(trial: Trial) -> dict[str, object]:
    """A trial's figures as they stand on a card; all on texts that the model had not seen."""
    return {
        "n": trial.n,
        "right": trial.right,
        "accuracy": trial.accuracy,
        "macro_f1": trial.macro_f1,
        "calibration_error": trial.calibration_error,
        "classes": [
            {"name": c.name, "support": c.support, "given": c.given, "right": c.right, "f1": c.f1}
            for c in trial.classes
        ],
        "bins": [{"low": b.low, "high": b.high, "n": b.n, "right": b.right, "mean": b.mean} for b in trial.bins],
    }


@dataclass(frozen=True, slots=True)
class Against:
    """A head of a candidate and of the model in use, on the same texts that neither had seen."""

    head: str
    n: int
    candidate: Trial
    in_use: Trial | None


def compare(candidate: Model, in_use: Model | None, unseen: Sequence[Example]) -> Iterator[Against]:
    """Both on later complaints; nothing for a head without any."""
    for head in HEADS:
        if head.name not in candidate.heads:
            continue
        known = [each for each in unseen if each.text and head.name in each.truth]
        if not known:
            continue
        texts, labels = [each.text for each in known], [each.truth[head.name] for each in known]
        other = None if in_use is None or head.name not in in_use.heads else in_use.heads[head.name]
        yield Against(
            head.name,
            len(known),
            tried(candidate.heads[head.name], texts, labels),
            None if other is None else tried(other, texts, labels),
        )


def sure_limits(card: Mapping[str, object], head: Head) -> tuple[float, float]:
    """From which probability and which nearness on a head of a model is sure."""
    heads = card["heads"]
    assert isinstance(heads, Mapping)
    own = heads[head.name]
    return float(own["sure_from"]), float(own.get("near_from", 0.0))
