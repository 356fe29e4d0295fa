"""Named places where a test may kill the process.

Inert unless the environment variable `GANZHI_FAILPOINT` is `name` or `name:n`; then the process
dies by SIGKILL at the n-th pass (the first by default), as at a power switch: nothing is flushed,
no handler runs. A variable that is malformed kills nothing.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Final

VARIABLE: Final = "GANZHI_FAILPOINT"

_passes: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here when the environment asks for it; otherwise do nothing."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    target, _, nth = wanted.partition(":")
    if target != name:
        return
    _passes[name] += 1
    if str(_passes[name]) == (nth or "1"):
        os.kill(os.getpid(), signal.SIGKILL)
