"""Reference page: the indicators of the packs that ship, as declared."""

from __future__ import annotations

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.indicators import LAYERS, Indicator, Limits
from ganzhi.catalogue.model.whole import Catalogue
from tools.docs.markdown import page, table

UNIT = {"percent": "%", "per_10k": "per 10k", "score": "points", "mbps": "Mbit/s", "mb": "MB", "day": "days"}


def _limits(limits: Limits | None) -> str:
    return f"{limits.floor} / {limits.target} / {limits.challenge}" if limits else ""


def _row(code: str, indicator: Indicator) -> tuple[str, ...]:
    supports = ", ".join(f"`{s.parent}` ×{s.weight}" for s in indicator.supports)
    return (
        f"`{code}`",
        f"{indicator.name.zh}<br>{indicator.name.en}",
        f"{indicator.definition.zh}<br>{indicator.definition.en}",
        UNIT.get(indicator.unit, indicator.unit),
        indicator.measure or "score of children",
        _limits(indicator.targets.management),
        supports,
    )


HEADS = ["code", "名称 / name", "口径 / definition", "unit", "measure", "floor / target / challenge", "supports"]


def _sections(catalogue: Catalogue) -> list[str]:
    found = []
    for layer in LAYERS:
        rows = [_row(code, i) for code, i in catalogue.indicators.items() if i.layer == layer and not i.retired]
        if rows:
            found.append(f"## {layer}\n\n{table(HEADS, rows)}")
    dimensions = [
        (f"`{c}`", d.name.zh, d.name.en, d.group, ", ".join(f"`{v}`" for v in d.values))
        for c, d in catalogue.dimensions.items()
    ]
    found.append(f"## Dimensions / 维度\n\n{table(['code', '名称', 'name', 'group', 'values'], dimensions)}")
    return found


def indicators_page() -> str:
    """Indicators by layer, and the dimensions they can be cut by."""
    catalogue = load_catalogue("telecom", None)
    live = sum(not i.retired for i in catalogue.indicators.values())
    return page(
        "Indicators of the pack `telecom`",
        f"{live} indicators over {len(catalogue.feeds)} feeds.",
        *_sections(catalogue),
    )
