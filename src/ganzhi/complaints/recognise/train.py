"""Training: from closed complaints to a model with an honest card (`ganzhi complaints train`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, periods_between
from ganzhi.compile.complaints import closed_texts_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.complaints.recognise.heads import FEED, HEADS, TEXT, Head
from ganzhi.complaints.recognise.kept import Model
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.numerics.text.linear import FEW, Trial, fit, learnable, tried
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

MOST = 50_000
"""Texts to learn from, the newest."""


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


def train(of: Sequence[Example], first: date, last: date, *, seed: int = 0) -> Model:
    """A model of every head that has two classes with enough texts; equal texts never stand on both sides of a fold.

    The limit above which an answer is sure is where, of texts the model had not seen, the declared share was
    right. Raises: InputError TXT002 when not even the category can be learnt; TXT001 without `ganzhi[text]`.
    """
    heads, cards = {}, {}
    for head in HEADS:
        known = [each for each in of if each.text and head.name in each.truth]
        texts, labels = [each.text for each in known], [each.truth[head.name] for each in known]
        if len(learnable(labels, texts)) < 2:
            continue
        try:
            model, trial = fit(texts, labels, groups=texts, seed=seed)
        except ImportError as error:
            raise InputError(Issue("TXT001", params={"name": str(error.name)})) from None
        kept = [label for label in labels if label in model.classes]
        sure, share = trial.sure_from(head.sure, kept)
        heads[head.name] = model
        cards[head.name] = {**card_of(trial), "sure_from": sure, "sure_share": share, "sure_right": head.sure}
        cards[head.name] |= {"not_learnt": sorted(set(labels) - set(model.classes))}
    if HEADS[0].name not in heads:
        params = {"label": HEADS[0].name, "few": str(FEW), "n": str(len(of))}
        raise InputError(Issue("TXT002", params=params))
    card = {"from": first.isoformat(), "to": last.isoformat(), "texts": len(of), "seed": seed, "heads": cards}
    return Model(heads, card)


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


def sure_limit(card: Mapping[str, object], head: Head) -> float:
    """From which probability on a head of a model is sure."""
    heads = card["heads"]
    assert isinstance(heads, Mapping)
    limit: float = heads[head.name]["sure_from"]
    return limit
