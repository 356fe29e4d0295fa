"""What the pages of traces share: their ports, addresses, words for times and counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.parts import Text
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb
from ganzhi.portal.ports.traces import TracePorts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.visit import Visit

STATES = ("done", "open", "stuck", "lost", "impossible")


def ports(visit: Visit) -> TracePorts:
    """The ports of this visit."""
    found = visit.context.traces
    if found is None:
        raise InternalError("a portal without traces")
    return found


def lists(visit: Visit) -> bool:
    """Whether the viewer may see lists of customers."""
    return visit.context.viewer.may("list")


def _pairs(links: Links) -> dict[str, str | int | None]:
    return {"region": links.region, "period": links.period, "vs": links.vs, "basis": links.basis}


def trace_link(links: Links, code: str, by: str | None = None, hop: str | None = None) -> str:
    """A trace. by: what a hop is split by; hop: which."""
    return url(links.trace(code), {**_pairs(links), "by": by, "hop": hop})


def stuck_link(links: Links, code: str, which: str) -> str:
    """One of its lists."""
    return url(f"{links.trace(code)}/list/{which}", _pairs(links))


def day_link(links: Links, code: str, day: date) -> str:
    """One of its days."""
    return url(f"{links.trace(code)}/day/{day.isoformat()}", _pairs(links))


def story_link(links: Links, code: str, chain: str) -> str:
    """One of its chains."""
    return url(f"{links.trace(code)}/chain/{quote(chain, safe='')}", _pairs(links))


def asked_link(
    links: Links, feed: str, first: date, last: date, *conditions: tuple[str, str], place: bool = True
) -> str:
    """Records of a feed in some days under conditions, asked freely; place: of the page's place alone."""
    asked: dict[str, str | int | None] = {
        "mode": "records",
        "region": links.region if place else None,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "feed": feed,
    }
    for at, (column, value) in enumerate(conditions, start=1):
        asked |= {f"c{at}": column, f"o{at}": "eq", f"v{at}": value}
    return url("/query", asked)


def crumbs(words: Words, links: Links, *more: Crumb) -> tuple[Crumb, ...]:
    """The way back to the list of traces."""
    return (Crumb(words.t("nav.journeys"), links.journeys()), Crumb(words.t("trace.title"), links.traces()), *more)


def lasting(words: Words, millis: int | None) -> str:
    """A length of time in words; a dash for none."""
    if millis is None:
        return UNKNOWN
    if -1_000 < millis < 1_000:
        return words.t("flow.under_a_second")
    text = wording.duration(words.lang, abs(millis) / 1_000)
    return f"−{text}" if millis < 0 else text


def part(words: Words, share: float | None) -> str:
    """A share as per cent; a dash for none."""
    return UNKNOWN if share is None else words.per_cent(share)


def counted(visit: Visit, words: Words, number: int) -> str:
    """How many events of a part there were; a small number is not told to those who may not see lists."""
    if 0 < number < SMALLEST_CELL and not lists(visit):
        return words.t("trace.few", n=SMALLEST_CELL)
    return wording.grouped(number)


def yuan(fen: int | None) -> str:
    """Money at stake, in yuan."""
    return UNKNOWN if fen is None else f"{wording.grouped(fen // 100)}.{fen % 100:02d}"


def exactly(words: Words, millis: int | None) -> str:
    """A length of time up to an hour to the second; a dash for none."""
    if millis is None or abs(millis) < 60_000 or abs(millis) >= 3_600_000:
        return lasting(words, millis)
    minutes, rest = divmod(abs(millis) // 1_000, 60)
    text = words.t("trace.minutes", minutes=minutes, seconds=rest)
    return f"−{text}" if millis < 0 else text


def moment(visit: Visit, at: datetime) -> str:
    """A moment to the second, in the workspace's zone."""
    return f"{at.astimezone(visit.context.zone):%Y-%m-%d %H:%M:%S}"


def untied(words: Words, title: Text, *, money: bool) -> str:
    """A column's title; without its unit in brackets where the values are shown in another."""
    text = words.text(title)
    if not money:
        return text
    for mark, after in (("（", "）"), (" in fen", "")):
        if mark in text and text.endswith(after):
            text = text[: text.index(mark)]
    return text


def told(words: Words, value: object, names: Mapping[str, Text] | None = None, *, money: bool = False) -> str:
    """A value of a record in words; codes by their names; money: fen, shown in yuan."""
    match value:
        case int() if money and not isinstance(value, bool):
            return words.t("trace.yuan", yuan=yuan(value))
        case None:
            return UNKNOWN
        case bool():
            return words.t("trace.yes" if value else "trace.no")
        case datetime():
            return words.instant(value)
        case int():
            return wording.grouped(value)
        case _:
            named = (names or {}).get(str(value))
            return str(value) if named is None else words.text(named)
