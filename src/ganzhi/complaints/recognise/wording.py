"""By which words the classes of a head are declared in the catalogue: what is known of a class before anybody is heard."""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.text import cleaned


def wording(catalogue: Catalogue, head: str) -> Mapping[str, tuple[str, ...]]:
    """Cleaned wordings of each class; no class for a head that the catalogue does not describe."""
    if head == "category":
        return {
            code: _distinct(category.name.zh, *(item.zh for item in category.items), *category.cues)
            for domain in catalogue.problem_domains.values()
            for code, category in domain.categories.items()
            if not category.catch_all
        }
    if head == "process":
        return {code: _distinct(process.name.zh) for code, process in catalogue.processes.items()}
    if head == "product":
        return {code: _distinct(product.name.zh) for code, product in catalogue.products.items()}
    return {}


def _distinct(*words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cleaned(word) for word in words))
