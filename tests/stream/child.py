"""A process that has imported everything and forks one child per command, so that a child can be killed at a failpoint.

Reads JSON lines `{"op", "root", "fail", …}`; answers with the child's signal and result.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import alembic.migration  # noqa: F401 - imported before any fork, where it costs once

from ganzhi.base import failpoint
from ganzhi.ingest import quarantine
from ganzhi.ingest.stream.counting import recount
from ganzhi.ingest.stream.folder import FolderSource
from ganzhi.ingest.stream.kafka import KafkaSource, Topic
from ganzhi.ingest.stream.messages import Message
from ganzhi.ingest.stream.run import Pace, Stream
from ganzhi.ingest.stream.source import Polled
from ganzhi.warehouse.upkeep import doctor
from ganzhi.warehouse.workplace import Workplace
from tests.stream.ground import FEED, MAPPING, STREAM, catalogue, place_in
from tests.stream.test_batches import by_hand, kept

CATALOGUE = catalogue()
CLOCK = "WHS038"
"""That the files are younger than the test's clock says."""


def _read(place: Workplace, command: dict[str, Any]) -> object:
    """Read until nothing is left, three messages or files at a time."""
    if "folder" in command:
        stream = Stream(place, STREAM, FEED, MAPPING, FolderSource(Path(command["folder"]), place.clock), Pace(0.01, 2))
    elif "log" in command:
        stream = Stream(place, STREAM, FEED, MAPPING, Log(place, Path(command["log"])), Pace(0.01, 40))
    else:
        topic = Topic(command["brokers"], command["topic"], f"g{os.getpid()}")
        source = KafkaSource(topic, lambda: place.store.streams.offsets(STREAM), place.clock)
        stream = Stream(place, STREAM, FEED, MAPPING, source, Pace(0.2, 40))
    recount(place, FEED)
    quiet = read = 0
    while quiet < 2:
        turn = stream.turn()
        if turn.error is not None:
            raise turn.error
        read += sum(report.read for report in turn.reports)
        quiet = quiet + 1 if turn.caught_up and not turn.reports else 0
    stream.close()
    return read


def _inspect(place: Workplace, command: dict[str, Any]) -> object:
    """What counts now."""
    snapshot = place.store.manifest.snapshot()
    rows = sum(file.rows for file in snapshot.table(f"rows/{FEED}"))
    recount(place, FEED)
    return {
        "rows": rows,
        "counts_are_the_rows": kept(place) == by_hand(place),
        "minutes": sorted([*key, value] for key, value in kept(place).items()),
        "rejected": sorted(each.origin for each in quarantine.rows(place)[0]),
        "offsets": place.store.streams.offsets(STREAM),
        "read": sum(load.read for load in place.store.ledger.loads(FEED)),
        "lost": [f.path for f in snapshot.files if not place.files.path(f).is_file()],
        "issues": [issue.code for issue in doctor(place) if issue.severity == "error" and issue.code != CLOCK],
    }


class Log:
    """A topic without a broker: the lines of a file, dealt out to three partitions in turn."""

    def __init__(self, place: Workplace, path: Path) -> None:
        self._place = place
        self._parts: dict[str, list[bytes]] = {f"t[{n}]": [] for n in range(3)}
        for n, line in enumerate(path.read_bytes().split(b"\n")):
            self._parts[f"t[{n % 3}]"].append(line)

    def poll(self, _wait_s: float, most: int) -> Polled:
        """The next messages of every partition, as the store's offsets have it."""
        kept, found = self._place.store.streams.offsets(STREAM), []
        for part, lines in self._parts.items():
            first = kept.get(part, 0)
            found += [Message(part, first + n, line) for n, line in enumerate(lines[first : first + most // 3])]
        before = {part: kept.get(part) for part in {each.part for each in found}}
        return Polled(tuple(found), before=before, caught_up=None if found else self._place.clock.now())

    def counted(self, polled: Polled) -> None: ...

    def rewind(self) -> None: ...

    def close(self) -> None: ...


OPS = {"read": _read, "inspect": _inspect}


def _child(command: dict[str, Any]) -> None:
    os.environ[failpoint.VARIABLE] = command.get("fail", "")
    place = place_in(Path(command["root"]))
    result = OPS[command["op"]](place, command)
    place.store.close()
    Path(command["out"]).write_text(json.dumps(result), encoding="utf-8")


def main() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _child(command)
                status = 0
            except BaseException as error:  # noqa: BLE001 - the test wants the text, whatever it is
                Path(command["out"]).write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(json.dumps({"status": status}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
