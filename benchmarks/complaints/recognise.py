"""Reading texts of complaints on one core: the model of characters beside the plain rival of words.

    python -m benchmarks.complaints.recognise [--texts 100000] [--learn 4000]

Texts of the simulated province; the model learns from the first part and reads the others. The rival looks for the
words that the taxonomy declares for each category and takes the category with most. Printed: seconds of processor time,
of all cores together, for all texts, the category alone and everything that `recognise` tells; accuracy of both on the categories known to
the simulation.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

import numpy as np

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.read import recognise
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.recognise.train import Example, train
from ganzhi.numerics.text.linear import probabilities
from ganzhi.province.complaints.texts import OF_CATEGORY, texts, topics_of

DAY = date(2026, 9, 1)


def made(number: int, seed: int) -> tuple[list[str], list[str]]:
    """Texts and their categories."""
    rng = np.random.default_rng(seed)
    known = sorted(OF_CATEGORY)
    categories = [known[int(place)] for place in rng.integers(len(known), size=number)]
    return list(texts(rng, topics_of(rng, categories))), categories


def rival(catalogue: Catalogue, said: list[str]) -> list[str]:
    """By declared words."""
    cues = [
        (code, each.cues) for domain in catalogue.problem_domains.values() for code, each in domain.categories.items()
    ]
    return [max(cues, key=lambda one: sum(cue in text for cue in one[1]))[0] for text in said]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--learn", type=int, default=4_000)
    asked = parser.parse_args()
    catalogue = load_catalogue("telecom", None)
    said, labels = made(asked.learn, 1)
    started = time.process_time()
    model = train(
        catalogue, [Example(cleaned(t), {"category": c}) for t, c in zip(said, labels, strict=True)], DAY, DAY
    )
    print(f"learnt from {asked.learn:,} texts in {time.process_time() - started:.1f} s")
    unseen, truth = made(asked.texts, 2)
    started = time.process_time()
    answers = probabilities(model.heads["category"], [cleaned(each) for each in unseen])
    print(f"category of {asked.texts:,} texts: {time.process_time() - started:.1f} s")
    classes = model.heads["category"].classes
    best = [classes[place] for place in np.asarray(answers.chances).argmax(axis=1)]
    print(f"accuracy {np.mean([a == b for a, b in zip(best, truth, strict=True)]):.3f}")
    part = unseen[: asked.texts // 10]
    started = time.process_time()
    recognise(catalogue, model, part, DAY)
    print(f"all that is told of {len(part):,} texts: {time.process_time() - started:.1f} s")
    started = time.process_time()
    plain = rival(catalogue, unseen)
    right = np.mean([a == b for a, b in zip(plain, truth, strict=True)])
    print(f"declared words: {time.process_time() - started:.1f} s, accuracy {right:.3f}")


if __name__ == "__main__":
    main()
