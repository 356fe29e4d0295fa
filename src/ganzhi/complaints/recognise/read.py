"""What a text says, by the model in use and by the lexicons; what is not sure is for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.heads import ESCALATED, HEADS, OWN
from ganzhi.complaints.recognise.kept import Model
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.recognise.train import sure_limits
from ganzhi.complaints.recognise.words import Found, Words, pulled
from ganzhi.numerics.text.linear import Answers, Word, deciding, probabilities

Mood = Literal["negative", "neutral", "positive", "mixed"]


@dataclass(frozen=True, slots=True)
class Guess:
    """A head's answer. value: None when nothing is known of the text. sure: whether it may stand without a person.

    others: the next answers with their probabilities. words: what decided, heaviest first. near: how much of the text
    stood in what was learnt from (0 to 1). ended: a class that the taxonomy no longer has; value: what took its place.
    """

    value: str | None
    probability: float
    sure: bool
    others: tuple[tuple[str, float], ...] = ()
    words: tuple[Word, ...] = ()
    near: float = 0.0
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text says.

    guesses: by head. domain: the level above the category, with its probability, the sum of its categories'.
    escalation: chance that it will be an escalated complaint, None without a model that knows. places: units
    whose names stand in it, the deepest first. competitors: named ones with reasons near them.
    """

    guesses: Mapping[str, Guess]
    mood: Mood
    domain: tuple[str, float] | None = None
    escalation: float | None = None
    places: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    competitors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    escalation_words: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()


def recognise(
    catalogue: Catalogue, model: Model | None, texts: Sequence[str], day: date, *, explain: bool = True
) -> list[Recognised]:
    """Every text, in order. day: on which lexicons have to hold. model: None for words alone."""
    clean = [cleaned(each) for each in texts]
    guesses = [dict[str, Guess]() for _ in clean]
    domains: list[tuple[str, float] | None] = [None] * len(clean)
    risks: list[float | None] = [None] * len(clean)
    if model is not None and clean:
        answers = {
            head.name: probabilities(model.heads[head.name], clean) for head in HEADS if head.name in model.heads
        }
        for name, each in answers.items():
            _guess(catalogue, model, name, each, clean, guesses, day, explain=explain)
        domains, risks = _domains(catalogue, model, answers[OWN], day), _risks(model, answers.get("kind"), len(clean))
    words = Words.of(catalogue)
    names = _names(catalogue)
    return [
        _with_words(guess, domain, risk, words.find(text, day), tuple(_places(names, text)))
        for text, guess, domain, risk in zip(clean, guesses, domains, risks, strict=True)
    ]


def _guess(
    catalogue: Catalogue,
    model: Model,
    name: str,
    of: Answers,
    clean: Sequence[str],
    into: Sequence[dict[str, Guess]],
    day: date,
    *,
    explain: bool,
) -> None:
    linear = model.heads[name]
    limit, least = sure_limits(model.card, next(head for head in HEADS if head.name == name))
    now = [_held(catalogue, each, day) if name == OWN else each for each in linear.classes]
    for at, text in enumerate(clean):
        if not of.known[at]:
            into[at][name] = Guess(None, 0.0, sure=False)
            continue
        order = np.argsort(-of.chances[at], kind="stable").tolist()
        best, chance, near = order[0], float(of.chances[at][order[0]]), float(of.near[at])
        sure = chance >= limit and near >= least and now[best] == linear.classes[best]
        others = tuple((now[c], float(of.chances[at][c])) for c in order[1:3])
        why = deciding(linear, text, linear.classes[best]) if explain else ()
        ended = None if now[best] == linear.classes[best] else linear.classes[best]
        into[at][name] = Guess(now[best], chance, sure, others, why, near, ended)


def _held(catalogue: Catalogue, category: str, day: date) -> str:
    """The category, or what took its place when it has ended; `other` for one that the taxonomy no longer has."""
    if not catalogue.problem_domains:
        return category
    for domain in catalogue.problem_domains.values():
        found = domain.categories.get(category)
        if found is not None:
            ended = found.valid_to is not None and day > found.valid_to
            return (found.now or "other") if ended else category
    return "other"


def _domains(catalogue: Catalogue, model: Model, of: Answers, day: date) -> list[tuple[str, float] | None]:
    """The level above the category by the sum of its categories' probabilities."""
    above = [domain_of(catalogue, _held(catalogue, name, day)) for name in model.heads[OWN].classes]
    found: list[tuple[str, float] | None] = []
    for row, knows in zip(of.chances, of.known, strict=True):
        sums: dict[str, float] = {}
        for name, chance in zip(above, row, strict=True):
            sums[name] = sums.get(name, 0.0) + float(chance)
        best = max(sums.items(), key=lambda each: (each[1], each[0]))
        found.append(best if knows else None)
    return found


def domain_of(catalogue: Catalogue, category: str) -> str:
    """The domain that the taxonomy puts a category into; `other` for one it does not know."""
    key = ("complaint_domains", "")
    if key not in catalogue.computed:
        of = catalogue.problem_domains.items()
        catalogue.computed[key] = {category: domain for domain, entry in of for category in entry.categories}
    domains: dict[str, str] = catalogue.computed[key]
    return domains.get(category, "other")


def _risks(model: Model, of: Answers | None, texts: int) -> list[float | None]:
    if of is None or ESCALATED not in model.heads["kind"].classes:
        return [None] * texts
    at = model.heads["kind"].classes.index(ESCALATED)
    return [float(row[at]) if knows else None for row, knows in zip(of.chances, of.known, strict=True)]


def _names(catalogue: Catalogue) -> Mapping[str, str]:
    """Units by their Chinese names of at least two characters, the longest name first; of equal names none."""
    key = ("complaint_places", "")
    if key not in catalogue.computed:
        names: dict[str, list[str]] = {}
        for code, unit in catalogue.units.items():
            if unit.parent is not None:
                names.setdefault(cleaned(unit.name.zh), []).append(code)
        one = {name: codes[0] for name, codes in names.items() if len(codes) == 1 and len(name) >= 2}
        catalogue.computed[key] = dict(sorted(one.items(), key=lambda each: (-len(each[0]), each[0])))
    found: Mapping[str, str] = catalogue.computed[key]
    return found


def _places(names: Mapping[str, str], text: str) -> Sequence[str]:
    rest, found = text, []
    for name, code in names.items():
        if name in rest:
            found.append(code)
            rest = rest.replace(name, " ")
    return found


def _with_words(
    guess: Mapping[str, Guess],
    domain: tuple[str, float] | None,
    risk: float | None,
    found: tuple[Found, ...],
    places: tuple[str, ...],
) -> Recognised:
    moods = {each.purpose for each in found if each.purpose in ("negative", "positive")}
    mood: Mood = (
        "mixed" if len(moods) == 2 else "negative" if "negative" in moods else "positive" if moods else "neutral"
    )
    return Recognised(
        guesses=guess,
        domain=domain,
        escalation=risk,
        mood=mood,
        places=places,
        scenes=tuple(dict.fromkeys(each.value for each in found if each.purpose == "scene")),
        competitors=pulled(found),
        escalation_words=tuple(dict.fromkeys(each.value for each in found if each.purpose == "escalation")),
        found=found,
    )
