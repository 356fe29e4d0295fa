"""A process that approves one proposal and may be killed on the way: `python -m … URL FOLDER ID`."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from ganzhi.base.clock import SystemClock
from ganzhi.catalogue import files
from ganzhi.catalogue.content import to_json
from ganzhi.catalogue.load import load_with_issues
from ganzhi.store.open import Store, open_store
from ganzhi.store.revisions.desk import Desk
from ganzhi.store.revisions.projection import settle

PACKS = Path(__file__).parents[2] / "catalogue" / "exchange" / "packs"


def desk_at(store: Store, overlay: Path) -> Desk:
    """The desk of a workspace with the small pack, opened as `wiring` opens one."""
    settle(overlay / "edits", store)
    current, issues = load_with_issues("small", overlay)
    assert current is not None, issues
    store.catalogues.remember(current.version, to_json(current))
    return Desk(
        store,
        current,
        lambda proposed: load_with_issues("small", overlay, proposed=proposed),
        overlay / "edits",
        ZoneInfo("Asia/Shanghai"),
    )


if __name__ == "__main__":
    setattr(files, "_packs_folder", lambda: PACKS)  # noqa: B010 - as the tests' fixture does
    opened = open_store(sys.argv[1], SystemClock())
    desk_at(opened, Path(sys.argv[2])).approve(opened.proposals.get(sys.argv[3]), by="boss")
    opened.close()
