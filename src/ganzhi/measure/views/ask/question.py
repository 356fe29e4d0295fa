"""A free question as its address says it, raw: judged by the builders, written and read here.

Two kinds. `indicators`: one to several indicators by unit and period, cut by dimensions. `records`: the
rows of a feed, as a list or in groups. The field names below are those of the page's form and address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ganzhi.base.errors import InputError, Issue

Mode = Literal["indicators", "records"]
MODES: tuple[Mode, ...] = ("indicators", "records")
MOST_CONDITIONS = 12
MOST_INDICATORS = 6
MOST_BY = 2
MOST_GROUPS = 3
MOST_MEASURES = 3
MOST_COLUMNS = 80
LONGEST_VALUE = 2_000
LONGEST_WORD = 80
LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a question. place: its number in the form, from 1. value: of `in`, apart by commas; upto: the
    upper end of `between`."""

    place: int
    column: str
    op: str = "eq"
    value: str = ""
    upto: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A free question.

    unit: a place and all below it; first, last: days. codes, below, grain, by, basis belong to `indicators`;
    the others, but for conditions, to `records`. below: answer for each unit directly below the place.
    groups: columns to group by; measures: numbers to add up in each group; functions: of them, which are shown.
    """

    mode: Mode = "indicators"
    unit: str | None = None
    first: str | None = None
    last: str | None = None
    conditions: tuple[Condition, ...] = ()
    codes: tuple[str, ...] = ()
    below: bool = False
    grain: str | None = None
    by: tuple[str, ...] = ()
    basis: str | None = None
    feed: str | None = None
    columns: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    sort: str | None = None
    page: int = 1

    @property
    def asks(self) -> bool:
        """Whether there is anything to answer yet."""
        return bool(self.codes) if self.mode == "indicators" else self.feed is not None


_LISTS: tuple[tuple[str, str, int], ...] = (
    ("i", "codes", MOST_INDICATORS),
    ("by", "by", MOST_BY),
    ("cols", "columns", MOST_COLUMNS),
    ("g", "groups", MOST_GROUPS),
    ("m", "measures", MOST_MEASURES),
    ("a", "functions", 8),
)
_WORDS: tuple[tuple[str, str], ...] = (
    ("region", "unit"),
    ("from", "first"),
    ("to", "last"),
    ("grain", "grain"),
    ("basis", "basis"),
    ("feed", "feed"),
    ("sort", "sort"),
)


def question_of(given: Mapping[str, Sequence[str]]) -> Question:
    """The question that an address asks.

    Raises: InputError ASK010 for what there is too much of, ASK011 for what is too long, REQ004 for another mode.
    """
    mode = _word(given, "mode") or MODES[0]
    if mode not in MODES:
        raise InputError(Issue("REQ004", "mode", params={"value": mode[:40], "known": ", ".join(MODES)}))
    fields: dict[str, object] = {name: _word(given, parameter) for parameter, name in _WORDS}
    fields |= {name: _several(given, parameter, most) for parameter, name, most in _LISTS}
    return Question(
        mode=mode,
        conditions=_conditions(given),
        below=_word(given, "units") == "below",
        page=_page(_word(given, "page")),
        **fields,  # type: ignore[arg-type]  # each by its own name
    )


def pairs_of(question: Question, *, page: bool = False) -> tuple[tuple[str, str], ...]:
    """The question as an address writes it: what is empty or the default is left out, conditions are numbered anew."""
    pairs: list[tuple[str, str]] = [("mode", question.mode)] if question.mode != MODES[0] else []
    pairs += [(parameter, text) for parameter, name in _WORDS if (text := getattr(question, name))]
    pairs += [("units", "below")] if question.below else []
    pairs += [(parameter, text) for parameter, name, _ in _LISTS for text in getattr(question, name)]
    for place, each in enumerate(question.conditions, start=1):
        pairs += [(f"c{place}", each.column), (f"o{place}", each.op)]
        pairs += [(f"{letter}{place}", text) for letter, text in (("v", each.value), ("w", each.upto)) if text]
    if page and question.page > 1:
        pairs.append(("page", str(question.page)))
    return tuple(pairs)


def _text(given: Mapping[str, Sequence[str]], parameter: str, most: int) -> str:
    values = given.get(parameter, ())
    text = values[-1] if values else ""
    if len(text) > most:
        raise InputError(Issue("ASK011", parameter, params={"most": str(most)}))
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise InputError(Issue("ASK012", parameter))
    return text


def _word(given: Mapping[str, Sequence[str]], parameter: str) -> str | None:
    return _text(given, parameter, LONGEST_WORD).strip() or None


def _several(given: Mapping[str, Sequence[str]], parameter: str, most: int) -> tuple[str, ...]:
    """Values of a parameter that is repeated or holds several apart by commas, each once."""
    if sum(map(len, given.get(parameter, ()))) > LONGEST_VALUE * 4:
        raise InputError(Issue("ASK011", parameter, params={"most": str(LONGEST_VALUE * 4)}))
    parts = (part for value in given.get(parameter, ()) for part in value.split(","))
    words = [_word({parameter: (part,)}, parameter) for part in parts]
    found = tuple(dict.fromkeys(word for word in words if word))
    if len(found) > most:
        raise InputError(Issue("ASK010", parameter, params={"most": str(most)}))
    return found


def _conditions(given: Mapping[str, Sequence[str]]) -> tuple[Condition, ...]:
    found = []
    for place in range(1, MOST_CONDITIONS + 1):
        column = _word(given, f"c{place}")
        if column is not None:
            value, upto = (_text(given, f"{letter}{place}", LONGEST_VALUE) for letter in "vw")
            found.append(Condition(place, column, _word(given, f"o{place}") or "eq", value, upto))
    beyond = f"c{MOST_CONDITIONS + 1}"
    if _word(given, beyond):
        raise InputError(Issue("ASK010", beyond, params={"most": str(MOST_CONDITIONS)}))
    return tuple(found)


def _page(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= LAST_PAGE:
        raise InputError(Issue("REQ004", "page", params={"value": text[:40], "known": f"1–{LAST_PAGE}"}))
    return int(text)
