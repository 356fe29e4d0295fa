"""Whether parts make up their whole: children that cover the parent and do not overlap, checked on the counts (S000-105)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganzhi.base.periods import Period
from ganzhi.complaints.analysis.counts import of_period
from ganzhi.measure.build.scope import Reader

ALL = "complaint.count"
CHILD, PARENT = "complaint_category", "complaint_domain"


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a tree: its own count and that of its children. unassigned: complaints of it that no child holds;
    twice: complaints that more than one child holds, at least so many."""

    key: str
    count: int
    children: int

    @property
    def unassigned(self) -> int:
        """Complaints that no child accounts for."""
        return max(self.count - self.children, 0)

    @property
    def twice(self) -> int:
        """Complaints that children account for more than once."""
        return max(self.children - self.count, 0)

    @property
    def adds_up(self) -> bool:
        """Whether children cover the parent and do not overlap, as far as counts tell."""
        return self.count == self.children


@dataclass(frozen=True, slots=True)
class Partition:
    """The whole with the parents below it, and each parent with its children. strangers: children of no parent."""

    whole: Node
    parents: tuple[Node, ...]
    strangers: Mapping[str, int]

    @property
    def adds_up(self) -> bool:
        """Whether every level does."""
        return self.whole.adds_up and all(each.adds_up for each in self.parents) and not self.strangers

    @property
    def unassigned(self) -> int:
        """Complaints that no child accounts for, on all levels."""
        return self.whole.unassigned + sum(each.unassigned for each in self.parents)

    @property
    def twice(self) -> int:
        """Complaints that children account for more than once, on all levels."""
        return self.whole.twice + sum(each.twice for each in self.parents)


def partition(total: int, parents: Mapping[str, int], children: Mapping[str, int], of: Mapping[str, str]) -> Partition:
    """total: all complaints. parents, children: their counts by value, the empty value those without one.
    of: the parent of each child.

    >>> partition(5, {"a": 3, "b": 2}, {"x": 2, "y": 1, "z": 1}, {"x": "a", "y": "a", "z": "b"}).parents[1].unassigned
    1
    """
    sums = dict.fromkeys(parents, 0)
    strangers = {}
    for key, number in children.items():
        parent = of.get(key)
        if parent is None:
            if key and number:
                strangers[key] = number
        else:
            sums[parent] = sums.get(parent, 0) + number
    nodes = tuple(Node(key, parents.get(key, 0), number) for key, number in sorted(sums.items()) if key)
    return Partition(Node("", total, sum(number for key, number in parents.items() if key)), nodes, strangers)


def domains_of(reader: Reader) -> dict[str, str]:
    """The domain of each category, as declared; of a category that ended, too."""
    domains = reader.workplace.catalogue.problem_domains
    return {category: code for code, each in domains.items() for category in each.categories}


def tree_check(reader: Reader, unit: str, period: Period) -> Partition:
    """The check of domains and categories on the complaints of a unit and period."""
    total = of_period(reader, ALL, unit, period).get((), 0)
    parents = {keys[0]: number for keys, number in of_period(reader, ALL, unit, period, (PARENT,)).items()}
    children = {keys[0]: number for keys, number in of_period(reader, ALL, unit, period, (CHILD,)).items()}
    return partition(total, parents, children, domains_of(reader))
