"""A linear classifier over character n-grams that says how sure it is and which words decided.

Term frequencies sublinear, inverse document frequencies smoothed, texts of unit length; a linear support
vector machine per class against all others (methods 3.1); its margins made probabilities by a softmax with one
temperature and a bias per class, fitted on margins of texts that the machine had not seen (Guo et al. 2017,
vector scaling with one slope). A model is arrays alone: it is kept without pickle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ganzhi.numerics.text.grams import Ints, counted, spelled, vocabulary

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float64]

LONGEST: Final = 2
"""Grams of one and two characters; three bring nothing (methods 3.1)."""
PENALTY: Final = 0.5
FOLDS: Final = 5
FEW: Final = 5
"""A class with fewer texts is not learnt."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A model. weights: class × term; shift: per class; slope (one), offset (per class): of the softmax."""

    classes: tuple[str, ...]
    terms: Ints
    idf: Floats
    weights: Floats
    shift: Floats
    slope: Floats
    offset: Floats

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What `numpy.savez` takes."""
        names = ("terms", "idf", "weights", "shift", "slope", "offset")
        return {"classes": np.array(self.classes, dtype=str), **{name: getattr(self, name) for name in names}}

    @classmethod
    def of(cls, arrays: dict[str, npt.NDArray[Any]]) -> Linear:
        """From what `arrays` gave."""
        return cls(tuple(map(str, arrays["classes"])), **{k: v for k, v in arrays.items() if k != "classes"})


@dataclass(frozen=True, slots=True)
class OfClass:
    """How well one class is known: texts that have it, texts that were given it, and those that are both."""

    name: str
    support: int
    given: int
    right: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.given + self.support) if self.given + self.support else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose highest probability lies in [low, high): how many, and how many were right."""

    low: float
    high: float
    n: int
    right: int
    mean: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model does on texts that it was not fitted on, each text once.

    given: class per text; probability: class × text's; macro F1 over classes with support.
    """

    classes: tuple[OfClass, ...]
    bins: tuple[Bin, ...]
    n: int
    right: int
    given: tuple[str, ...]
    probability: Floats

    @property
    def accuracy(self) -> float:
        """Share of texts that got their class."""
        return self.right / self.n

    @property
    def macro_f1(self) -> float:
        """Mean of the classes' F1."""
        known = [each.f1 for each in self.classes if each.support]
        return sum(known) / len(known)

    @property
    def calibration_error(self) -> float:
        """Mean distance between probability and share right, weighted by texts (expected calibration error)."""
        return sum(abs(each.mean * each.n - each.right) for each in self.bins) / self.n

    def sure_from(self, precision: float, truth: Sequence[str]) -> tuple[float, float]:
        """The least highest-probability from which on at least this share is right, and the share of texts above it.

        (1.0, 0.0) when no such probability is.
        """
        top = self.probability.max(axis=1)
        order = np.argsort(-top, kind="stable")
        right = np.array([a == b for a, b in zip(self.given, truth, strict=True)])[order]
        shares = np.cumsum(right) / np.arange(1, len(right) + 1)
        enough = np.flatnonzero(shares >= precision)
        if not len(enough):
            return 1.0, 0.0
        last = int(enough[-1])
        return float(top[order[last]]), (last + 1) / len(right)


def fit(
    texts: Sequence[str], labels: Sequence[str], *, groups: Sequence[object] | None = None, seed: int = 0
) -> tuple[Linear, Trial]:
    """A model of texts with known classes, and its trial by cross-validation.

    groups: texts of one group never stand on both sides of a fold (near-duplicates, one template).
    Raises: ValueError when fewer than two classes have at least FEW texts (or groups).
    """
    from sklearn.svm import LinearSVC

    truth = np.array(labels, dtype=str)
    classes = learnable(labels, groups)
    if len(classes) < 2:
        raise ValueError("fewer than two classes have enough texts")
    kept: list[int] = np.flatnonzero(np.isin(truth, classes)).tolist()
    texts, truth = [texts[at] for at in kept], truth[kept]
    folds = _folds(truth, None if groups is None else [groups[at] for at in kept], seed)
    margins = np.zeros((len(texts), len(classes)))
    for train, test in folds:
        terms, idf, known = _learnt([texts[at] for at in train])
        machine = LinearSVC(C=PENALTY, random_state=seed).fit(known, truth[train])
        found = _margins(_weighted([texts[at] for at in test], terms, idf), *_machine(machine))
        margins[np.ix_(test, np.searchsorted(classes, machine.classes_))] = found
    slope, offset = _softened(margins, truth, classes)
    terms, idf, known = _learnt(texts)
    weights, shift = _machine(LinearSVC(C=PENALTY, random_state=seed).fit(known, truth))
    model = Linear(tuple(map(str, classes)), terms, idf, weights, shift, slope, offset)
    return model, _trial(model.classes, truth, _norm(margins, slope, offset))


def learnable(labels: Sequence[str], groups: Sequence[object] | None = None) -> npt.NDArray[np.str_]:
    """Classes with at least FEW texts, in different groups if there are any; ascending."""
    seen: dict[str, set[object]] = {}
    for at, label in enumerate(labels):
        seen.setdefault(label, set()).add(at if groups is None else groups[at])
    return np.array(sorted(label for label, members in seen.items() if len(members) >= FEW), dtype=str)


def _folds(truth: npt.NDArray[np.str_], groups: Sequence[object] | None, seed: int) -> list[tuple[Ints, Ints]]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if groups is None:
        return list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth))
    names = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    numbers = [names[group] for group in groups]
    return list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth, numbers))


def _learnt(texts: Sequence[str]) -> tuple[Ints, Floats, csr_matrix]:
    terms = vocabulary(texts, LONGEST)
    counts = counted(texts, terms, LONGEST)
    seen = np.bincount(counts.indices, minlength=len(terms))
    idf = np.log((1 + len(texts)) / (1 + seen)) + 1
    return terms, idf, _unit(counts, idf)


def _weighted(texts: Sequence[str], terms: Ints, idf: Floats) -> csr_matrix:
    return _unit(counted(texts, terms, LONGEST), idf)


def _unit(counts: csr_matrix, idf: Floats) -> csr_matrix:
    """Sublinear term frequency × idf, rows of length one; a text without known terms stays zero."""
    made = counts.astype(np.float64)
    made.data = (1 + np.log(made.data)) * idf[made.indices]
    lengths = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    made.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(made.indptr))
    return made


def _machine(machine: Any) -> tuple[Floats, Floats]:
    """Weights and shifts, one row per class: a machine of two classes keeps only the second's."""
    weights, shift = machine.coef_, machine.intercept_
    return (np.vstack([-weights, weights]), np.concatenate([-shift, shift])) if len(weights) == 1 else (weights, shift)


def _margins(known: csr_matrix, weights: Floats, shift: Floats) -> Floats:
    return np.asarray(known @ weights.T + shift)


def _softened(margins: Floats, truth: npt.NDArray[np.str_], classes: npt.NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Slope and offsets of greatest likelihood, the offsets drawn to zero as by one text's weight."""
    from scipy.optimize import minimize

    own = np.searchsorted(classes, truth)
    hits = np.zeros_like(margins)
    hits[np.arange(len(own)), own] = 1

    def loss(of: Floats) -> tuple[float, Floats]:
        slope, offset = np.exp(of[0]), of[1:]
        chances = _norm(margins, slope, offset)
        apart = (chances - hits) / len(own)
        value = -np.log(np.maximum(chances[np.arange(len(own)), own], 1e-12)).mean() + (offset**2).sum() / len(own)
        gradient = np.concatenate([[slope * (apart * margins).sum()], apart.sum(axis=0) + 2 * offset / len(own)])
        return float(value), gradient

    found = minimize(loss, np.zeros(1 + len(classes)), jac=True, method="L-BFGS-B").x
    return np.exp(found[:1]), found[1:]


def _norm(margins: Floats, slope: Floats, offset: Floats) -> Floats:
    raised = margins * slope + offset
    raised = np.exp(raised - raised.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _trial(classes: tuple[str, ...], truth: npt.NDArray[np.str_], chances: Floats) -> Trial:
    given = np.array(classes, dtype=str)[chances.argmax(axis=1)]
    top, right = chances.max(axis=1), given == truth
    of = tuple(
        OfClass(name, int((truth == name).sum()), int((given == name).sum()), int(((truth == name) & right).sum()))
        for name in classes
    )
    bins = []
    for low in np.arange(0, 1, 0.1):
        inside = (top >= low) & ((top < low + 0.1) | (low > 0.85))
        if inside.any():
            counts = int(inside.sum()), int(right[inside].sum())
            bins.append(Bin(round(float(low), 1), round(float(low + 0.1), 1), *counts, float(top[inside].mean())))
    return Trial(of, tuple(bins), len(truth), int(right.sum()), tuple(map(str, given)), chances)


def probabilities(model: Linear, texts: Sequence[str]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Text × class, and which texts have any term that the model knows; of the others nothing is known."""
    known = _weighted(texts, model.terms, model.idf)
    return _norm(_margins(known, model.weights, model.shift), model.slope, model.offset), np.diff(known.indptr) > 0


def tried(model: Linear, texts: Sequence[str], labels: Sequence[str]) -> Trial:
    """The model on texts that came after it; those of classes that it does not know count as missed."""
    chances, _ = probabilities(model, texts)
    return _trial(model.classes, np.array(labels, dtype=str), chances)


@dataclass(frozen=True, slots=True)
class Word:
    """A gram and what it gave to a class's margin."""

    text: str
    weight: float


def deciding(model: Linear, text: str, name: str, most: int = 5) -> tuple[Word, ...]:
    """The grams that spoke most for a class in a text, heaviest first; of overlapping ones the longer stands."""
    known = _weighted([text], model.terms, model.idf)
    row = model.weights[model.classes.index(name)][known.indices] * known.data
    words: list[Word] = []
    for at in np.argsort(-row, kind="stable"):
        if row[at] <= 0 or len(words) == 2 * most:
            break
        words.append(Word(spelled(int(model.terms[known.indices[at]])), float(row[at])))
    kept = [w for w in words if not any(w.text != other.text and w.text in other.text for other in words)]
    return tuple(kept[:most])
