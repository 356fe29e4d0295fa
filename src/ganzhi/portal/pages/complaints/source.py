"""Where complaints come from: what a complaint or a hot spot leads back to, and what stands near it in time (S001-024)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base import wording
from ganzhi.base.messages import say
from ganzhi.complaints.analysis.evidence import SOURCES, Evidence
from ganzhi.complaints.analysis.near import Near, Standing
from ganzhi.complaints.analysis.source import Link, Source
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.complaints.addresses import SOURCE, source_link, spot_source_link
from ganzhi.portal.pages.complaints.board import cell_name
from ganzhi.portal.pages.complaints.desk_words import ticket_link
from ganzhi.portal.pages.complaints.reports import ports_of
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

SHOWN = 40
"""Near records on the page; the file has all."""


def _one(visit: Visit) -> Source:
    return ports_of(visit).source(visit.codes["id"])


def _spot(visit: Visit) -> Source:
    return ports_of(visit).spot(visit.text("region"), visit.text("period"), visit.where())


def _here(visit: Visit, source: Source) -> str:
    if source.about is not None:
        return source_link(source.about.complaint)
    return spot_source_link(dict(source.where), visit.text("region"), source.period.key)


def show_one(visit: Visit, words: Words) -> Html:
    """Of one complaint."""
    return _page(visit, words, _one(visit))


def show_spot(visit: Visit, words: Words) -> Html:
    """Of a hot spot."""
    return _page(visit, words, _spot(visit))


def name_of(words: Words, source: Source) -> str:
    """What it is about."""
    if source.about is not None:
        return say(words.lang, "csource.of_one", id=source.about.complaint)
    named = [
        words.text(each.name)
        for each in source.links
        if each.kind in ("category", "product") and each.code in source.where.values()
    ]
    parts = [words.text(source.unit_name), *named]
    return say(words.lang, "csource.of_spot", name=" × ".join(parts), period=words.period(source.period))


def link_of(links: Links, each: Link) -> str | None:
    """The page of what a complaint leads back to, where there is one."""
    if each.kind == "process":
        return links.journey(each.code)
    if each.kind in ("system", "department"):
        return links.surroundings() if each.kind == "system" else None
    return None


def near_link(each: Near) -> str | None:
    """The transaction that was followed, or the record; nothing for what was derived from other records."""
    if each.trace:
        return f"{Links().trace(each.trace)}/chain/{each.chain}"
    if each.feed == "complaints":
        return source_link(each.chain)
    return Links().record(each.feed, each.load, each.line) if each.load else None


def standing_link(each: Standing) -> str | None:
    """The record of what stood before, or the occasion in the calendar."""
    if each.load:
        return Links().record(each.feed, each.load, each.line)
    return None if each.feed else f"/calendar/{each.code}"


def _page(visit: Visit, words: Words, source: Source) -> Html:
    name = name_of(words, source)
    links = Links(visit.text("region"), None if source.about is not None else source.period.key)
    lists = visit.context.viewer.may("list")
    model = {
        "source": source,
        "name": name,
        "path": _here(visit, source),
        "headline": _headline(words, source),
        "s": lambda key, **params: say(words.lang, f"csource.{key}", **params),
        "ticket": None if source.about is None else ticket_link(source.about.complaint),
        "record": None if source.about is None or not source.about.load else Links().record("complaints", source.about.load, source.about.line),
        "near": source.near[:SHOWN],
        "link_of": lambda each: link_of(links, each),
        "near_link": near_link,
        "standing_link": lambda each: standing_link(each) if lists or not each.feed else None,
        "ago": lambda each: ago(words, each.hours),
        "told": lambda each: told_text(words, each),
        "cell_name": lambda each: cell_name(words, each),
        "evidence": [(kind, [each for each in source.evidence if each.source == kind]) for kind in SOURCES],
        "value": lambda each, number: value_text(words, each, number),
        "indicator": lambda each: Links(_region(visit, source), source.period.key if source.about is None else None).indicator(each.indicator),
    }  # fmt: skip
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(name))
    return Html("complaints/source.html", f"{name} · {words.t('nav.complaints')}", links, model, crumbs)


def _region(visit: Visit, source: Source) -> str | None:
    return source.unit if source.about is not None else visit.text("region")


def _headline(words: Words, source: Source) -> str:
    systems = [words.text(each.name) for each in source.links if each.kind == "system"]
    process = next((words.text(each.name) for each in source.links if each.kind == "process"), None)
    if process is None:
        return say(words.lang, "csource.headline_open", standing=len(source.standing))
    return say(words.lang, "csource.headline", process=process, systems=len(systems), standing=len(source.standing))


def ago(words: Words, hours: float) -> str:
    """How far before, or after, in words."""
    length = wording.duration(words.lang, abs(hours) * 3600)
    return say(words.lang, "csource.before" if hours >= 0 else "csource.after", length=length)


def told_text(words: Words, each: Near) -> str:
    """What a record says, column by column."""
    return words.t("list_comma").join(f"{words.text(name)} {words.text(value)}" for name, value in each.told)


def value_text(words: Words, each: Evidence, number: float | None) -> str:
    """A value with its unit."""
    return "–" if number is None else str(wording.quantity(words.lang, number, each.unit_of_value, each.decimals))


# -- files -------------------------------------------------------------------------------------------


def _columns(words: Words, *keys: str) -> tuple[SheetColumn, ...]:
    decimals = {"count": 0, "n": 0, "hours": 1, "value": 2, "before_value": 2}
    return tuple(
        SheetColumn(
            key, say(words.lang, f"csource.column.{key}"), "number" if key in decimals else "text", decimals.get(key, 0)
        )
        for key in keys
    )


def _links_rows(words: Words, source: Source) -> Iterator[tuple[Cell, ...]]:
    for each in source.links:
        yield (
            say(words.lang, f"csource.kind.{each.kind}"), words.text(each.name), each.code, say(words.lang, f"csource.how.{each.how}"),
            each.via, words.text(each.note) if each.note else "", each.count,
        )  # fmt: skip


def _book(words: Words, visit: Visit, source: Source) -> Book:
    near = (
        (words.text(e.feed_name), words.instant(e.at), e.hours, told_text(words, e), e.load, str(e.line))
        for e in source.near
    )  # fmt: skip
    standing = (
        (say(words.lang, f"csource.kind.{e.kind}"), words.text(e.name), e.code, words.instant(e.at), e.hours, say(words.lang, f"csource.why.{e.why}"))
        for e in source.standing
    )  # fmt: skip
    evidence = (
        (say(words.lang, f"csource.source.{e.source}"), words.text(e.name), e.indicator, e.value, e.before, e.n)
        for e in source.evidence
    )
    sheets = (
        Sheet("links", say(words.lang, "csource.links"), _columns(words, "kind", "name", "code", "how", "via", "owner", "count"), _links_rows(words, source)),
        Sheet("standing", say(words.lang, "csource.standing"), _columns(words, "kind", "name", "code", "at", "hours", "why"), standing),
        Sheet("near", say(words.lang, "csource.near"), _columns(words, "feed", "at", "hours", "told", "load", "line"), near),
        Sheet("evidence", say(words.lang, "csource.evidence"), _columns(words, "source", "name", "code", "value", "before_value", "n"), evidence),
    )  # fmt: skip
    stem = "complaint-source"
    return Book(stem, name_of(words, source), facts(visit, words, None), sheets, words.t("taken.cut"))


def book_one(visit: Visit, words: Words) -> Book:
    """Everything as tables."""
    return _book(words, visit, _one(visit))


def book_spot(visit: Visit, words: Words) -> Book:
    """Everything as tables."""
    return _book(words, visit, _spot(visit))


SOURCE_PAGES: tuple[Page, ...] = (
    Page("complaints-source-spot", SOURCE, show_spot, nav="complaints", book=book_spot, needs="dynamic", private=True, slow=True),
    Page("complaints-source", f"{SOURCE}/{{id}}", show_one, nav="complaints", book=book_one, needs="list", private=True, slow=True),
)  # fmt: skip
