"""A process with a store of its own, driven by lines of JSON: `[act, argument…]` in, the answer out.

`open` opens a store; all acts work on the one opened last. `in_child` opens a store in a forked
child, which is cheap, and waits for its end. `fork_off` does not wait: the test kills the child by
its process id and hears its end from `reap`; the child's answers come as if they were the parent's.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from ganzhi.base.clock import SystemClock
from ganzhi.base.errors import EngineError
from ganzhi.store.backup import restore_backup
from ganzhi.store.jobs import NewJob
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store, open_store
from ganzhi.store.outbox import NewNotice
from tests.store.samples import a_file, a_load


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def commit_load(store: Store, content: str) -> Any:
    """Load some content, as one of several that race for it."""
    load = a_load(content)
    file = a_file("rows/calls", f"{content}-{load.id}")
    return store.manifest.commit(Change("load", add=(file,), load=load, jobs=(NewJob("refresh", content),)))


def replace(store: Store, name: str) -> Any:
    """Retire all files of a table and add one, on the state as this process sees it."""
    now = store.manifest.snapshot()
    retire = tuple(file.id for file in now.table("rows/calls"))
    change = Change("compact", (a_file("rows/calls", name),), retire, tables=frozenset({"rows/calls"}))
    return store.manifest.commit(change, now)


def swap_pairs(store: Store, rounds: int) -> Any:
    """Replace the two files of a table by two others, again and again."""
    for n in range(rounds):
        retire = tuple(file.id for file in store.manifest.snapshot().table("rows/calls"))
        pair = tuple(a_file("rows/calls", f"{n}-{half}", rows=n) for half in "ab")
        store.manifest.commit(Change("compact", pair, retire))
    return rounds


def acknowledge(store: Store, prefix: str, rounds: int, pause_s: float = 0) -> Any:
    """Commit one file after the other and say so after each."""
    for n in range(rounds):
        time.sleep(pause_s)
        store.manifest.commit(Change("load", (a_file("rows/calls", f"{prefix}-{n}", rows=n),)))
        _say(n)
    return "end"


def work(store: Store, name: str, lease_s: float) -> Any:
    """Do jobs until none is open: the effect of each is a file that is committed with the job's end."""
    while store.jobs.jobs(limit=1):
        claim = store.jobs.claim(name, lease_s=lease_s)
        if claim is None:
            time.sleep(0.05)
            continue
        time.sleep(0.01)
        file = a_file("rows/calls", f"{claim.key}-{claim.token}")
        try:
            store.manifest.commit(Change("refresh", (file,), claim=claim, finishes_job=True))
        except EngineError as error:
            if error.issue.code != "STO014":
                raise
    return "end"


def claim(store: Store, name: str, lease_s: float = 60) -> Any:
    got = store.jobs.claim(name, lease_s=lease_s)
    return got and got.key


def fire(store: Store, schedule: str, due_at: str) -> Any:
    return store.jobs.fire(schedule, datetime.fromisoformat(due_at))


def enqueue(store: Store, key: str) -> Any:
    return store.jobs.enqueue(NewJob("refresh", key))


def append(store: Store, actor: str) -> Any:
    return store.audit.append(actor, "test.act", "subject", {"by": actor}).number


def announce(store: Store, finding: str) -> Any:
    return store.outbox.enqueue([NewNotice(finding, "mail", "raised")])


def dispatch(store: Store, lease_s: float = 60) -> Any:
    got = store.outbox.claim(lease_s=lease_s)
    return got and got.finding


def backup(store: Store, to: str) -> Any:
    return store.backup(Path(to))


def restore(_store: Store, from_file: str, url: str) -> Any:
    return restore_backup(Path(from_file), url)


def limit_files(_store: Store, size: int) -> Any:
    """Let no file grow beyond a size, as a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        commit_load, replace, swap_pairs, acknowledge, work, claim, fire, enqueue, append, announce, dispatch,
        backup, restore, limit_files,
    )
}  # fmt: skip


def _answer(store: Store | None, act: str, *args: Any) -> Any:
    try:
        return ACTS[act](store, *args)
    except EngineError as error:
        return {"code": error.issue.code, "retryable": error.retryable}


def _in_child(environment: dict[str, str], url: str, *acts: list[Any]) -> Any:
    """Do acts in a child with this environment; how it ended (the signal, 0 for none) and its answers."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.environ.update(environment)
        store = open_store(url, SystemClock())
        for act in acts:
            os.write(writing, json.dumps(_answer(store, *act)).encode() + b"\n")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answers:
        said = [json.loads(line) for line in answers]
    return [os.WTERMSIG(os.waitpid(child, 0)[1]), said]


def _fork_off(url: str, *acts: list[Any]) -> None:
    """Begin acts in a child and say its process id."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(reading, 1)  # not a word before the parent has spoken
        store = open_store(url, SystemClock())
        for act in acts:
            _say(_answer(store, *act))
        os._exit(0)
    _say(child)
    os.write(writing, b".")
    os.close(reading)
    os.close(writing)


def main() -> None:
    store: Store | None = None
    for line in sys.stdin:
        act, *args = json.loads(line)
        if act == "open":
            if store is not None:
                store.close()
            store = open_store(args[0], SystemClock())
            answer: Any = "ready"
        elif act == "in_child":
            answer = _in_child(*args)
        elif act == "reap":
            answer = {"signal": os.WTERMSIG(os.waitpid(args[0], 0)[1])}
        elif act == "fork_off":
            _fork_off(*args)
            continue
        else:
            answer = _answer(store, act, *args)
        _say(answer)


if __name__ == "__main__":
    main()
