"""Screening can be carried out as it is written: its facts are known, somebody is screened by default, words are told apart."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.whole import Catalogue

COMPLAINTS = "complaints"
"""The feed whose records are screened."""
READ_FACTS = ("site_level", "area", "competitor", "sentiment", "escalation_words", "value_class")
"""What is read from a complaint's text by lexicons and scenes, and the customer's class of value."""
COUNTED_FACTS = ("repeats", "elements_with_problem", "problems_of_element", "warning_grade")
"""Counted facts: earlier complaints of the customer on the problem; of all customers in the window; network elements
with the same problem; problems of one element; the grade of an open warning, 1 blue to 4 red."""


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report rules about facts that nobody knows, spans that end before they begin, a table without a rule for all,
    shifts that run backwards or overlap, and words that stand twice in one lexicon."""
    feed = catalogue.feeds.get(COMPLAINTS)
    columns = () if feed is None else tuple(feed.columns)
    for code, rule in catalogue.screenings.items():
        for group, known in (("values", (*columns, *READ_FACTS)), ("at_least", COUNTED_FACTS)):
            for name in getattr(rule, group):
                if name not in known:
                    path = ("screenings", code, group, name)
                    yield issue_at(catalogue, "CAT260", path, value=name, near=near(name, known))
        if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
            where = ("screenings", code, "valid_to")
            yield issue_at(catalogue, "CAT261", where, first=str(rule.valid_from), last=str(rule.valid_to))
    if catalogue.screenings and not any(
        not (rule.values or rule.at_least or rule.occasions or rule.valid_from or rule.valid_to)
        for rule in catalogue.screenings.values()
    ):
        nearest = max(catalogue.screenings.items(), key=lambda each: (each[1].layer == "overall", each[1].rank))
        yield issue_at(catalogue, "CAT262", ("screenings", nearest[0]))
    yield from _shifts(catalogue)
    yield from _words(catalogue)


def _shifts(catalogue: Catalogue) -> Iterator[Issue]:
    for code, working in catalogue.working_times.items():
        before = "00:00"
        for number, shift in enumerate(working.shifts):
            if shift.begins < before or shift.ends <= shift.begins:
                path = ("working_times", code, "shifts", str(number))
                yield issue_at(catalogue, "CAT265", path, begins=shift.begins, ends=shift.ends)
            before = shift.ends


def _words(catalogue: Catalogue) -> Iterator[Issue]:
    for code, lexicon in catalogue.lexicons.items():
        seen: dict[str, str] = {}
        for number, term in enumerate(lexicon.terms):
            path = ("lexicons", code, "terms", str(number))
            if term.valid_from and term.valid_to and term.valid_to < term.valid_from:
                yield issue_at(catalogue, "CAT261", path, first=str(term.valid_from), last=str(term.valid_to))
            for form in (term.text, *term.forms):
                if seen.setdefault(form, term.text) != term.text:
                    yield issue_at(catalogue, "CAT263", path, value=form, other=seen[form])
            for longer in term.but_not:
                if not any(form in longer for form in (term.text, *term.forms)):
                    yield issue_at(catalogue, "CAT264", path, value=longer, other=term.text)
