"""A process that hears one warning, and may be killed before it is committed. Argument: the store's URL."""

from __future__ import annotations

import sys

from ganzhi.base.clock import SystemClock
from ganzhi.improve.findings import Findings
from ganzhi.improve.rules import Rules
from ganzhi.store.open import open_store
from ganzhi.store.outbox import NewNotice
from tests.improve.town import catalogue, evaluated


def main(url: str) -> None:
    """Hear it, and tell of each act."""
    store = open_store(url, SystemClock())
    desk = Findings(store, Rules(catalogue()), lambda f, e: [NewNotice(f.id, "mail", f"{e.number}.{e.act}")])
    desk.hear([evaluated(2)])
    store.close()


if __name__ == "__main__":
    main(sys.argv[1])
