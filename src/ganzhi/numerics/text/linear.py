"""A linear classifier over character n-grams that says how sure it is and which words decided.

Term frequencies sublinear, inverse document frequencies smoothed, texts of unit length; a linear support
vector machine per class against all others (methods 3.1); its margins made probabilities by a softmax with a
bias per class and a slope that grows with how much of a text was seen in training, fitted on margins of texts that
the machine had not seen (Guo et al. 2017, vector scaling), of known and of unknown wordings alike. The wording by
which classes are declared (a taxonomy's names and words) is learnt from too, as short texts of some weight: it is what
is known of a class where nobody has said it that way before. A model is arrays alone: it is kept without pickle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ganzhi.numerics.text.grams import Ints, Laid, codes_of, counted, spelled, vocabulary
from ganzhi.numerics.text.trial import Bin, Floats, OfClass, Trial, trial_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Answers", "Bin", "Linear", "OfClass", "Trial", "Trials", "Word", "deciding", "fit", "learnable",
           "probabilities", "tried"]  # fmt: skip

LONGEST: Final = 2
"""Grams of one and two characters; three and four bring nothing on texts like those learnt (methods 3.1) and cost three
to four points of macro F1 on wordings that are new."""
PENALTIES: Final = (0.5, 1.0)
TRUSTS: Final = (5.0, 20.0)
"""How much a machine may bend to its texts, and the weight of a declared wording against a text; the first of equal ones
is taken."""
TOLERANCE: Final = 1e-3
FOLDS: Final = 5
FEW: Final = 5
"""A class with fewer texts is not learnt."""
TRIED: Final = 6_000
"""Texts, at most, by which settings are chosen and unknown wordings are tried."""
NEAR: Final = 3
"""Characters in a row that a text must share with two texts of the training to be near them there."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A model. weights: class × term; shift: per class; offset: of the softmax, per class.

    slope: of the softmax, as the logarithm of its value for a text of which nothing was seen, and what is added to that
    for one of which all was. seen: codes of NEAR characters in a row that stand in at least two texts.
    """

    classes: tuple[str, ...]
    terms: Ints
    idf: Floats
    weights: Floats
    shift: Floats
    slope: Floats
    offset: Floats
    seen: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What `numpy.savez` takes."""
        names = ("terms", "idf", "weights", "shift", "slope", "offset", "seen")
        return {"classes": np.array(self.classes, dtype=str), **{name: getattr(self, name) for name in names}}

    @classmethod
    def of(cls, arrays: dict[str, npt.NDArray[Any]]) -> Linear:
        """From what `arrays` gave; a model of before nearness was known has one slope for all texts."""
        parts = {k: v for k, v in arrays.items() if k != "classes"}
        if "seen" not in parts:
            parts["slope"] = np.array([float(np.log(parts["slope"][0])), 0.0])
        return cls(tuple(map(str, arrays["classes"])), **parts)


class Trials(NamedTuple):
    """A model's trials by cross-validation: on wordings like those learnt, and on patterns kept out as a whole.

    near: of the texts of `unknown`, how much of each the machine had seen. truth: theirs. penalty, trust: what was
    chosen. Without patterns both trials are the same.
    """

    known: Trial
    unknown: Trial
    near: Floats
    truth: tuple[str, ...]
    penalty: float
    trust: float


class _Fold(NamedTuple):
    """A fold made ready: weighted texts and wordings to learn from, weighted texts to try, and how near those are."""

    learn: csr_matrix
    told: csr_matrix
    test: csr_matrix
    near: Floats
    train_at: Ints
    test_at: Ints


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    groups: Sequence[object] | None = None,
    patterns: Mapping[int, object] | None = None,
    wording: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
) -> tuple[Linear, Trials]:
    """A model of texts with known classes, and its trials.

    groups: texts of one group never stand on both sides of a fold (near-duplicates). patterns: by position, of some
    texts, what they have in common with others; of these TRIED at most are tried with their pattern kept out.
    wording: how classes are declared. Raises: ValueError when fewer than two classes have at least FEW texts or groups.
    """
    classes = learnable(labels, groups)
    if len(classes) < 2:
        raise ValueError("fewer than two classes have enough texts")
    kept: list[int] = np.flatnonzero(np.isin(np.array(labels, dtype=str), classes)).tolist()
    truth = np.array(labels, dtype=str)[kept]
    said = [texts[at] for at in kept]
    own = None if groups is None else [groups[at] for at in kept]
    told = [(each, name) for name in classes.tolist() for each in (wording or {}).get(name, ())]
    split = [(at, patterns[old]) for at, old in enumerate(kept) if patterns and old in patterns][:TRIED]
    apart = [at for at, _ in split] if split else list(range(min(len(said), TRIED)))
    by = [each for _, each in split] if split else None if own is None else own[: len(apart)]
    hard = list(_made(said, truth, told, apart, by, seed))
    penalty, trust = _chosen(hard, truth, classes, told, seed)
    lost, near = _margins_of(hard, truth, classes, told, (penalty, trust), seed)
    found, close = lost, near
    if split or len(apart) < len(said):
        easy = _made(said, truth, told, list(range(len(said))), own, seed)
        found, close = _margins_of(easy, truth, classes, told, (penalty, trust), seed)
    slope, offset = _softened(
        (np.vstack([found, lost[apart]]), np.concatenate([close, near[apart]])),
        np.concatenate([truth, truth[apart]]),
        np.concatenate([np.full(len(said), 0.5 / len(said)), np.full(len(apart), 0.5 / len(apart))]),
        classes,
    )
    terms, idf, known = _learnt(said, [each for each, _ in told])
    machine = _machine_of(known, truth, _weighted([each for each, _ in told], terms, idf), told, (penalty, trust), seed)
    model = Linear(tuple(map(str, classes)), terms, idf, *_planes(machine), slope, offset, _seen(said))
    names = model.classes
    trials = [
        trial_of(names, truth, _norm(found, close, slope, offset)),
        trial_of(names, truth[apart], _norm(lost[apart], near[apart], slope, offset)),
    ]
    return model, Trials(trials[0], trials[1], near[apart], tuple(map(str, truth[apart])), penalty, trust)


def learnable(labels: Sequence[str], groups: Sequence[object] | None = None) -> npt.NDArray[np.str_]:
    """Classes with at least FEW texts, in different groups if there are any; ascending."""
    seen: dict[str, set[object]] = {}
    for at, label in enumerate(labels):
        seen.setdefault(label, set()).add(at if groups is None else groups[at])
    return np.array(sorted(label for label, members in seen.items() if len(members) >= FEW), dtype=str)


def _made(
    texts: Sequence[str],
    truth: npt.NDArray[np.str_],
    told: Sequence[tuple[str, str]],
    some: Sequence[int],
    groups: Sequence[object] | None,
    seed: int,
) -> Iterator[_Fold]:
    """The folds over some of the texts."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    of = truth[list(some)]
    if groups is None:
        rounds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(of, of)
    else:
        names = {group: at for at, group in enumerate(dict.fromkeys(groups))}
        numbers = [names[group] for group in groups]
        rounds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(of, of, numbers)
    for one, other in rounds:
        train, test = np.asarray(some)[one], np.asarray(some)[other]
        learnt, tested = [texts[at] for at in train], [texts[at] for at in test]
        terms, idf, known = _learnt(learnt, [each for each, _ in told])
        wordings = _weighted([each for each, _ in told], terms, idf)
        yield _Fold(known, wordings, _weighted(tested, terms, idf), _near(tested, _seen(learnt)), train, test)


def _chosen(
    folds: Sequence[_Fold],
    truth: npt.NDArray[np.str_],
    classes: npt.NDArray[np.str_],
    told: Sequence[tuple[str, str]],
    seed: int,
) -> tuple[float, float]:
    """The penalty and the trust that do best on what was kept out: first the trust, then the penalty with it."""
    at = np.concatenate([fold.test_at for fold in folds])

    def score(setting: tuple[float, float]) -> float:
        margins, _ = _margins_of(folds, truth, classes, told, setting, seed)
        chances = np.exp(margins[at] - margins[at].max(axis=1, keepdims=True))
        return trial_of(tuple(map(str, classes)), truth[at], chances).macro_f1

    first, *others = PENALTIES
    scores = {(first, trust): score((first, trust)) for trust in (TRUSTS if told else TRUSTS[:1])}
    _, trust = max(scores, key=lambda each: scores[each])
    scores |= {(penalty, trust): score((penalty, trust)) for penalty in others}
    return max(scores, key=lambda each: scores[each])


def _margins_of(
    folds: Sequence[_Fold] | Iterator[_Fold],
    truth: npt.NDArray[np.str_],
    classes: npt.NDArray[np.str_],
    told: Sequence[tuple[str, str]],
    setting: tuple[float, float],
    seed: int,
) -> tuple[Floats, Floats]:
    """Text × class and text: margins, and nearness, of a machine that had not seen the text."""
    margins, near = np.zeros((len(truth), len(classes))), np.zeros(len(truth))
    for fold in folds:
        machine = _machine_of(fold.learn, truth[fold.train_at], fold.told, told, setting, seed)
        columns = np.searchsorted(classes, machine.classes_)
        margins[np.ix_(fold.test_at, columns)] = _margins(fold.test, *_planes(machine))
        near[fold.test_at] = fold.near
    return margins, near


def _machine_of(
    known: csr_matrix,
    truth: npt.NDArray[np.str_],
    wordings: csr_matrix,
    told: Sequence[tuple[str, str]],
    setting: tuple[float, float],
    seed: int,
) -> Any:
    from scipy.sparse import vstack
    from sklearn.svm import LinearSVC

    penalty, trust = setting
    machine = LinearSVC(C=penalty, tol=TOLERANCE, random_state=seed)
    if not told:
        return machine.fit(known, truth)
    weights = np.concatenate([np.ones(len(truth)), np.full(len(told), trust)])
    return machine.fit(vstack([known, wordings]), np.concatenate([truth, [name for _, name in told]]), weights)


def _learnt(texts: Sequence[str], wordings: Sequence[str] = ()) -> tuple[Ints, Floats, csr_matrix]:
    """Terms of texts and wordings, their weights by the texts alone, and the texts weighted."""
    terms = vocabulary([*texts, *wordings], LONGEST)
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


def _seen(texts: Sequence[str]) -> Ints:
    """Codes, ascending, of NEAR characters in a row that stand in at least two texts."""
    text, code = codes_of(Laid.of(texts), NEAR)
    order = np.lexsort((text, code))
    text, code = text[order], code[order]
    twice = (code[1:] == code[:-1]) & (text[1:] != text[:-1])
    return np.unique(code[1:][twice])


def _near(texts: Sequence[str], seen: Ints) -> Floats:
    """Share of each text's characters in rows of NEAR that were seen; 0 for a text shorter than that."""
    text, code = codes_of(Laid.of(texts), NEAR)
    whole = np.bincount(text, minlength=len(texts))
    if not len(seen):
        return np.zeros(len(texts))
    hit = seen[np.minimum(np.searchsorted(seen, code), len(seen) - 1)] == code
    return np.asarray(np.bincount(text[hit], minlength=len(texts)) / np.maximum(whole, 1))


def _planes(machine: Any) -> tuple[Floats, Floats]:
    """Weights and shifts, one row per class: a machine of two classes keeps only the second's."""
    weights, shift = machine.coef_, machine.intercept_
    return (np.vstack([-weights, weights]), np.concatenate([-shift, shift])) if len(weights) == 1 else (weights, shift)


def _margins(known: csr_matrix, weights: Floats, shift: Floats) -> Floats:
    return np.asarray(known @ weights.T + shift)


def _softened(
    of: tuple[Floats, Floats], truth: npt.NDArray[np.str_], weight: Floats, classes: npt.NDArray[np.str_]
) -> tuple[Floats, Floats]:
    """Slope and offsets of greatest likelihood for margins and nearness, each text with its weight (sum 1); the offsets
    and what nearness adds drawn to zero as by one text's weight."""
    from scipy.optimize import minimize

    margins, near = of
    own = np.searchsorted(classes, truth)
    hits = np.zeros_like(margins)
    hits[np.arange(len(own)), own] = 1

    def loss(at: Floats) -> tuple[float, Floats]:
        chances = _norm(margins, near, at[:2], at[2:])
        apart = (chances - hits) * weight[:, None]
        likely = np.maximum(chances[np.arange(len(own)), own], 1e-12)
        value = -(np.log(likely) * weight).sum() + (at[1:] ** 2).sum() / len(own)
        turn = (apart * margins).sum(axis=1) * np.exp(at[0] + at[1] * near)
        gradient = np.concatenate([[turn.sum(), (turn * near).sum()], apart.sum(axis=0)])
        gradient[1:] += 2 * at[1:] / len(own)
        return float(value), gradient

    found = minimize(loss, np.zeros(2 + len(classes)), jac=True, method="L-BFGS-B").x
    return found[:2], found[2:]


def _norm(margins: Floats, near: Floats, slope: Floats, offset: Floats) -> Floats:
    raised = margins * np.exp(slope[0] + slope[1] * near)[:, None] + offset
    raised = np.exp(raised - raised.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


class Answers(NamedTuple):
    """chances: text × class. known: which texts have any term that the model knows; of the others nothing is known.
    near: share of each text, in rows of NEAR characters, that was seen in training."""

    chances: Floats
    known: npt.NDArray[np.bool_]
    near: Floats


def probabilities(model: Linear, texts: Sequence[str]) -> Answers:
    """What the model says of texts."""
    known, near = _weighted(texts, model.terms, model.idf), _near(texts, model.seen)
    chances = _norm(_margins(known, model.weights, model.shift), near, model.slope, model.offset)
    return Answers(chances, np.diff(known.indptr) > 0, near)


def tried(model: Linear, texts: Sequence[str], labels: Sequence[str]) -> Trial:
    """The model on texts that came after it; those of classes that it does not know count as missed."""
    return trial_of(model.classes, np.array(labels, dtype=str), probabilities(model, texts).chances)


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
