"""How long it takes from a message to a warning that somebody has been told of, with 20,000 messages in a second.

A producer writes complaints of a province into a Kafka topic (the broker that librdkafka has built in, in the producer's
process), and now and then an outbreak of one rare product in one city into the middle of them. A second process is
`ganzhi stream` as it is: batches of a second, mapping, contract, keys, one commit, counts per minute, a rule of
one-minute periods over all cities and products, findings, notices to a web address. The address is ours and notes when
a notice comes in. A latency is that of the last message of an outbreak, from when it was handed to the producer to when its
notice came in; of all messages it is also told how long they took to count.

What is made up: the past weeks, which are what the producer's rates would have left (a real past at this rate would be a
hundred thousand million rows). What is left out: compaction and refresh, which another process does.

Run: python -m benchmarks.realtime [--seconds N] [--rate N] [--quick] [--temp FOLDER]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import confluent_kafka
import numpy as np

from benchmarks.ground.runs import Goal, conclude
from ganzhi.catalogue.load import load_catalogue
from ganzhi.compile.minutes import MinutePlan
from ganzhi.ingest.stream.messages import Message
from ganzhi.ingest.stream.run import Turn
from ganzhi.ingest.stream.source import Polled
from ganzhi.store.columns import json_text
from ganzhi.streaming import Judged, Near, settings_of, stream_of
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.minutes import feeds
from ganzhi.warn.minutes.past import MINUTES_A_DAY, Past
from ganzhi.wiring import init_workspace, opened

RATE, SECONDS, QUICK_SECONDS = 20_000, 120, 20
GOAL_P99_S = 5.0
CITIES, HALLS = 17, 10
COMMON: Final = ("messaging", "mobile_reading", "mobile_video", "mobile_payment")
COMMON_SHARE = 0.999
TOPIC, PARTITIONS = "complaints", 4
OUTBREAK = 60
WARM_S = 8
EVERY_S = 0.5
"""Seconds from one outbreak to the next; each is of another city and product."""
PIECE_S = 0.05


def _products() -> tuple[str, ...]:
    entries = load_catalogue("telecom", None).code_lists["products"].entries
    return tuple(dict.fromkeys(entry.to for entry in entries))


def _workspace(root: Path, broker: str, notices: str) -> None:
    """A workspace with a province, a rule on complaints by product, and the stream."""
    init_workspace(root, name="realtime")
    halls = [(f"C{c}H{h}", f"C{c}") for c in range(CITIES) for h in range(HALLS)]
    units = [f"  C{c}: {{name: {{zh: 市{c}, en: City {c}}}, level: city, parent: all}}" for c in range(CITIES)]
    units += [f"  {code}: {{name: {{zh: 厅, en: Hall}}, level: hall, parent: {city}}}" for code, city in halls]
    columns = ("complaint_id", "unit", "customer_id", "channel", "kind", "commercial_process", "product", "category")
    text = "units:\n" + "\n".join(units) + "\nmappings:\n  complaint_messages:\n"
    text += "    name: {zh: 投诉消息, en: Messages of complaints}\n    feed: complaints\n    format: {kind: jsonl}\n    columns:\n"
    text += "".join(f"      {name}: {{source: {name}}}\n" for name in columns)
    text += "      received_at: {source: received_at, epoch: ms}\n"
    text += (
        "publications:\n  at_once:\n    name: {zh: 即时, en: At once}\n"
        + "".join(
            f"    {grade}: {{roles: [handler], channels: [webhook], acknowledge_min: 60, feedback_min: 120}}\n"
            for grade in ("blue", "yellow", "orange", "red")
        )
        + "warning_rules:\n  realtime.products:\n    name: {zh: 分产品投诉, en: Complaints by product}\n    level: centre\n"
        "    indicator: complaint.count\n    by: product\n    at: [city]\n    grain: 1min\n"
        "    owner: {zh: 客户服务中心, en: Customer service centre}\n    publication: at_once\n"
    )
    (root / "catalogue" / "realtime.yaml").write_text(text, encoding="utf-8")
    settings = root / "ganzhi.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        + f'\n[streams.complaints]\nfeed = "complaints"\nmapping = "complaint_messages"\nsource = "kafka"\n'
        f'brokers = "{broker}"\ntopic = "{TOPIC}"\nlate_s = 10\n'
        f'\n[notify.targets.centre]\nchannel = "webhook"\nroles = ["handler"]\nurl = "{notices}"\n',
        encoding="utf-8",
    )


def _rates(rate: float) -> dict[tuple[str, str], float]:
    """Messages in a second of each city and product."""
    products = _products()
    rare = [product for product in products if product not in COMMON]
    common = rate * COMMON_SHARE / CITIES / len(COMMON)
    seldom = rate * (1.0 - COMMON_SHARE) / CITIES / max(len(rare), 1)
    return {(f"C{c}", p): common if p in COMMON else seldom for c in range(CITIES) for p in products}


@dataclass
class Notices:
    """When the notice of which finding came in; the first of each city and product counts."""

    at: dict[tuple[str, str], float] = field(default_factory=dict)

    @contextmanager
    def listening(self) -> Iterator[str]:
        """An address that takes notices in."""
        noted = self.at

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                now = time.time()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                cut = json.loads(body.get("slice") or "{}")
                noted.setdefault((str(body.get("unit")), str(cut.get("product"))), now)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing is logged."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


class Producer:
    """Writes messages at a rate, with an outbreak now and then."""

    def __init__(self) -> None:
        self._kafka = confluent_kafka.Producer(
            {
                "test.mock.num.brokers": 1,
                "bootstrap.servers": "",
                "linger.ms": 10,
                "queue.buffering.max.messages": 500_000,
            }
        )
        (broker,) = self._kafka.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"
        self.sent = 0
        self.ended: dict[tuple[str, str], float] = {}
        self._random = random.Random(3)

    def _write(self, city: str, product: str) -> None:
        n = self.sent = self.sent + 1
        now = int(time.time() * 1000)
        value = (
            f'{{"complaint_id":"c{n:012d}","received_at":{now},"unit":"{city}H{n % HALLS}","customer_id":"u{n % 9999991}",'
            f'"channel":"hall","kind":"ordinary","commercial_process":"network","product":"{product}","category":"order_record"}}'
        )
        self._kafka.produce(TOPIC, value.encode(), partition=n % PARTITIONS)

    def outbreak(self, city: str, product: str) -> None:
        """Many complaints of one city and product at once."""
        for _ in range(OUTBREAK):
            self._write(city, product)
        self._kafka.poll(0)
        self.ended[city, product] = time.time()

    def run(self, rate: int, seconds: float, outbreaks: Sequence[tuple[str, str]]) -> float:
        """Write for so long; the rate that was reached."""
        rates = _rates(rate)
        cuts, weights = list(rates), list(rates.values())
        picked = self._random.choices(cuts, weights, k=200_000)
        began, waiting, first = time.time(), list(outbreaks), self.sent
        while (gone := time.time() - began) < seconds:
            due = first + int(rate * gone)
            while self.sent < due:
                self._write(*picked[self.sent % len(picked)])
            self._kafka.poll(0)
            if waiting and gone > WARM_S + EVERY_S * (len(outbreaks) - len(waiting)):
                self.outbreak(*waiting.pop(0))
            time.sleep(PIECE_S)
        self._kafka.flush(30)
        return (self.sent - first) / (time.time() - began)


def _made_up(rate: int) -> Callable[..., Past]:
    """A past that the producer's rates would have left."""

    def past_of(_place: Workplace, plan: MinutePlan, before: date, minutes: int) -> Past:
        days = tuple(before - timedelta(days=n) for n in range(63, 0, -1))
        past, noise = Past(days, MINUTES_A_DAY // minutes), np.random.default_rng(5)
        for (city, product), each in _rates(rate).items():
            counts = noise.poisson(each * 60 * minutes, (len(days), past.width)).astype(float)
            past.counts[city, json_text({"product": product})] = {m.name: counts for m in plan.measures}
        return past

    return past_of


@dataclass
class _Noted:
    """What the reader notes: how long batches took, and each message until it counted. first: from when on."""

    stopping: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)
    waits: list[Any] = field(default_factory=list)
    cycles: list[float] = field(default_factory=list)
    most_lag: int = 0
    first_ms: float = 0.0
    last: float = field(default_factory=time.monotonic)

    def turn(self, turn: Turn, _judged: Judged) -> None:
        """After each turn, warnings included."""
        now = time.monotonic()
        if turn.reports:
            self.cycles.append(now - self.last)
            self.most_lag = max(self.most_lag, turn.lag)
        self.last = now
        if self.ending.is_set() and turn.caught_up and not turn.reports:
            self.stopping.set()

    def counted(self, messages: Sequence[Message]) -> None:
        """At the moment when a batch counts."""
        if not self.first_ms and messages:
            self.first_ms = (messages[0].at_ms or 0) + WARM_S * 1000
        now = time.time()
        found = [now - m.at_ms / 1000 for m in messages if m.at_ms is not None and m.at_ms > self.first_ms]
        self.waits.append(np.array(found, dtype=np.float32))

    def figures(self) -> dict[str, object]:
        """The same as numbers."""
        found = np.concatenate(self.waits) if self.waits else np.zeros(0, dtype=np.float32)
        quantiles = [float(np.quantile(found, q)) for q in (0.5, 0.95, 0.99, 1.0)] if len(found) else []
        middle = sorted(self.cycles)[len(self.cycles) // 2] if self.cycles else 0.0
        return {"timed": len(found), "quantiles": quantiles, "cycle_s": middle, "most_lag": self.most_lag}


def _child(root: Path, rate: int) -> int:
    """`ganzhi stream` on the workspace, with the past made up and the time noted at which each message counted."""
    vars(feeds)["read_past"] = _made_up(rate)
    noted = _Noted()
    signal.signal(signal.SIGTERM, lambda *_: noted.ending.set())
    signal.signal(signal.SIGINT, lambda *_: noted.stopping.set())
    with opened(root) as workspace:
        settings, near = settings_of(workspace, "complaints"), Near(workspace)
        stream = stream_of(workspace, "complaints", settings, near, noted.turn, lambda _n, e: print(e, file=sys.stderr))
        source: Any = stream._source  # noqa: SLF001 - the moment at which a batch counts
        counted: Callable[[Polled], None] = source.counted

        def both(polled: Polled) -> None:
            noted.counted(polled.messages)
            counted(polled)

        source.counted = both
        gc.collect()
        gc.freeze()  # as the command does
        cpu = time.process_time()
        print("ready", flush=True)
        stream.run(noted.stopping)
        gc.unfreeze()
        used = time.process_time() - cpu
        rows = sum(f.rows for f in workspace.workplace.store.manifest.snapshot().table("rows/complaints"))
    print(json.dumps({**noted.figures(), "rows": rows, "cpu_s": used}))
    return 0


def _spread(found: Sequence[float]) -> dict[str, float]:
    return {f"p{q:g}": float(np.quantile(found, q / 100)) for q in (50, 90, 95, 99, 100)}


def main() -> int:
    """Run it and print the distribution beside the goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--temp", type=Path)
    parser.add_argument("--child", type=Path)
    asked = parser.parse_args()
    if asked.child is not None:
        return _child(asked.child, asked.rate)
    seconds = asked.seconds or (QUICK_SECONDS if asked.quick else SECONDS)
    notices, producer = Notices(), Producer()
    rare = [(f"C{c}", p) for p in _products() if p not in COMMON for c in range(CITIES)]
    random.Random(1).shuffle(rare)
    outbreaks = rare[: max(1, int((seconds - WARM_S - 5) / EVERY_S))]
    before = os.getloadavg()
    with tempfile.TemporaryDirectory(dir=asked.temp) as folder, notices.listening() as url:
        root = Path(folder) / "w"
        _workspace(root, producer.address, url)
        words = [sys.executable, "-m", "benchmarks.realtime", "--child", str(root), "--rate", str(asked.rate)]
        child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        cpu = time.process_time()
        reached = producer.run(asked.rate, seconds, outbreaks)
        produced = time.process_time() - cpu
        until = time.time() + 30
        while len(notices.at) < len(producer.ended) and time.time() < until:
            time.sleep(0.1)
        child.terminate()
        threading.Timer(20.0, child.send_signal, [signal.SIGINT]).start()
        told = json.loads(child.stdout.read().splitlines()[-1])
        child.wait(60)
    return _report(asked.rate, reached, seconds, producer, notices, told, (before, os.getloadavg(), produced))


def _report(
    rate: int, reached: float, seconds: float, producer: Producer, notices: Notices, told: dict[str, Any], load: Any
) -> int:
    waited = [notices.at[cut] - ended for cut, ended in producer.ended.items() if cut in notices.at]
    before, after, produced = load
    print(f"From a message to a warning: {rate} messages/s for {seconds:g} s, reached {reached:.0f}/s")
    print(f"  cores {os.cpu_count()}, load of the machine {before[0]:.1f} before, {after[0]:.1f} after")
    print(
        f"  processor: reader {told['cpu_s'] / seconds:.2f} cores, producer and broker {produced / seconds:.2f} cores"
    )
    print(f"  batches: half within {told['cycle_s']:.2f} s, most that waited {told['most_lag']} messages")
    names = ("p50", "p95", "p99", "max")
    spread = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, told["quantiles"], strict=False))
    print(f"  {told['timed']} messages after the first seconds, s until they counted: {spread}")
    print(f"  {len(waited)} of {len(producer.ended)} outbreaks told of, s until the notice: "
          + ", ".join(f"{name} {value:.2f}" for name, value in _spread(waited or [float("nan")]).items()))  # fmt: skip
    return conclude(
        [
            Goal("messages that count, of those sent", told["rows"] / producer.sent, floor=1.0, ceiling=1.0),
            Goal("outbreaks that were told of", len(waited) / max(len(producer.ended), 1), floor=1.0),
            Goal("from message to notice, p99", _spread(waited or [999.0])["p99"], ceiling=GOAL_P99_S, unit=" s"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
