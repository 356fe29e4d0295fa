"""Pages under load: time in the server and at the client for overview, place and indicator pages, 16 clients at once.

The store holds 20 million published observations (`benchmarks.ground.shifted` says how it is filled: two simulated days
that take the whole path, and copies before them). The server is the application of `ganzhi serve` in a process of its own,
asked over HTTP with gzip, without pauses on connections that are kept. Every page is asked for a unit, a period and an indicator of its
own, so that no answer is there already (cold); then the same pages again (warm). Clients ask either without a pause, which
fills the processor, or with one as readers make.

Server time is what passes between the request and the first byte of the answer within the application, waiting for other
requests included. CPU is that of the whole server process over the pages it answered.

Run: python -m benchmarks.serving [--days N] [--scale S] [--pages N] [--clients N] [--quick] [--temp FOLDER] [--store FOLDER]
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.ground.runs import Goal, conclude, given, head
from benchmarks.ground.runs import arguments as common
from benchmarks.ground.shifted import Past, fine_feeds, spread_dropped, spread_published, spread_states
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.refresh import refresh
from ganzhi.portal.app import create_app
from ganzhi.portal.ports.warm import settle
from ganzhi.portal.site import door_of
from ganzhi.wiring import init_workspace, opened

DAYS, QUICK_DAYS = 330, 28
SCALE, QUICK_SCALE = 0.2, 0.01
LAST = date(2012, 4, 27)
PAGES, CLIENTS = 192, 16
PAUSE_S = 4.0
TIMING = "Server-Timing"
REJECTED = 3
OBSERVED = "observed/"


# --- the store ---------------------------------------------------------------------------------


def fill(folder: Path, scale: float, days: int) -> Path:
    """A workspace with many published observations."""
    province, root = folder / "province", folder / "store"
    first = LAST - timedelta(days=1)
    words = ("--scale", f"{scale:g}", "--days", "2", "--seed", "1", "--start", first.isoformat())
    _command("simulate", str(province), *words)
    init_workspace(root)
    (root / "catalogue").mkdir(exist_ok=True)
    shutil.copy(province / "catalogue" / "units.yaml", root / "catalogue" / "units.yaml")
    _command("receive", str(province / "delivered"), "-w", str(root))
    shutil.rmtree(province)
    past = Past((first, LAST), days, 2)
    with opened(root) as workspace:
        place = workspace.workplace
        refresh(place)
        spread_states(place, past)
        spread_dropped(place, past)
        publish(place, first, None, grains=[Grain.DAY, Grain.WEEK])
        spread_published(place, past, Grain.DAY, 2)
        spread_published(place, past, Grain.WEEK, 1)
        publish(place)
    return root


def _command(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ganzhi.cli.main", *words], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, REJECTED):
        sys.stderr.write(done.stderr)
        raise SystemExit(f"ganzhi {words[0]} ended with status {done.returncode}")


def observations(root: Path) -> tuple[int, int]:
    """How many observations are published, and of how many units."""
    with opened(root) as workspace:
        snapshot = workspace.workplace.store.manifest.snapshot()
        tables = [table for table in snapshot.tables() if table.startswith(OBSERVED)]
        return sum(f.rows for t in tables for f in snapshot.table(t)), len(workspace.workplace.catalogue.units)


def questions(root: Path, count: int) -> list[tuple[str, str]]:
    """Kinds and addresses of pages, each a third of them, no two alike."""
    rng = random.Random(1)
    with opened(root) as workspace:
        place = workspace.workplace
        catalogue, zone = place.catalogue, place.zone
        snapshot = place.store.manifest.snapshot()
        days = snapshot.partitions("observed/day")
        fed = fine_feeds(snapshot)  # of the others the store does not say that the rows of the past were dropped
    last = min(date.fromisoformat(days[-1]), LAST)
    ends = [day for n in range(100) if (day := last - timedelta(days=n)).isoformat() in days]
    periods = [period_of_day(grain, day, zone).key for grain in (Grain.DAY, Grain.WEEK, Grain.MONTH) for day in ends]
    units, codes = (
        list(catalogue.units),
        [c for c, i in catalogue.indicators.items() if i.feed in fed and not i.retired],
    )
    found: dict[str, str] = {}
    while len(found) < count:
        period, unit, kind = rng.choice(periods), rng.choice(units), ("overview", "place", "indicator")[len(found) % 3]
        page = {
            "overview": f"/overview?period={period}&region={unit}",
            "place": f"/regions/{unit}?period={period}",
            "indicator": f"/indicators/{rng.choice(codes)}?period={period}&region={unit}",
        }
        found.setdefault(page[kind], kind)
    return [(kind, address) for address, kind in found.items()]


# --- the server --------------------------------------------------------------------------------


class Timed:
    """An application that says how long each of its answers took."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, with the time until the answer began."""
        begun = time.perf_counter()

        async def timed(message: Any) -> None:
            if message["type"] == "http.response.start":
                took = f"app;dur={(time.perf_counter() - begun) * 1e3:.2f}".encode()
                message["headers"] = [*message["headers"], (TIMING.lower().encode(), took)]
            await send(message)

        await self._app(scope, receive, timed)


def serve(root: Path) -> int:
    """In a process of its own: the application of `ganzhi serve`, without the schedule."""
    with opened(root) as workspace:
        app = Timed(create_app(door_of(workspace, demo=False)))
        settle()  # as the command does
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False)
        server = uvicorn.Server(config)

        def tell() -> None:
            while not server.started:
                time.sleep(0.05)
            print(server.servers[0].sockets[0].getsockname()[1], flush=True)

        threading.Thread(target=tell, daemon=True).start()
        server.run()
    return 0


# --- the clients -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """One answer: milliseconds in the server and until the client had all of it, bytes on the wire."""

    kind: str
    status: int
    server_ms: float
    client_ms: float
    size: int


def ask(port: int, pages: Sequence[tuple[str, str]], clients: int, pause_s: float) -> tuple[list[Taken], float]:
    """All pages once, by several clients at once; what each took, and how long all of it."""
    pending, taken, guard = list(reversed(pages)), list[Taken](), threading.Lock()

    def client(number: int) -> None:
        rng, link = random.Random(number), http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        if pause_s:
            time.sleep(rng.uniform(0, pause_s))
        while True:
            with guard:
                if not pending:
                    return
                kind, address = pending.pop()
            if pause_s:
                link.close()  # the server has given up on it by now
            begun = time.perf_counter()
            link.request("GET", address, headers={"Accept-Encoding": "gzip", "Accept-Language": "zh"})
            answer = link.getresponse()
            body = answer.read()
            took = (time.perf_counter() - begun) * 1e3
            inside = float((answer.getheader(TIMING) or "dur=nan").rpartition("dur=")[2])
            with guard:
                taken.append(Taken(kind, answer.status, inside, took, len(body)))
            if pause_s:
                time.sleep(rng.uniform(0.5, 1.5) * pause_s)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, time.perf_counter() - begun


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mib(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 1024


def line(name: str, times: Sequence[float]) -> str:
    """A distribution in milliseconds."""
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else [times[0]] * 99
    marks = " ".join(f"{cuts[p - 1]:>9.1f}" for p in (50, 90, 95, 99))
    return f"  {name:<44} {len(times):>6} {marks} {max(times):>9.1f}"


def load(root: Path, pages: Sequence[tuple[str, str]], clients: int) -> list[Goal]:
    """Ask a fresh server for all pages, cold and warm, with pauses and without."""
    goals = []
    print(f"  {'milliseconds':<44} {'pages':>6} {'p50':>9} {'p90':>9} {'p95':>9} {'p99':>9} {'max':>9}")
    half = len(pages) // 2
    command = [sys.executable, "-m", "benchmarks.serving", "--side", "server", "--place", str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            first, _ = ask(port, pages[:1], 1, 0)
            print(f"  the first page after the start: {first[0].client_ms:.0f} ms")
            for title, some, pause in (
                ("cold, readers' pauses", pages[1:half], PAUSE_S),
                ("warm, readers' pauses", pages[1:half], PAUSE_S),
                ("cold, no pauses", pages[half:], 0.0),
                ("warm, no pauses", pages[half:], 0.0),
            ):
                before = _cpu_s(server.pid)
                taken, wall = ask(port, some, clients, pause)
                cpu = (_cpu_s(server.pid) - before) / len(taken) * 1e3
                goals += _told(title, taken, cpu, wall)
            print(f"  most memory of the server: {_peak_mib(server.pid)} MiB")
        finally:
            server.terminate()
    return goals


def _told(title: str, taken: Sequence[Taken], cpu_ms: float, wall_s: float) -> list[Goal]:
    """Print a phase; its figures beside their goals."""
    wrong = sorted({each.status for each in taken if each.status != 200})
    refused = sum(each.status != 200 for each in taken)
    if wrong:
        print(f"  {title}: {refused} of {len(taken)} pages were refused ({wrong}) and are not among the times")
        taken = [each for each in taken if each.status == 200]
    for kind in sorted({each.kind for each in taken}):
        print(line(f"{title}, server, {kind}", [t.server_ms for t in taken if t.kind == kind]))
    print(line(f"{title}, server, all", [t.server_ms for t in taken]))
    print(line(f"{title}, client, all", [t.client_ms for t in taken]), flush=True)
    p95 = statistics.quantiles([t.server_ms for t in taken], n=100, method="inclusive")[94]
    ceiling = 30.0 if title.startswith("warm") else None
    print(f"  {title}: {len(taken) / wall_s:.1f} pages/s, load {os.getloadavg()[0]:.1f}")
    goals = [
        Goal(f"{title}: p95 of server time", p95, ceiling=50.0, unit="ms"),
        Goal(f"{title}: processor time per page", cpu_ms, ceiling=ceiling, unit="ms"),
    ]
    if wrong:
        goals.append(Goal(f"{title}: pages refused", refused, ceiling=0))
    return goals


def main() -> int:
    """Fill the store and measure."""
    parser: argparse.ArgumentParser = common(__doc__, rows=0, quick=0, rounds=1)
    parser.add_argument("--days", type=int, help=f"days of the past; {DAYS} by default, {QUICK_DAYS} with --quick")
    parser.add_argument("--scale", type=float, help=f"1 is ten million customers; {SCALE} by default")
    parser.add_argument("--pages", type=int, default=PAGES, help="pages that are asked for, each cold and warm")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="clients at once")
    parser.add_argument("--store", type=Path, help="a workspace that an earlier run filled; it is kept")
    asked = given(parser)
    if asked.side:
        return serve(asked.place)
    head(f"pages under load, {asked.clients} clients at once", asked.rounds)
    with tempfile.TemporaryDirectory(dir=asked.temp) as temporary:
        scale, days = asked.scale or (QUICK_SCALE if asked.quick else SCALE), asked.days or 0
        root = asked.store or fill(Path(temporary), scale, days or (QUICK_DAYS if asked.quick else DAYS))
        rows, units = observations(root)
        print(f"{rows:,} published observations of {units} units")
        goals = load(root, questions(root, asked.pages), asked.clients)
    return conclude(goals)


if __name__ == "__main__":
    sys.exit(main())
