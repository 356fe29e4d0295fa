"""Loading and checking a catalogue: the whole pack against plain YAML parsing, and thousands of indicators.

The rival reads the same files with PyYAML's C loader into dictionaries and does nothing else: no
positions, no types, no references, no expressions. Every run is a fresh process; runs alternate. The
second part lays 1,000, 3,000 and 10,000 further indicators over the pack and fits the growth of the time
on a log-log scale: 1 is linear.

Run: python -m benchmarks.catalogue [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

GOAL_S, GOAL_SLOPE = 1.5, 1.15
SIZES = (1_000, 3_000, 10_000)
PER_FILE = 500

OURS = """
import json, sys, time
begun = time.perf_counter(), time.process_time()
from pathlib import Path
from ganzhi.catalogue.load import load_catalogue
imported = time.perf_counter(), time.process_time()
overlay = Path(sys.argv[1]) if sys.argv[1] else None
catalogue = load_catalogue("telecom", overlay)
done = time.perf_counter(), time.process_time()
print(json.dumps({"import": imported[1] - begun[1], "wall": done[0] - imported[0], "cpu": done[1] - imported[1],
                  "indicators": len(catalogue.indicators)}))
"""

PLAIN = """
import json, time
import yaml
from ganzhi.catalogue.files import read_pack
texts = [file.data.decode() for file in read_pack("telecom")]
begun = time.perf_counter(), time.process_time()
for text in texts:
    yaml.load(text, Loader=yaml.CSafeLoader)
print(json.dumps({"wall": time.perf_counter() - begun[0], "cpu": time.process_time() - begun[1],
                  "kib": sum(len(t.encode()) for t in texts) / 1024}))
"""

INDICATOR = """  load.n{n}:
    name: {{zh: 指标 {n}, en: Indicator {n}}}
    definition: {{zh: 通话时长大于 {n} 秒的来话 ÷ 人工请求量。, en: Calls longer than {n} seconds ÷ calls requesting an agent.}}
    layer: PI
    type: system_performance
    direction: lower
    unit: percent
    feed: calls
    ratio:
      numerator: {{count: {{where: "outcome = 'AGENT' and talk_s > {n}"}}}}
      denominator: {{indicator: hotline.requested}}
    by: [hour_of_day, weekday, call_type]
    targets:
      management: {{floor: 30, target: 20, challenge: 10}}
    commercial_process: hotline
"""


def run(program: str, *arguments: str) -> dict[str, float]:
    """What one fresh process measured."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {name: statistics.median(r[name] for r in runs) for name in runs[0]}


def write_overlay(folder: Path, indicators: int) -> None:
    """That many further indicators, all different."""
    for first in range(0, indicators, PER_FILE):
        entries = "".join(INDICATOR.format(n=n + 100_000) for n in range(first, min(first + PER_FILE, indicators)))
        (folder / f"part{first:06}.yaml").write_text(f"indicators:\n{entries}", encoding="utf-8")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    ours, plain = [], []
    for _ in range(rounds):
        ours.append(run(OURS, ""))
        plain.append(run(PLAIN))
    own, rival = medians(ours), medians(plain)
    print(f"Python {platform.python_version()}, {platform.machine()}, medians of {rounds} fresh processes")
    print(f"pack: {own['indicators']:.0f} indicators, {rival['kib']:.0f} KiB of YAML")
    print(f"load and check   {own['wall']:.2f} s wall, {own['cpu']:.2f} s CPU (goal below {GOAL_S} s)")
    print(f"imports before   {own['import']:.2f} s CPU")
    print(f"plain YAML       {rival['wall']:.2f} s wall, {rival['cpu']:.2f} s CPU")
    print(f"ratio            {own['wall'] / rival['wall']:.2f} wall, {own['cpu'] / rival['cpu']:.2f} CPU")
    times = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            write_overlay(Path(folder), size)
            more = medians([run(OURS, folder) for _ in range(max(1, rounds // 2))])
        times.append(more["cpu"] - own["cpu"])
        print(f"{size:>6} more      {more['cpu']:.2f} s CPU, {1e3 * times[-1] / size:.2f} ms each")
    slope = math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])
    print(f"growth           exponent {slope:.2f} (goal at most {GOAL_SLOPE})")


if __name__ == "__main__":
    main()
