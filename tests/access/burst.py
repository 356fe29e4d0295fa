"""A process that tries a wrong password as often as it can: `python -m … URL LOGIN COUNT`; prints what came of it."""

from __future__ import annotations

import json
import sys

from ganzhi.access.open import open_access
from ganzhi.access.refused import NotSignedInError, TooManyAttemptsError
from ganzhi.base.clock import SystemClock
from ganzhi.base.settings import Settings
from ganzhi.store.open import open_store
from tests.access.conftest import CHEAP


def attempts(url: str, login: str, count: int) -> dict[str, int]:
    """How many attempts looked at the password, and how many had to wait."""
    store = open_store(url, SystemClock())
    signin = open_access(store, Settings(), CHEAP).signin
    found = {"looked": 0, "waited": 0}
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(count):
        try:
            signin.password(login, "not the one it is", address="10.0.0.9", agent="burst")
        except TooManyAttemptsError:
            found["waited"] += 1
        except NotSignedInError:
            found["looked"] += 1
    store.close()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(attempts(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
