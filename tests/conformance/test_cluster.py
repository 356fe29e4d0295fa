"""A refresh whose rows are scanned by a cluster of its own processes: a Spark master and two workers on this machine.

`make sweep` runs it; it starts six Java processes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.spark.engine import SparkEngine
from tests.conformance.engines import SMALL
from tests.conformance.test_refresh import committed, place

CLASSES = "org.apache.spark.deploy"
WAIT_S = 120
CHILD = "from pathlib import Path; from tests.conformance.test_cluster import scan; scan({master!r}, Path({folder!r}))"


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a running cluster."""
    if os.environ.get("GANZHI_SWEEP") != "all":
        pytest.skip("make sweep starts a cluster")
    pyspark = pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no Spark on this machine")
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as running:
        log = running.enter_context((tmp_path / "cluster.log").open("w+"))

        def start(*words: str) -> None:
            home = Path(pyspark.__file__).parent
            process = subprocess.Popen(
                [home / "bin" / "spark-class", *words],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
            )
            running.callback(process.wait)
            running.callback(process.kill)

        start(f"{CLASSES}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        _wait_for(tmp_path / "cluster.log", "New state: ALIVE", 1)
        for number in range(2):
            work = str(tmp_path / f"work{number}")
            small = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", work)
            start(f"{CLASSES}.worker.Worker", *small, address)
        _wait_for(tmp_path / "cluster.log", "Successfully registered with master", 2)
        yield address


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(log: Path, said: str, times: int) -> None:
    until = time.monotonic() + WAIT_S
    while log.read_text(errors="replace").count(said) < times:
        assert time.monotonic() < until, log.read_text(errors="replace")[-2000:]
        time.sleep(0.2)


def scan(master: str, folder: Path) -> None:
    """What a process of its own does, in which there is no other Spark: refresh with rows scanned by the cluster."""
    far = place(folder, far=False)
    settings = {**SMALL, "spark.executor.memory": "600m", "spark.cores.max": "2"}
    refresh(replace(far, far=SparkEngine(far.files.root, master=master, settings=settings)))
    sys.stdout.write(f"\n{sorted(committed(far).items())!r}\n")


def test_a_cluster_scans_and_the_same_bytes_are_committed(tmp_path: Path, master: str) -> None:
    near = place(tmp_path / "near", far=False)
    refresh(near)
    child = CHILD.format(master=master, folder=str(tmp_path / "far"))
    said = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=900, check=False)
    assert said.returncode == 0, said.stderr[-2000:]
    assert said.stdout.splitlines()[-1] == repr(sorted(committed(near).items()))
    told = (tmp_path / "cluster.log").read_text(errors="replace")
    assert told.count("Launching executor") >= 2
