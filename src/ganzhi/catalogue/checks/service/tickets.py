"""The rules about tickets can be applied: there is exactly one set of them, about contacts that are recorded."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.handling import TICKET_RULES
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report sets of rules that nobody reads, and contact codes that no contact has."""
    codes = catalogue.code_lists.get("contact_codes")
    known = [] if codes is None else [str(each.to) for each in codes.entries]
    for name, rules in catalogue.ticket_rules.items():
        if name != TICKET_RULES:
            yield issue_at(catalogue, "CAT290", ("ticket_rules", name), value=name, known=TICKET_RULES)
        for code in rules.intake:
            if known and code not in known:
                yield issue_at(
                    catalogue, "CAT291", ("ticket_rules", name, "intake", code), value=code, near=near(code, known)
                )
