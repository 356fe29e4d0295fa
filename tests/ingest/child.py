"""A loader in a process of its own: `python -m tests.ingest.child ROOT START FILE…`; waits until START exists."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ganzhi.ingest.load import load
from ganzhi.ingest.replay import replay
from tests.ingest.desk import Desk


def main() -> None:
    """Load, or with the word `replay` instead of files load the quarantine again."""
    root, start, *files = sys.argv[1:]
    desk = Desk(Path(root))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not Path(start).exists():
        time.sleep(0.002)
    if files == ["replay"]:
        desk.use(mapping={"format": {"null_words": ["x"]}})
        reports = replay(desk.workplace, wait_s=60)
    else:
        reports = load(desk.workplace, "visits", [Path(file) for file in files], wait_s=60)
    sys.stdout.write(json.dumps([[r.state, r.accepted, r.duplicate, r.replaced, r.rejected] for r in reports]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
