"""A process that delivers what is due in a store, and may be killed at a named point.

Arguments: the store's URL, the settings of `[notify]` as JSON, and for how many seconds.
"""

from __future__ import annotations

import sys
import time

from ganzhi.base.clock import SystemClock
from ganzhi.base.settings import NotifySettings
from ganzhi.notify.channels import channels
from ganzhi.notify.deliver import deliver
from ganzhi.store.open import open_store


def main(url: str, settings: str, seconds: float) -> None:
    """Deliver until the time is over."""
    clock = SystemClock()
    store = open_store(url, clock)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        deliver(store.outbox, channels(clock), NotifySettings.model_validate_json(settings))
        time.sleep(0.05)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
