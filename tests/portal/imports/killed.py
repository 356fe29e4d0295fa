"""Hands a file in and loads it, in a process of its own: `python -m tests.portal.imports.killed ROOT FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from ganzhi.access.rights import LOCAL
from ganzhi.measure.build.imports.desk import ImportDesk
from ganzhi.measure.views.imports.pages import ImportsPage
from ganzhi.wiring import opened


def main() -> None:
    """Take up an upload that waits, or hand the file in; then load it."""
    root, file = Path(sys.argv[1]), Path(sys.argv[2])
    with opened(root) as workspace:
        desk = ImportDesk(workspace.workplace)
        page: ImportsPage = desk.page(LOCAL, None, None)
        with file.open("rb") as content:
            waits = page.waiting[0].id if page.waiting else None
            upload = waits or desk.receive(LOCAL, "calls", "anonymous_bank", file.name, content)
        sys.stdout.write(desk.commit(LOCAL, upload))


if __name__ == "__main__":
    main()
