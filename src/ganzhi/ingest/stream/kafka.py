"""A Kafka topic as a source. Offsets are ours: they stand in the store beside the rows, and are only told to the broker
so that its own tools can show the lag.

A partition that is given to us is read on from the store's offset; one that is taken away is forgotten with what was
read of it and does not count yet. Two readers of one partition cannot both count it: the second one's commit is refused.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, Literal

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, Issue
from ganzhi.ingest.stream.messages import Message
from ganzhi.ingest.stream.source import Polled, SourceAwayError

AT_ONCE: Final = 10_000
"""Messages asked for in one call."""
LOOK_S: Final = 0.2
METADATA_S: Final = 10.0
NO_TIME: Final = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """brokers: addresses, apart by commas. group: under which name the broker knows us. start: where a partition is
    read from that was never read. options: further options of librdkafka (security, for example)."""

    brokers: str
    topic: str
    group: str
    start: Literal["earliest", "latest"] = "earliest"
    options: Mapping[str, str] = field(default_factory=dict)


def part_name(topic: str, partition: int) -> str:
    """How a partition is called in the store and to people."""
    return f"{topic}[{partition}]"


def driver() -> Any:
    """confluent-kafka; raises EngineError STR002 where it is not installed."""
    try:
        return importlib.import_module("confluent_kafka")
    except ImportError:
        raise EngineError(Issue("STR002", "confluent-kafka")) from None


class KafkaSource:
    """One topic, read by a group. offsets: the store's next offset by part."""

    def __init__(self, topic: Topic, offsets: Callable[[], Mapping[str, int]], clock: Clock) -> None:
        self._topic, self._offsets, self._clock = topic, offsets, clock
        self._kafka = driver()
        self._next: dict[int, int | None] = {}
        self._collected: dict[int, list[Message]] = {}
        self._times: dict[int, datetime] = {}
        self._away: Issue | None = None
        self._names: dict[int, str] = {}
        self._consumer = self._kafka.Consumer(
            {
                "enable.partition.eof": False,
                "session.timeout.ms": 10_000,
                "max.poll.interval.ms": 600_000,
                "fetch.wait.max.ms": 100,
                "queued.max.messages.kbytes": 131_072,
                **topic.options,
                "bootstrap.servers": topic.brokers,
                "group.id": topic.group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": topic.start,
                "error_cb": self._on_error,
            }
        )
        self._consumer.subscribe(
            [topic.topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
        )

    def poll(self, wait_s: float, most: int) -> Polled:
        """Messages of all partitions that are ours, in the order of partitions and offsets."""
        began, until = self._clock.now(), monotonic() + wait_s
        self._collected = {}
        self._away = None
        full, taken = False, 0
        while (left := until - monotonic()) > 0 or full:
            wanted = min(AT_ONCE, most - taken)
            if wanted <= 0:
                break
            try:
                found = self._consumer.consume(wanted, max(0.0, min(left, LOOK_S)))
            except self._kafka.KafkaException as error:
                raise SourceAwayError(self._issue(error.args[0])) from None
            full, taken = len(found) == wanted, taken + len(found)  # what has piled up is taken at once
            for message in found:
                self._take(message)
        messages = tuple(each for _, some in sorted(self._collected.items()) for each in some)
        if not messages and self._away is not None:
            raise SourceAwayError(self._away)
        return self._polled(messages, began)

    def _polled(self, messages: tuple[Message, ...], began: datetime) -> Polled:
        before = {part_name(self._topic.topic, n): self._next[n] for n in self._collected}
        for partition, some in self._collected.items():
            if some[-1].at_ms is not None:
                self._times[partition] = datetime.fromtimestamp(some[-1].at_ms / 1000, UTC)
        lag, latest = 0, []
        for partition in self._next:
            behind = self._behind(partition)
            lag += behind or 0
            if behind != 0:
                latest.append(self._times.get(partition))
        known = [each for each in latest if each is not None]
        if not self._next:
            return Polled(messages, before=before)
        if not latest:
            return Polled(messages, before=before, caught_up=began)
        return Polled(messages, before=before, lag=lag, latest=min(known) if len(known) == len(latest) else None)

    def _take(self, message: Any) -> None:
        error = message.error()
        if error is not None:
            self._away = self._issue(error)
            return
        partition = message.partition()
        if partition not in self._next:
            return
        kind, milliseconds = message.timestamp()
        some = self._collected.get(partition)
        if some is None:
            some = self._collected[partition] = []
        at_ms = None if kind == NO_TIME else milliseconds
        some.append(Message(self._names[partition], message.offset(), message.value(), at_ms))

    def _behind(self, partition: int) -> int | None:
        """How many messages of a partition are at the broker and were not read; None while the broker has not told."""
        where = self._kafka.TopicPartition(self._topic.topic, partition)
        try:
            _low, high = self._consumer.get_watermark_offsets(where, cached=True)
            (position,) = self._consumer.position([where])
        except self._kafka.KafkaException:
            return None
        if high < 0:
            return None
        read = position.offset if position.offset >= 0 else self._next.get(partition) or 0
        return max(int(high) - int(read), 0)

    def counted(self, polled: Polled) -> None:
        """Read on from behind these messages, and let the broker know."""
        ends: dict[int, int] = {}
        for partition, some in self._collected.items():
            ends[partition] = some[-1].offset + 1
        self._collected = {}
        self._next |= ends
        told = [self._kafka.TopicPartition(self._topic.topic, n, end) for n, end in ends.items()]
        if told:
            with contextlib.suppress(self._kafka.KafkaException):  # only for the broker's own tools
                self._consumer.commit(offsets=told, asynchronous=True)

    def rewind(self) -> None:
        """Read every partition on from the store's offset."""
        self._collected = {}
        kept = self._offsets()
        for partition in list(self._next):
            offset = kept.get(part_name(self._topic.topic, partition))
            self._next[partition] = offset
            place = self._kafka.OFFSET_BEGINNING if self._topic.start == "earliest" else self._kafka.OFFSET_END
            where = self._kafka.TopicPartition(self._topic.topic, partition, place if offset is None else offset)
            with contextlib.suppress(self._kafka.KafkaException):
                self._consumer.seek(where)

    def close(self) -> None:
        """Leave the group."""
        self._collected = {}
        with contextlib.suppress(self._kafka.KafkaException, RuntimeError):
            self._consumer.close()

    def _on_assign(self, consumer: Any, given: Iterable[Any]) -> None:
        kept, wanted = self._offsets(), []
        for each in given:
            offset = kept.get(part_name(self._topic.topic, each.partition))
            self._next[each.partition] = offset
            self._names[each.partition] = part_name(self._topic.topic, each.partition)
            if offset is None:
                # What the broker remembers of an older store is none of ours.
                earliest = self._topic.start == "earliest"
                each.offset = self._kafka.OFFSET_BEGINNING if earliest else self._kafka.OFFSET_END
            else:
                each.offset = offset
            wanted.append(each)
        consumer.assign(wanted)

    def _on_revoke(self, consumer: Any, taken: Iterable[Any]) -> None:
        for each in taken:
            for known in (self._next, self._collected, self._times):
                known.pop(each.partition, None)
        consumer.unassign()

    def _on_error(self, error: Any) -> None:
        self._away = self._issue(error)

    def _issue(self, error: Any) -> Issue:
        refused = error.name() in ("_AUTHENTICATION", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION") or error.code() in (
            self._kafka.KafkaError.UNKNOWN_TOPIC_OR_PART,
            self._kafka.KafkaError.TOPIC_AUTHORIZATION_FAILED,
            self._kafka.KafkaError.GROUP_AUTHORIZATION_FAILED,
        )
        params = {"topic": self._topic.topic, "reason": error.str()[:300]}
        return Issue("STR005" if refused else "STR004", self._topic.brokers, params=params)
