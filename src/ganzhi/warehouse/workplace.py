"""What every piece of work on a workspace needs, as one value of plain ports.

Built by `ganzhi.wiring`; nothing here opens or closes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ganzhi.base.clock import Clock
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import Store
from ganzhi.warehouse.engine import Engine
from ganzhi.warehouse.files import Files


@dataclass(frozen=True, slots=True)
class Workplace:
    """A workspace that is open.

    root: the workspace folder. catalogue: pack with overlay, checked. zone: in which days and
    hours are local. files: the warehouse folder. engine: the embedded engine, where SQL runs. far:
    the operator's own engine where rows are scanned there instead. operator_week: a week of the operator's own.
    """

    root: Path
    catalogue: Catalogue
    store: Store
    files: Files
    engine: Engine
    zone: ZoneInfo
    clock: Clock
    far: Engine | None = None
    operator_week: Grain | None = None

    @property
    def scanner(self) -> Engine:
        """The engine that scans rows: the operator's own, or the embedded one."""
        return self.engine if self.far is None else self.far
