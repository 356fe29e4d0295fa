"""The handbook of service standards as Markdown, from the view model that the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base import wording
from ganzhi.base.messages import Lang, say
from ganzhi.trace.blueprint.views import BlueprintPage, CrossingView, Measured

UNKNOWN = "–"


def markdown(page: BlueprintPage, lang: Lang) -> Iterator[str]:
    """The lines of the handbook: per phase each step with its standard, then what crosses the lines."""

    def t(key: str, **params: object) -> str:
        return say(lang, f"portal.blueprint.{key}", **params)

    yield f"# {t('handbook_of', name=page.name.in_(lang))}"
    yield ""
    segment = next((f" · {name.in_(lang)}" for code, _, name in page.variants if code == page.variant), "")
    about = t("edition", version=page.version, catalogue=page.catalogue_version)
    yield f"{page.business.in_(lang)}{segment} · {about} · {wording.period_name(lang, page.scope.period)} · {page.scope.unit_name.in_(lang)}"
    if page.description is not None:
        yield from ("", page.description.in_(lang))
    heads = [t(f"column.{key}") for key in ("step", "standard", "limit", "owner", "evidence", "kept_by")]
    heads.append(say(lang, "portal.column.value"))
    for phase in page.phases:
        steps = [step for step in page.steps if step.phase == phase.code and step.standard is not None]
        if not steps:
            continue
        yield from ("", f"## {phase.name.in_(lang)}", "", *_table(heads))
        for step in steps:
            assert step.standard is not None
            standard = step.standard
            name = step.name.in_(lang) + (f" ({t('key_point')})" if step.key_point else "")
            limit = standard.limit.in_(lang) if standard.limit else UNKNOWN
            evidence = ", ".join(each.in_(lang) for each in step.evidence) or UNKNOWN
            told = standard.measured.subject.name.in_(lang) if standard.measured else UNKNOWN
            cells = (
                name,
                standard.what.in_(lang),
                limit,
                standard.owner.in_(lang),
                evidence,
                told,
                _value(lang, standard.measured),
            )
            yield _row(cells)
    for title, rows in (("encounters", page.encounters), ("handovers", page.handovers)):
        if rows:
            yield from (
                "",
                f"## {t(title)}",
                "",
                *_table([t(f"column.{key}") for key in ("from", "to", "lines", "touchpoint")]),
            )
            yield from (_row(_crossing(page, each, lang)) for each in rows)


def _crossing(page: BlueprintPage, each: CrossingView, lang: Lang) -> tuple[str, ...]:
    lines = ", ".join(say(lang, f"portal.blueprint.line.{line}") for line in each.lines)
    ends = (page.step(code).name.in_(lang) for code in (each.source, each.target))
    return (*ends, lines, each.touchpoint.name.in_(lang) if each.touchpoint else UNKNOWN)


def _value(lang: Lang, measured: Measured | None) -> str:
    if measured is None or measured.reading.value is None or measured.reading.withheld:
        return UNKNOWN
    subject = measured.subject
    return str(wording.quantity(lang, measured.reading.value, subject.unit_of_value, subject.decimals))


def _table(heads: list[str]) -> tuple[str, str]:
    return _row(tuple(heads)), "|" + " --- |" * len(heads)


def _row(cells: tuple[str, ...]) -> str:
    """A row of a table; what would end a cell or begin markup is escaped."""
    kept = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(kept)} |"
