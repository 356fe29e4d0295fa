"""What every piece of work on a workspace needs, as one value of plain ports.

Built by `ganzhi.wiring`; nothing here opens or closes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ganzhi.base.clock import Clock
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import Store
from ganzhi.warehouse.engine import Engine
from ganzhi.warehouse.files import Files


@dataclass(frozen=True, slots=True)
class Workplace:
    """A workspace that is open.

    root: the workspace folder. catalogue: pack with overlay, checked. zone: in which days and
    hours are local. files: the warehouse folder. engine: where SQL runs.
    """

    root: Path
    catalogue: Catalogue
    store: Store
    files: Files
    engine: Engine
    zone: ZoneInfo
    clock: Clock
