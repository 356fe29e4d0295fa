"""A Kafka topic, by the broker that librdkafka has built in: counted once whatever is killed, read on where it was left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ganzhi.base.errors import EngineError
from ganzhi.ingest.stream.counting import recount
from ganzhi.ingest.stream.kafka import KafkaSource, Topic
from ganzhi.ingest.stream.run import Pace, Stream, Turn
from ganzhi.warehouse.workplace import Workplace
from tests.stream.ground import FEED, MAPPING, START, STREAM, complaint, place_in
from tests.stream.test_batches import by_hand, kept

kafka = pytest.importorskip("confluent_kafka")
PARTITIONS = 3


class Broker:
    """librdkafka's mock cluster, in a producer of this process."""

    def __init__(self) -> None:
        self.producer = kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "", "linger.ms": 5})
        (broker,) = self.producer.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"
        self.sent: dict[str, int] = {}

    def send(self, topic: str, values: list[bytes | None], partitions: int = PARTITIONS) -> None:
        for value in values:
            n = self.sent[topic] = self.sent.get(topic, -1) + 1
            self.producer.produce(topic, value, partition=n % partitions)
        assert self.producer.flush(10) == 0


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    made = Broker()
    yield made
    made.producer.flush(1)


def records(count: int, first: int = 0) -> list[bytes | None]:
    return [json.dumps(complaint(n, START, "H1" if n % 3 else "H2")).encode() for n in range(first, first + count)]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    made = place_in(tmp_path / "w")
    recount(made, FEED)
    return made


def stream(place: Workplace, broker: str, topic: str, on_turn: Callable[[Turn], None] | None = None) -> Stream:
    where = Topic(broker, topic, "test", "earliest", {"session.timeout.ms": "6000"})
    source = KafkaSource(where, lambda: place.store.streams.offsets(STREAM), place.clock)
    return Stream(place, STREAM, FEED, MAPPING, source, Pace(0.2), on_turn)


def read_all(reading: Stream, place: Workplace, until: int) -> list[Turn]:
    """Turn until so many messages have been read."""
    turns: list[Turn] = []
    deadline = time.monotonic() + 30
    while sum(place.store.streams.offsets(STREAM).values()) < until:
        assert time.monotonic() < deadline, place.store.streams.offsets(STREAM)
        turns.append(reading.turn())
    return turns


def test_two_readers_share_a_topic_and_nothing_counts_twice(place: Workplace, broker: Broker) -> None:
    """Partitions move from one reader to the other while messages come; every message counts once."""
    topic, stopping, errors = "shared", threading.Event(), []
    broker.send(topic, records(60))

    def told(turn: Turn) -> None:
        if turn.error is not None:
            errors.append(turn.error)

    threads = []
    for n in range(2):
        reading = stream(place, broker.address, topic, told)
        threads.append(threading.Thread(target=reading.run, args=(stopping,)))
        threads[-1].start()
        broker.send(topic, records(60, 60 + 60 * n))
    deadline = time.monotonic() + 40
    while sum(place.store.streams.offsets(STREAM).values()) < 180 and time.monotonic() < deadline:
        time.sleep(0.1)
    stopping.set()
    for each in threads:
        each.join(20)
    assert place.store.streams.offsets(STREAM) == {f"{topic}[{n}]": 60 for n in range(PARTITIONS)}
    assert sum(file.rows for file in place.store.manifest.snapshot().table(f"rows/{FEED}")) == 180
    assert sum(load.read for load in place.store.ledger.loads(FEED)) == 180, "no message was read into the rows twice"
    assert kept(place) == by_hand(place)
    assert {type(error).__name__ for error in errors} <= {"StreamMovedError"}


def test_a_broker_that_is_away_is_waited_for(place: Workplace) -> None:
    away = stream(place, "127.0.0.1:9", "nowhere")
    codes: list[str] = []
    deadline = time.monotonic() + 20
    while "STR004" not in codes and time.monotonic() < deadline:
        turn = away.turn()
        codes += [turn.error.issue.code] if isinstance(turn.error, EngineError) else []
    assert [(each.state, each.said) for each in place.store.streams.all()] == [("waiting", "STR004")]
    away.close()


FAILPOINTS = (
    "stream.staged:2",
    "files.after_rename:2",
    "stream.rows_written:3",
    "store.before_commit:3",
    "store.after_commit:4",
    "stream.counted:2",
)
"""Where a reader is killed, each at a later batch than the first."""


class Child:
    """A process that forks one child per command (see `child.py`)."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stream.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "GANZHI_ENGINE_THREADS": "1"},
        )  # fmt: skip

    def run(self, op: str, root: Path, **more: Any) -> tuple[int, Any]:
        self._number += 1
        out = self._folder / f"out-{self._number}.json"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, "root": str(root), "out": str(out), **more}) + "\n")
        self._process.stdin.flush()
        status = json.loads(self._process.stdout.readline())["status"]
        if os.WIFSIGNALED(status):
            return os.WTERMSIG(status), None
        text = out.read_text(encoding="utf-8")
        assert os.WEXITSTATUS(status) == 0, text
        return 0, json.loads(text)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    made = Child(tmp_path_factory.mktemp("child"))
    yield made
    made.close()


def test_every_message_counts_once_through_kill_9(child: Child, tmp_path: Path) -> None:
    """One reader after the other is killed between any two of its steps; in the end rows, counts, quarantine and
    ledger are those of a reader that nobody disturbed."""
    sent = [*records(100), b"{", *records(100, 95), b"nonsense"]
    log = tmp_path / "log"
    log.write_bytes(b"\n".join(each or b"" for each in sent))
    given = {"log": str(log)}
    calm, root = tmp_path / "calm", tmp_path / "killed"
    assert child.run("read", calm, **given)[0] == 0
    killed = [child.run("read", root, fail=name, **given)[0] for name in FAILPOINTS]
    _, between = child.run("inspect", root)
    assert between["counts_are_the_rows"]
    assert child.run("read", root, **given)[0] == 0
    undisturbed, found = child.run("inspect", calm)[1], child.run("inspect", root)[1]
    assert found == undisturbed
    assert (found["rows"], found["read"], len(found["rejected"])) == (195, len(sent), 2)
    assert (found["lost"], found["issues"]) == ([], [])
    assert killed.count(signal.SIGKILL) >= len(FAILPOINTS) // 2, "most readers must have been killed"


def test_a_topic_is_read_on_from_where_it_was_left(broker: Broker, child: Child, tmp_path: Path) -> None:
    """A reader that was killed behind its commit, before the broker knew: the next one goes on from the store's offset.
    Wrong messages and deletion marks among the others stop nothing; lag and state are told."""
    topic, root = "onwards", tmp_path / "w"
    broker.send(topic, [*records(60), b"{", None, b"[]"])
    killed, _ = child.run("read", root, brokers=broker.address, topic=topic, fail="store.after_commit:2")
    assert killed == signal.SIGKILL
    place = place_in(root)
    left = sum(place.store.streams.offsets(STREAM).values())
    assert left > 0
    broker.send(topic, records(12, 60))
    second = stream(place, broker.address, topic)
    read_all(second, place, 75)
    assert [(each.state, each.lag) for each in place.store.streams.all()] == [("running", 0)]
    second.close()
    assert [each.state for each in place.store.streams.all()] == ["stopped"]
    loads = place.store.ledger.loads(FEED)
    assert (sum(each.accepted for each in loads), sum(each.rejected for each in loads)) == (72, 2)
    assert sum(n for (_, unit, cut), n in kept(place).items() if (unit, cut) == ("P", "{}")) == 72
    assert kept(place) == by_hand(place)


def test_every_file_of_a_folder_counts_once_through_kill_9(child: Child, tmp_path: Path) -> None:
    folder, root = tmp_path / "in", tmp_path / "w"
    folder.mkdir()
    for n in range(6):
        lines = [value for value in records(10, 10 * n) if value is not None]
        (folder / f"{n}.jsonl").write_bytes(b"\n".join(lines))
    (folder / "7.jsonl.part").write_bytes(b"{")
    points = ("ingest.before_commit:2", "store.after_commit:3", "stream.before_move:2")
    killed = [child.run("read", root, folder=str(folder), fail=name)[0] for name in points]
    assert child.run("read", root, folder=str(folder))[0] == 0
    found = child.run("inspect", root)[1]
    assert (found["rows"], found["counts_are_the_rows"], found["issues"]) == (60, True, [])
    assert sorted(each.name for each in folder.iterdir()) == ["7.jsonl.part", "loaded"]
    assert killed == [signal.SIGKILL] * len(points)
