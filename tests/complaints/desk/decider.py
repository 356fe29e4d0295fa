"""A process whose children each decide something about a ticket, hand it over, and are killed at a point.

Arguments: a folder, points. Says by which signal each child ended.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ganzhi.base.clock import SystemClock
from ganzhi.base.failpoint import VARIABLE
from ganzhi.complaints.desk.process.outgoing import hand_over
from ganzhi.store.open import open_store
from ganzhi.store.outbox import NewNotice


def child(folder: Path, point: str) -> None:
    """Decide, and hand over."""
    os.environ[VARIABLE] = point
    out = folder / f"out-{point}"
    out.mkdir()
    store = open_store(f"sqlite:///{folder / point}.sqlite", SystemClock())
    told = NewNotice("ticket:A", "webhook", "act.1")
    store.desk.add("ticket", "A", 0, "li", "note", {"reason": "x"}, tell=lambda _act: [told])
    hand_over(store, out, "li")


def main(folder: Path, points: list[str]) -> None:
    """One child after the other."""
    for point in points:
        pid = os.fork()
        if pid == 0:
            try:
                child(folder, point)
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
