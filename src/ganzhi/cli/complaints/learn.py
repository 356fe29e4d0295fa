"""`ganzhi complaints train`, `models`, `card` and `approve`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_day
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.complaints.recognise.train import Against
    from ganzhi.store.learnt.models import Learnt
    from ganzhi.warehouse.workplace import Workplace

HELD_OUT = 14
"""Last days that a candidate does not learn from when it is compared with the model in use."""


@complaints.command("train", help="complaints_train")
@option("--from", "first", metavar="DAY", help="complaints_from")
@option("--to", "last", metavar="DAY", help="complaints_to")
@option("--compare-days", "held", type=click.IntRange(0, 366), default=HELD_OUT, metavar="N", help="complaints_held")
@common
@click.pass_obj
def train(call: Call, first: str | None, last: str | None, held: int) -> None:
    """Learn a model and compare it with the one in use."""
    from ganzhi.complaints.recognise.kept import in_use, keep
    from ganzhi.complaints.recognise.train import compare, examples
    from ganzhi.complaints.recognise.train import train as learn
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        begin, end = _days(place, first, last)
        cut = end - timedelta(days=held)
        if cut < begin:
            cut, held = end, 0
        model = learn(place.catalogue, examples(place, begin, cut), begin, cut)
        current = in_use(place)
        unseen = examples(place, cut + timedelta(days=1), end) if held else []
        against = list(compare(model, current[1] if current else None, unseen))
        made = keep(place, model, by=actor())
    call.say("cli.complaints.trained", number=made.number, texts=str(made.card["texts"]))
    write_out(f"{_card(call, made)}\n".encode(), None, sys.stdout.buffer)
    if against:
        call.say("cli.complaints.compared", days=held)
        write_out(f"{_against(call, against)}\n".encode(), None, sys.stdout.buffer)
    call.say("cli.complaints.approve_next", number=made.number)


def _days(workplace: Workplace, first: str | None, last: str | None) -> tuple[date, date]:
    """The days given; of what is left out, the first and the last on which complaints arrived."""
    from ganzhi.complaints.recognise.heads import FEED
    from ganzhi.measure.known import arrived_days

    begin, end = parse_day(first, "from") if first else None, parse_day(last, "to") if last else None
    arrived = sorted(arrived_days(workplace, FEED)) if begin is None or end is None else []
    if not arrived and (begin is None or end is None):
        raise InputError(Issue("CLI006"))
    begin, end = begin or arrived[0], end or arrived[-1]
    if end < begin:
        raise InputError(Issue("MEA002", "to", params={"first": begin.isoformat(), "last": end.isoformat()}))
    return begin, end


@complaints.command("models", help="complaints_models")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def models(call: Call, form: str) -> None:
    """List models."""
    from ganzhi.complaints.recognise.heads import KIND
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        store = workspace.workplace.store
        found, uses = store.learnt.list(KIND), store.learnt.uses(KIND)
    current = uses[0].model if uses else None
    if form == "json":
        records = [
            {"number": m.number, "in_use": m.id == current, "made_at": m.made_at.isoformat(), "made_by": m.made_by, "card": dict(m.card)}
            for m in found
        ]  # fmt: skip
        write_out(as_json(records).encode(), None, sys.stdout.buffer)
        return
    names = ("number", "in_use", "made_at", "made_by", "texts", "category_f1")
    columns = [Column(call.text(f"cli.complaints.{name}")) for name in names]
    rows = [
        [
            str(m.number),
            call.text("cli.complaints.yes") if m.id == current else "",
            m.made_at.isoformat(timespec="minutes"),
            m.made_by,
            str(m.card["texts"]),
            number(_head(m, "category")["macro_f1"]),
        ]
        for m in found
    ]
    text = table(columns, rows) if rows else call.text("cli.complaints.no_models")
    write_out(f"{text}\n".encode(), None, sys.stdout.buffer)


@complaints.command("card", help="complaints_card")
@click.argument("which", metavar="NUMBER")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def card(call: Call, which: str, form: str) -> None:
    """Show a model's card."""
    from ganzhi.complaints.recognise.kept import named
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        found = named(workspace.workplace, which)
    said = as_json([dict(found.card)]) if form == "json" else f"{_card(call, found)}\n\n{_classes(call, found)}\n"
    write_out(said.encode(), None, sys.stdout.buffer)


@complaints.command("approve", help="complaints_approve")
@click.argument("which", metavar="NUMBER")
@option("--note", default="", metavar="TEXT", help="complaints_note")
@common
@click.pass_obj
def approve(call: Call, which: str, note: str) -> None:
    """Take a model into use, or go back to an earlier one."""
    from ganzhi.complaints.recognise.kept import load, named
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        found = named(place, which)
        load(place, found)
        use = place.store.learnt.use(found, by=actor(), note=note)
    call.say("cli.complaints.approved", number=found.number, by=use.by)


def _head(model: Learnt, name: str) -> Mapping[str, Any]:
    heads = model.card["heads"]
    assert isinstance(heads, Mapping)
    found: Mapping[str, Any] = heads[name]
    return found


def _card(call: Call, model: Learnt) -> str:
    heads = model.card["heads"]
    assert isinstance(heads, Mapping)
    names = (
        "head",
        "n",
        "accuracy",
        "macro_f1",
        "calibration_error",
        "unknown_f1",
        "unknown_error",
        "sure_from",
        "sure_share",
    )
    columns = [Column(call.text(f"cli.complaints.{name}"), "left" if name == "head" else "right") for name in names]
    rows = []
    for name, each in heads.items():
        unknown = each.get("unknown", {})
        both = {**each, "unknown_f1": unknown.get("macro_f1"), "unknown_error": unknown.get("calibration_error")}
        figures = [number(both[key]) for key in names[2:]]
        rows.append([call.text(f"cli.complaints.head_{name}"), str(each["n"]), *figures])
    return table(columns, rows)


def _classes(call: Call, model: Learnt) -> str:
    names = ("class", "n", "recall", "precision", "f1")
    columns = [Column(call.text(f"cli.complaints.{name}"), "left" if name == "class" else "right") for name in names]
    rows = [
        [
            c["name"],
            str(c["support"]),
            _share(c["right"], c["support"]),
            _share(c["right"], c["given"]),
            number(c["f1"]),
        ]
        for c in _head(model, "category")["classes"]
    ]
    return table(columns, rows)


def _share(part: int, whole: int) -> str:
    return number(part / whole if whole else None)


def _against(call: Call, against: list[Against]) -> str:
    names = ("head", "n", "candidate_f1", "in_use_f1")
    columns = [Column(call.text(f"cli.complaints.{name}"), "left" if name == "head" else "right") for name in names]
    rows = [
        [
            call.text(f"cli.complaints.head_{each.head}"),
            str(each.n),
            number(each.candidate.macro_f1),
            number(None if each.in_use is None else each.in_use.macro_f1),
        ]
        for each in against
    ]
    return table(columns, rows)
