"""Whether two tickets are about the same problem, and what says so.

What is recorded decides where it is complete: category, process, product, commercial process. Where one of them was
recorded otherwise, the texts decide: nearly the same words, a customer who says it is not the first time, or a contact
that the agent recorded as a repeat of the earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from ganzhi.catalogue.model.handling import TICKET_RULES, Purpose, TicketRules
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.recognise.words import Words
from ganzhi.complaints.tickets.read import BAD_RESULTS, Ticket
from ganzhi.numerics.text.near import jaccard, pairs_of

Side = Literal["category", "process", "product", "commercial_process"]
SIDES: Final[tuple[Side, ...]] = ("category", "process", "product", "commercial_process")
ENOUGH: Final = 6
"""Different character pairs from which a text can say on its own that two tickets are the same."""
CHAINS: Final[Mapping[str, str]] = {}


def rules_of(catalogue: Catalogue) -> TicketRules:
    """The declared rules about tickets; the model's own figures where none are declared."""
    found = catalogue.ticket_rules.get(TICKET_RULES)
    return TicketRules(name=Text(zh="工单判定规则", en="Rules about tickets")) if found is None else found


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one problem. agree, differ: recorded sides that both tickets name. likeness: of the texts, 0 to 1,
    None when one has none. alike: whether the texts are the same. told_before: words of the later ticket. chained:
    its contact repeats that of the earlier one."""

    agree: tuple[Side, ...]
    differ: tuple[Side, ...]
    likeness: float | None = None
    alike: bool = False
    told_before: bool = False
    chained: bool = False

    @property
    def same(self) -> bool:
        """Whether that is one problem."""
        if self.alike or (not self.differ and len(self.agree) >= 2):
            return True
        told = self.told_before or self.chained
        if self.differ == ("category",):
            return {"process", "product", "commercial_process"} <= {*self.agree} or (told and len(self.agree) >= 2)
        return told and self.differ == ("product",) and len(self.agree) >= 2


@dataclass(slots=True)
class Said:
    """Texts of tickets made ready once: their character pairs, and whether words of a purpose stand in them."""

    catalogue: Catalogue
    day: date
    _pairs: dict[str, frozenset[int]] = field(default_factory=dict)
    _words: dict[tuple[str, Purpose], bool] = field(default_factory=dict)

    def pairs(self, of: Ticket) -> frozenset[int]:
        """Different character pairs; none of an empty text."""
        if of.id not in self._pairs:
            self._pairs[of.id] = pairs_of([cleaned(of.text or "")])[0]
        return self._pairs[of.id]

    def holds(self, of: Ticket, purpose: Purpose) -> bool:
        """Whether a word of that purpose stands in the text."""
        if (of.id, purpose) not in self._words:
            found = Words.of(self.catalogue).find(cleaned(of.text or ""), self.day) if of.text else ()
            self._words[of.id, purpose] = any(each.purpose == purpose for each in found)
        return self._words[of.id, purpose]


def compare(
    earlier: Ticket, later: Ticket, said: Said, rules: TicketRules, chains: Mapping[str, str] = CHAINS
) -> Evidence:
    """What speaks for one problem. chains: contact by the contact that repeats it."""
    agree: list[Side] = []
    differ: list[Side] = []
    for side in SIDES:
        one, other = getattr(earlier, side), getattr(later, side)
        if one is not None and other is not None:
            (agree if one == other else differ).append(side)
    before, after = said.pairs(earlier), said.pairs(later)
    likeness = jaccard(before, after) if before and after else None
    return Evidence(
        agree=tuple(agree),
        differ=tuple(differ),
        likeness=likeness,
        alike=likeness is not None and likeness >= rules.likeness and min(len(before), len(after)) >= ENOUGH,
        told_before=said.holds(later, "again"),
        chained=earlier.contact_id is not None and chains.get(later.contact_id or "") == earlier.contact_id,
    )


def unsolved_at(of: Ticket, moment: datetime) -> bool:
    """Whether the customer still had the problem then: not closed yet, closed without a solution, or opened again."""
    if of.closed_at is None or of.closed_at > moment or of.result in BAD_RESULTS:
        return True
    return of.reopened_at is not None and of.reopened_at <= moment
