"""Business importance of processes: the weights of the priorities that are valid on a day (S000-027)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import fsum

from ganzhi.catalogue.model.guidance import ProcessWeight, Selection
from ganzhi.catalogue.model.whole import Catalogue


def valid(weight: ProcessWeight, day: date) -> bool:
    """Whether a weight holds on a day; both ends of its validity are included."""
    return (weight.valid_from is None or weight.valid_from <= day) and (
        weight.valid_to is None or day <= weight.valid_to
    )


def importance(catalogue: Catalogue, selection: Selection, day: date) -> Mapping[str, float]:
    """Importance of every process, 0 to 1: the sum of its valid weights as a share of the highest sum.

    All are 0 where no weight is valid on that day.
    """
    sums = {
        code: fsum(
            float(weight.weight)
            for priority in selection.priorities
            if priority in catalogue.priorities
            for weight in catalogue.priorities[priority].weights
            if weight.process == code and valid(weight, day)
        )
        for code in catalogue.processes
    }
    most = max(sums.values(), default=0.0)
    return {code: value / most if most else 0.0 for code, value in sums.items()}
