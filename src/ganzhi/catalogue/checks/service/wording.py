"""Each language is in its own language: no Chinese in English names, Chinese in Chinese definitions (P20)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import KINDS, Catalogue

HAN = re.compile("[\u3400-\u9fff]")


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report names and definitions that stand in the wrong language."""
    for kind, _ in KINDS:
        for code, entry in getattr(catalogue, kind).items():
            for field in ("name", "definition", "description"):
                text = getattr(entry, field, None)
                if not isinstance(text, Text):
                    continue
                if HAN.search(text.en):
                    yield issue_at(catalogue, "CAT191", (kind, code, field, "en"), text=text.en[:40])
                if field != "name" and not HAN.search(text.zh):
                    yield issue_at(catalogue, "CAT192", (kind, code, field, "zh"), text=text.zh[:40])
