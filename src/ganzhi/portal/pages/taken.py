"""What is written into every file: who took it, when, and what was asked."""

from __future__ import annotations

from ganzhi.base import wording
from ganzhi.measure.views.parts import Reading, Scope, Subject
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Cell, Kind, SheetColumn
from ganzhi.portal.visit import Visit


def facts(
    visit: Visit, words: Words, scope: Scope | None, *more: tuple[str, str], address: str | None = None
) -> tuple[tuple[str, str], ...]:
    """Label and text of each fact, in the page's language. address: the page with what was chosen on it."""
    now = visit.context.clock.now().astimezone(visit.context.zone)
    found = [(words.t("taken.user"), visit.context.user), (words.t("taken.at"), now.isoformat(timespec="seconds"))]
    if scope is not None:
        found += [
            (words.t("picker.scope"), f"{words.text(scope.unit_name)} ({scope.unit})"),
            (words.t("picker.period"), f"{words.period(scope.period)} ({scope.period.key})"),
            (words.t("picker.basis"), words.t(f"basis.{scope.basis}")),
            (words.t("picker.versus"), words.before(scope)),
            (words.t("data_until"), words.day(scope.data_until)),
            (words.t("catalogue_version"), scope.catalogue_version),
        ]
    return (*found, *more, (words.t("taken.address"), address or visit.path))


def seen(words: Words, reading: Reading | None) -> Cell:
    """The value of a reading in a file; in words where it is withheld."""
    if reading is None:
        return None
    return words.t("withheld") if reading.withheld else reading.value


def kind_of(subject: Subject) -> Kind:
    """How an indicator's values are formatted in a file."""
    return "percent" if wording.unit_key(subject.unit_of_value) == "percent" else "number"


def value_columns(words: Words, *, decimals: int = 4) -> tuple[SheetColumn, ...]:
    """The columns that stand for a reading: value, unit, numerator, denominator, n, completeness, level."""
    return (
        SheetColumn("value", words.t("column.value"), "number", decimals),
        SheetColumn("unit", words.t("column.unit")),
        SheetColumn("numerator", words.t("column.numerator"), "number", 0),
        SheetColumn("denominator", words.t("column.denominator"), "number", 0),
        SheetColumn("n", words.t("column.n"), "number", 0),
        SheetColumn("completeness", words.t("column.completeness"), "number", 4),
        SheetColumn("level", words.t("column.level")),
    )
