"""Ask freely: the form, the answer as numbers, groups or rows, and the way down from each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from ganzhi.base.errors import InputError
from ganzhi.measure.build.ask.records import FUNCTIONS, PER_PAGE
from ganzhi.measure.views.ask.answers import IndicatorsAnswer, RecordsAnswer
from ganzhi.measure.views.ask.options import SavedQuestion
from ganzhi.measure.views.ask.question import MOST_INDICATORS, Question, pairs_of
from ganzhi.portal.charts.bars import bar_cell
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.ask.address import address, ask_ports_of, asked, changed
from ganzhi.portal.pages.ask.fields import fields_of
from ganzhi.portal.pages.ask.files import numbers_book, records_book
from ganzhi.portal.pages.ask.numbers import MOST_SHOWN, charts, shown_lines
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import refusal
from ganzhi.portal.sheets import Book
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The form with the answer below it, or with what is wrong with the question."""
    question = asked(visit)
    ports = ask_ports_of(visit)
    form = ports.form(question)
    saved = _saved(visit)
    model: dict[str, Any] = {
        "question": question,
        "form": form,
        "fields": fields_of(words, question, form),
        "issues": (),
        "answer": None,
        "saved": saved,
        "content": urlencode(pairs_of(question)),
        "here": address(question),
        "presets": tuple((words.text(each.name), address(each.question)) for each in form.presets),
        "functions": FUNCTIONS,
        "most_indicators": MOST_INDICATORS,
        "place": None,
    }
    status = 200
    if question.asks:
        try:
            model |= (
                _numbers(visit, words, question) if question.mode == "indicators" else _rows(visit, words, question)
            )
        except InputError as error:
            found = refusal(visit, error)
            model["issues"], status = found.issues, 400
    title = saved.name if saved else words.t("ask.title")
    crumbs: tuple[Crumb, ...] = (Crumb(words.t("nav.overview"), "/overview"), Crumb(words.t("ask.title"), "/query"))
    if saved:
        crumbs = (*crumbs, Crumb(words.t("ask.saved_title"), "/query/saved"), Crumb(saved.name))
    return Html("ask/query.html", title, Links(question.unit), model, crumbs, status=status)


def _saved(visit: Visit) -> SavedQuestion | None:
    """The saved question that the address names."""
    identity = visit.query.get("saved")
    return ask_ports_of(visit).saved().get(identity[:64]) if identity else None


def _numbers(visit: Visit, words: Words, question: Question) -> dict[str, Any]:
    answer = ask_ports_of(visit).indicators(question)
    lines = shown_lines(words, answer)
    return {
        "answer": answer,
        "kind": "numbers",
        "charts": charts(words, answer, lines),
        "lines": lines[:MOST_SHOWN],
        "more": max(0, len(lines) - MOST_SHOWN),
        "said": _chips(words, answer),
        "place": answer.place,
        "heading": _numbers_heading(words, answer),
    }


def _rows(visit: Visit, words: Words, question: Question) -> dict[str, Any]:
    answer = ask_ports_of(visit).records(question)
    largest = max((group.rows for group in answer.groups), default=0)
    before = replace(question, page=answer.page - 1) if answer.page > 1 else None
    after = replace(question, page=answer.page + 1) if answer.page < answer.pages else None
    return {
        "answer": answer,
        "kind": "groups" if answer.grouped else "rows",
        "bars": tuple(bar_cell(group.rows / largest if largest else 0.0) for group in answer.groups),
        "behind": tuple(None if group.behind is None else address(group.behind) for group in answer.groups),
        "all_rows": changed(question, groups=(), measures=(), functions=(), sort=None),
        "functions_shown": question.functions or FUNCTIONS,
        "sorts": dict(_sorts(question, answer)),
        "before": None if before is None else address(before, page=True),
        "after": None if after is None else address(after, page=True),
        "first": (answer.page - 1) * PER_PAGE + 1,
        "said": _chips(words, answer),
        "place": answer.place,
        "heading": _rows_heading(words, answer),
    }


def _sorts(question: Question, answer: RecordsAnswer) -> Iterator[tuple[str, tuple[str, str]]]:
    """Per column that can be sorted: the link that does, and the aria-sort value it has now."""
    now = question.sort or ("-rows" if answer.grouped else "")
    names = [column.name for column in answer.columns if not column.masked]
    names += [column.name for column in answer.grouped]
    names += [f"{function}.{column.name}" for column in answer.measured for function in FUNCTIONS]
    for name in [*names, "rows"]:
        state = {name: "ascending", f"-{name}": "descending"}.get(now, "none")
        yield name, (changed(question, sort=name if state == "descending" else f"-{name}"), state)


def _chips(words: Words, answer: IndicatorsAnswer | RecordsAnswer) -> tuple[tuple[str, str, str, str], ...]:
    """Conditions as removable chips: column, condition, values, and the question without it."""
    comma = words.t("list_comma")
    return tuple(
        (
            words.text(each.column),
            words.t(f"ask.op_{each.op}"),
            words.t("ask.and").join(map(words.text, each.values))
            if each.op == "between"
            else comma.join(map(words.text, each.values)),
            address(each.without),
        )
        for each in answer.said
    )


def _numbers_heading(words: Words, answer: IndicatorsAnswer) -> str:
    names = words.t("list_comma").join(words.text(each.name) for each in answer.subjects.values())
    by = [words.text(name) for _, name in answer.by] + ([words.t("ask.axis_unit")] if answer.below else [])
    return words.t("ask.heading_by", what=names, by=" × ".join(by)) if by else names


def _rows_heading(words: Words, answer: RecordsAnswer) -> str:
    what, total = words.text(answer.feed_name), words.all_digits(answer.total)
    if not answer.grouped:
        return words.t("ask.heading_rows", what=what, n=total)
    by = " × ".join(words.text(column.title) for column in answer.grouped)
    return words.t("ask.heading_groups", what=what, by=by, n=total, groups=words.all_digits(answer.found))


def book(visit: Visit, words: Words) -> Book:
    """The whole answer as a table."""
    question = asked(visit)
    ports = ask_ports_of(visit)
    if question.mode == "indicators":
        return numbers_book(visit, words, question, ports.indicators(question))
    return records_book(visit, words, question, ports.export(question))


QUERY = Page("query", "/query", show, book=book, private=True, needs="query", slow=True)
