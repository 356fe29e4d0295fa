"""What the pages of flows share: their ports, addresses, words for times, sequences and shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.parts import Text
from ganzhi.portal.links import WHERE_PREFIX, Links, url
from ganzhi.portal.page import Crumb
from ganzhi.portal.ports.process import ProcessPorts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.visit import Visit

ARROW = " → "


def ports(visit: Visit) -> ProcessPorts:
    """The ports of this visit."""
    found = visit.context.process
    if found is None:
        raise InternalError("a portal without flows")
    return found


def scope_pairs(links: Links) -> dict[str, str | int | None]:
    """Place, period, comparison and basis as parameters."""
    return {"region": links.region, "period": links.period, "vs": links.vs, "basis": links.basis}


def flow_link(links: Links, code: str, where: Mapping[str, str], fold: str | None = None) -> str:
    """A flow of the cases that have these values."""
    chosen: dict[str, str | int | None] = {f"{WHERE_PREFIX}{name}": value for name, value in where.items()}
    return url(links.flow(code), {**scope_pairs(links), **chosen, "fold": fold})


def cases_link(links: Links, code: str, where: Mapping[str, str], **which: str | int | None) -> str:
    """The cases behind a count. which: parameters of the list, `source` and `target` as `from` and `to`."""
    chosen: dict[str, str | int | None] = {f"{WHERE_PREFIX}{name}": value for name, value in where.items()}
    named = {{"source": "from", "target": "to"}.get(name, name): value for name, value in which.items()}
    return url(f"{links.flow(code)}/cases", {**scope_pairs(links), **chosen, **named})


def crumbs(words: Words, links: Links, *more: Crumb) -> tuple[Crumb, ...]:
    """The way back to the list of flows."""
    return (Crumb(words.t("nav.journeys"), links.journeys()), Crumb(words.t("flow.title"), links.flows()), *more)


def lasting(words: Words, seconds: float | None) -> str:
    """A length of time in words; a dash for none."""
    if seconds is None:
        return UNKNOWN
    if 0 < seconds < 1:
        return words.t("flow.under_a_second")
    return wording.duration(words.lang, seconds)


def path_text(words: Words, names: Mapping[str, Text], path: Iterable[str]) -> str:
    """A sequence in words."""
    return ARROW.join(words.text(names[each]) if each in names else each for each in path)


def guarded(words: Words, lists: bool) -> Callable[[int], str]:
    """Counts as a viewer may see them: without list depth small ones are withheld."""
    return lambda number: count(number) if lists or not 0 < number < SMALLEST_CELL else words.t("withheld")


def share(words: Words, part: int, whole: int) -> str:
    """A part of the cases as per cent; a dash of none."""
    return words.per_cent(part / whole) if whole else UNKNOWN


def count(number: int) -> str:
    """A count with its digits in groups."""
    return wording.grouped(number)
