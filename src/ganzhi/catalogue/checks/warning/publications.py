"""Publication rules tell somebody of what is worst, and no deadline falls before the one it follows."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report grades that nobody is told of although a lower one is published, red that waits for the morning,
    and feedback that is due before the warning has to be taken up."""
    for code, publication in catalogue.publications.items():
        path = ("publications", code)
        lower = None
        for grade in GRADES:
            step = getattr(publication, grade)
            if step is None:
                if lower is not None:
                    yield issue_at(catalogue, "CAT198", path, grade=grade, lower=lower)
                continue
            lower = grade
            if step.feedback_min < step.acknowledge_min:
                given = {"feedback": str(step.feedback_min), "acknowledge": str(step.acknowledge_min)}
                yield issue_at(catalogue, "CAT199", (*path, grade, "feedback_min"), **given)
        if publication.quiet is not None and "red" in publication.quiet.grades:
            yield issue_at(catalogue, "CAT200", (*path, "quiet", "grades"))
