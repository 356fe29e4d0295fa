"""View models in words: figures, changes, levels and choices as templates show them.

Owns what stands beside a number: why it is unknown, that it rests on part of the days, that its
sample is small. Holds no HTML and no arithmetic beyond rounding and counting days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ganzhi.base import wording
from ganzhi.base.messages import Lang, say
from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Change, Reading, Scope, ScoreNow, Subject

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as shown. title: its exact value, or why it is unknown. note: what limits it, empty
    for whole data and a sufficient sample. approximate: rests on part of its days."""

    number: str
    unit: str
    title: str
    note: str
    known: bool
    approximate: bool
    muted: bool

    def __str__(self) -> str:
        gap = "" if self.unit in ("", "%") else " "
        return f"{'≈ ' if self.approximate else ''}{self.number}{gap}{self.unit}"


@dataclass(frozen=True, slots=True)
class Delta:
    """A change as shown. tone: `better`, `worse`, `plain` (no good or bad way), `same`, `none`."""

    arrow: str
    number: str
    unit: str
    tone: str
    title: str

    def __str__(self) -> str:
        return f"{self.arrow} {self.number}".strip()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language for one page."""

    lang: Lang
    zone: ZoneInfo

    def t(self, key: str, **params: object) -> str:
        """A message of the portal."""
        return say(self.lang, f"portal.{key}", **params)

    def text(self, text: Text | None) -> str:
        """A catalogue text, or the sign for unknown."""
        return UNKNOWN if text is None else text.in_(self.lang)

    # -- figures ---------------------------------------------------------------------------------

    def _thresholds(self, subject: Subject) -> list[float]:
        limits = subject.edges
        return [] if limits is None else [limits.target, limits.yellow, limits.orange, limits.red]

    def value(self, subject: Subject, value: float) -> wording.Quantity:
        """A known value of an indicator."""
        return wording.quantity(self.lang, value, subject.unit_of_value, subject.decimals, self._thresholds(subject))

    def figure(self, subject: Subject, reading: Reading | None, days: int | None = None) -> Figure:
        """A reading of an indicator. days: length of its period, to say how many of them arrived."""
        if reading is None:
            return Figure(UNKNOWN, "", self.t("why.not_asked"), "", False, False, True)
        if reading.withheld:
            return Figure(self.t("withheld"), "", self.t("withheld_why"), "", False, False, True)
        if reading.value is None:
            why = self.t("why.no_data") if reading.completeness == 0 else self.t("why.no_denominator")
            return Figure(UNKNOWN, "", why, "", False, False, True)
        shown = self.value(subject, reading.value)
        partial = reading.completeness < 1
        notes = [self._share(reading.completeness, days)] if partial else []
        if not reading.enough:
            notes.append(self.t("small_sample", n=wording.grouped(reading.n or 0)))
        title = " · ".join([self.exactly(subject, reading), *notes])
        return Figure(shown.number, shown.unit, title, " · ".join(notes), True, partial, not reading.enough)

    def shown(self, subject: Subject, reading: Reading) -> str:
        """A reading as `figure` shows it, without what its title says."""
        if reading.withheld or reading.value is None:
            return str(self.figure(subject, reading))
        number = self.value(subject, reading.value)
        return str(Figure(number.number, number.unit, "", "", True, reading.completeness < 1, not reading.enough))

    def exactly(self, subject: Subject, reading: Reading) -> str:
        """The exact value with its parts."""
        if reading.value is None:
            return UNKNOWN
        unit = wording.unit_word(self.lang, subject.unit_of_value)
        exact = str(wording.Quantity(wording.exact_text(reading.value), unit, self.lang))
        if reading.numerator is None or reading.denominator is None:
            return exact
        parts = (wording.exact_text(reading.numerator), wording.exact_text(reading.denominator))
        return f"{exact} = {parts[0]} ÷ {parts[1]}"

    def _share(self, completeness: float, days: int | None) -> str:
        if days is None or days < 2:
            return self.t("share_arrived", share=wording.percent_number(completeness * 100, 0))
        return wording.days_of(self.lang, min(days - 1, max(1, round(completeness * days))), days)

    def score(self, score: ScoreNow) -> Figure:
        """A score of 0 to 120 with its coverage."""
        if score.withheld:
            return Figure(self.t("withheld"), "", self.t("withheld_why"), "", False, False, True)
        if score.score is None:
            return Figure(UNKNOWN, "", self.t("why.no_score"), "", False, False, True)
        short = score.coverage < 0.9995
        note = self.t("coverage", share=wording.percent_number(score.coverage * 100, 0)) if short else ""
        exact = wording.exact_text(score.score)
        return Figure(
            wording.grouped(wording.rounded(score.score, 1)),
            "",
            f"{exact} · {note}" if note else exact,
            note,
            True,
            short,
            False,
        )

    def points(self, value: float | None) -> str:
        """Points of a score, signed."""
        return UNKNOWN if value is None else wording.signed_difference(self.lang, value, "ratio", 1)

    # -- changes ---------------------------------------------------------------------------------

    def delta(self, subject: Subject, change: Change) -> Delta:
        """A change of an indicator with arrow and tone."""
        if change.difference is None:
            return self._nothing()
        shown = wording.difference(self.lang, change.difference, subject.unit_of_value, subject.decimals)
        exact = wording.signed_difference(self.lang, change.difference, subject.unit_of_value, max(subject.decimals, 4))
        return self._delta(change.difference, change.better, shown.number, shown.unit, exact)

    def score_delta(self, now: float | None, before: float | None) -> Delta:
        """A change of a score; higher is better."""
        if now is None or before is None:
            return self._nothing()
        moved = now - before
        number = wording.grouped(abs(wording.rounded(moved, 1)))
        exact = wording.signed_difference(self.lang, moved, "score", 4)
        return self._delta(moved, None if moved == 0 else moved > 0, number, "", exact)

    def _nothing(self) -> Delta:
        return Delta("", UNKNOWN, "", "none", self.t("why.no_comparison"))

    def _delta(self, moved: float, better: bool | None, number: str, unit: str, exact: str) -> Delta:
        if moved == 0:
            return Delta("▬", number, unit, "same", exact)
        tone = "plain" if better is None else "better" if better else "worse"
        word = "" if better is None else f" · {self.t('better' if better else 'worse')}"
        return Delta("▲" if moved > 0 else "▼", number, unit, tone, exact + word)

    def rank_delta(self, rank: int | None, before: int | None) -> Delta:
        """A change of rank; a smaller rank is better."""
        if rank is None or before is None:
            return self._nothing()
        moved = before - rank
        return self._delta(float(moved), None if moved == 0 else moved > 0, str(abs(moved)), "", wording.grouped(moved))

    # -- targets and levels ----------------------------------------------------------------------

    def limit(self, subject: Subject, value: float) -> str:
        """A threshold of an indicator, digits only."""
        return wording.limit_number(self.lang, value, subject.unit_of_value)

    def gap(self, subject: Subject, value: float) -> str:
        """A distance in the unit of the indicator, with a sign where it is beyond the mark."""
        return self.value(subject, value).number

    def unit(self, subject: Subject) -> str:
        """The unit of an indicator's values, empty where numbers stand alone."""
        return wording.unit_word(self.lang, subject.unit_of_value)

    def target(self, subject: Subject) -> str:
        """The target with its sign, empty without one."""
        limits = subject.edges
        if limits is None:
            return ""
        return f"{'≤' if limits.direction == 'lower' else '≥'} {self.limit(subject, limits.target)}"

    def level(self, level: str | None) -> str:
        """The word of a level."""
        return wording.level_name(self.lang, level)

    # -- time ------------------------------------------------------------------------------------

    def period(self, period: Period) -> str:
        """A period in full."""
        return wording.period_name(self.lang, period)

    def short(self, period: Period) -> str:
        """A period in short."""
        return wording.period_short(self.lang, period)

    def grain(self, grain: Grain) -> str:
        """A grain on its own."""
        return wording.grain_name(self.lang, grain)

    def day(self, day: date | str | None, *, year: bool = True, weekday: bool = True) -> str:
        """A day; ISO text is read first."""
        if day is None:
            return UNKNOWN
        read = date.fromisoformat(day) if isinstance(day, str) else day
        return wording.day_text(self.lang, read, year=year, weekday=weekday)

    def instant(self, instant: datetime | None) -> str:
        """An instant in the workspace's zone."""
        return UNKNOWN if instant is None else wording.instant_text(self.lang, instant, self.zone, year=True)

    def days(self, days: tuple[date, ...], most: int = 4) -> str:
        """A list of days, cut with an ellipsis."""
        shown = [wording.day_text(self.lang, day, weekday=False) for day in days[:most]]
        return self.t("list_comma").join([*shown, "…"] if len(days) > most else shown)

    @staticmethod
    def opening(text: str) -> str:
        """Text with a capital at its beginning."""
        return text[:1].upper() + text[1:]

    def count(self, value: int | float | None) -> str:
        """A count of things."""
        return UNKNOWN if value is None else wording.large(self.lang, value)

    def all_digits(self, value: int | float | None) -> str:
        """A count with all its digits."""
        return UNKNOWN if value is None else wording.exact_text(value)

    def per_cent(self, share: float | None) -> str:
        """A share in [0, 1] as per cent."""
        if share is None:
            return UNKNOWN
        return str(wording.quantity(self.lang, share * 100, "percent", 1))

    def now(self, scope: Scope) -> str:
        """Column head of this period's values."""
        return wording.now_name(self.lang, scope.period.grain)

    def this(self, scope: Scope) -> str:
        """Name of the period asked for, in running text."""
        return wording.this_name(self.lang, scope.period.grain)

    def before(self, scope: Scope) -> str:
        """Name of what is compared with."""
        return wording.before_name(self.lang, scope.compare, scope.period.grain)

    def against(self, scope: Scope) -> str:
        """Column head of the change."""
        return wording.against_name(self.lang, scope.compare, scope.period.grain)

    def year_over_year(self) -> str:
        """Column head of the change to a year earlier."""
        return wording.against_name(self.lang, "year", Grain.WEEK)
