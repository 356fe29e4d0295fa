"""`ganzhi complaints recognise`: what texts say, with how sure that is and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.complaints.recognise.read import Guess, Recognised

SHOWN = 40
"""Characters of a text in a table."""


@complaints.command("recognise", help="complaints_recognise")
@click.argument("file", type=click.File("r", encoding="utf-8-sig", errors="replace"), metavar="FILE")
@option("--format", "form", type=FORM, default="table", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def recognise(call: Call, file: TextIO, form: str, out: Path | None) -> None:
    """Recognise texts, one a line."""
    from ganzhi.complaints.recognise.kept import in_use
    from ganzhi.complaints.recognise.read import recognise as read
    from ganzhi.complaints.recognise.text import masked
    from ganzhi.wiring import opened

    texts = [line.strip() for line in file if line.strip()]
    with opened(call.root) as workspace:
        place = workspace.workplace
        current = in_use(place)
        today = place.clock.now().astimezone(place.zone).date()
        found = read(place.catalogue, None if current is None else current[1], texts, today)
    if current is None:
        call.say("cli.complaints.words_only")
    shown = [masked(each) for each in texts]
    records = [_record(text, each) for text, each in zip(shown, found, strict=True)]
    data = as_json(records) if form == "json" else f"{_table(call, shown, found)}\n"
    write_out(data.encode(), out, sys.stdout.buffer)


def _record(text: str, each: Recognised) -> Record:
    return {
        "text": text,
        "guesses": {name: _guess(guess) for name, guess in each.guesses.items()},
        "domain": None if each.domain is None else {"value": each.domain[0], "probability": each.domain[1]},
        "escalation": each.escalation,
        "mood": each.mood,
        "places": list(each.places),
        "scenes": list(each.scenes),
        "competitors": {name: list(reasons) for name, reasons in each.competitors.items()},
        "escalation_words": list(each.escalation_words),
        "found": [{"lexicon": f.lexicon, "value": f.value, "form": f.form, "at": f.at} for f in each.found],
    }


def _guess(guess: Guess) -> Record:
    return {
        "value": guess.value,
        "probability": guess.probability,
        "sure": guess.sure,
        "near": guess.near,
        "ended": guess.ended,
        "others": [{"value": value, "probability": chance} for value, chance in guess.others],
        "words": [{"text": word.text, "weight": word.weight} for word in guess.words],
    }


def _table(call: Call, texts: list[str], found: list[Recognised]) -> str:
    names = ("text", "category", "probability", "because", "mood", "escalation", "competitors")
    columns = [
        Column(call.text(f"cli.complaints.{name}"), "right" if name == "probability" else "left") for name in names
    ]
    rows = []
    for text, each in zip(texts, found, strict=True):
        guess = each.guesses.get("category")
        value = "–" if guess is None or guess.value is None else guess.value
        if guess is not None and not guess.sure:
            value = call.text("cli.complaints.unsure", value=value)
        rows.append(
            [
                text if len(text) <= SHOWN else text[: SHOWN - 1] + "…",
                value,
                "–" if guess is None or guess.value is None else f"{guess.probability:.2f}",
                " ".join(word.text for word in guess.words[:3]) if guess else "",
                call.text(f"cli.complaints.mood_{each.mood}"),
                "–" if each.escalation is None else f"{each.escalation:.2f}",
                " ".join(each.competitors),
            ]
        )
    return table(columns, rows)
