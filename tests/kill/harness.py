"""Runs work in a child process and kills it at a chosen system call or moment."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLS = (
    "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,"
    "ftruncate,truncate,mkdir,mkdirat,rmdir"
)
"""System calls that change what is on disk."""


WRITING = frozenset({"write", "pwrite64", "writev"})
DEADLINE_S = 120.0
"""A child that has not ended by then is stuck: its state is told and it is ended, so that no test waits for ever."""
TRIES = 3
"""How often work that got stuck under the tracer is begun anew; what is stuck every time is a fault of ours."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The n-th call of a name within a thread. private: it writes into the process's own staging folder, where a file
    counts for nothing until it is whole and renamed."""

    name: str
    n: int
    private: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: by signal or exit status, and what it wrote."""

    signal: int | None
    exit: int | None
    result: Any


class StuckError(AssertionError):
    """A child did not end by its deadline."""


class Worker:
    """A forking worker process (see `worker.py`) with one thread in the engine, so that runs repeat."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 0
        environment = {**os.environ, "GANZHI_ENGINE_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).resolve().parents[2],
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                self._lines.put(line)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._listener.join(timeout=30)

    def _send(self, command: dict[str, Any]) -> tuple[int, Path]:
        self._number += 1
        out = self.folder / f"out-{self._number}.json"
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**command, "out": str(out)}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._lines.get(timeout=DEADLINE_S))["pid"], out

    def _answer(self, pid: int) -> dict[str, Any]:
        """The worker's next line, by the deadline; else the child is ended and StuckError says how it stood."""
        try:
            return dict(json.loads(self._lines.get(timeout=DEADLINE_S)))
        except queue.Empty:
            stood = _standing(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self._lines.get(timeout=DEADLINE_S)
        raise StuckError(f"process {pid} did not end within {DEADLINE_S:.0f} s: {stood}")

    def _ended(self, out: Path, pid: int) -> Ended:
        status = self._answer(pid)["status"]
        text = out.read_text(encoding="utf-8") if out.exists() else ""
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        return Ended(killed, code, json.loads(text) if code == 0 else text)

    def run(self, op: str, root: Path, **more: Any) -> Any:
        """Do the work undisturbed and return its result."""
        pid, out = self._send({"op": op, "root": str(root), **more})
        ended = self._ended(out, pid)
        assert ended.exit == 0, f"{op} failed: {ended.result}"
        return ended.result

    def traced(self, op: str, root: Path, *, inject: str | None = None, **more: Any) -> tuple[Ended, list[Seen]]:
        """Do the work under strace; `inject` as in strace's option. Returns how it ended and the calls
        seen, in order. Work that gets stuck under the tracer is begun anew on a copy of the same state."""
        spare = copy_of(root, self.folder / "spare")
        for _ in range(TRIES - 1):
            try:
                return self._traced(op, root, inject, more)
            except StuckError as error:
                warnings.warn(f"{op} {inject}: {error}; begun anew", stacklevel=2)
                copy_of(spare, root)
        return self._traced(op, root, inject, more)

    def _traced(self, op: str, root: Path, inject: str | None, more: dict[str, Any]) -> tuple[Ended, list[Seen]]:
        pid, out = self._send({"op": op, "root": str(root), "stopped": True, **more})
        log = self.folder / f"strace-{self._number}.log"
        command = ["strace", "-f", "-q", "-y", "-o", str(log), "-e", f"trace={CALLS}", "-p", str(pid)]
        if inject is not None:
            command[1:1] = ["-e", f"inject={inject}"]
        tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _until_traced(pid)
        os.kill(pid, signal.SIGCONT)
        try:
            ended = self._ended(out, pid)
        finally:
            _end(tracer)
        lines = re.findall(r"^(\d+) +([a-z0-9_]+)\(([^\n]*)", log.read_text(errors="replace"), re.MULTILINE)
        log.unlink()
        return ended, _numbered(lines)

    def killed_after(self, op: str, root: Path, seconds: float, **more: Any) -> Ended:
        """Do the work and kill it after `seconds`, unless it was faster."""
        pid, out = self._send({"op": op, "root": str(root), "stopped": True, **more})
        _until_stopped(pid)
        os.kill(pid, signal.SIGCONT)
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self._ended(out, pid)


def _end(tracer: subprocess.Popen[bytes]) -> None:
    """Let the tracer finish its log; it ends with what it traces."""
    try:
        tracer.wait(timeout=30)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()


def _standing(pid: int) -> str:
    """State, tracer and kernel wait of every thread of a process."""
    told = []
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        with contextlib.suppress(OSError):
            state = re.findall(r"^(?:State|TracerPid):\t(.*)$", (task / "status").read_text(), re.MULTILINE)
            told.append(f"{task.name} {' tracer '.join(state)} in {(task / 'wchan').read_text()}")
    return "; ".join(told) or "gone"


def _numbered(lines: list[tuple[str, str, str]]) -> list[Seen]:
    """Each (call, n) once; strace counts the n-th call of a name within a thread, so we do too."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], bool] = {}
    for thread, name, rest in lines:
        counts[thread, name] += 1
        point = (name, counts[thread, name])
        found[point] = found.get(point, True) and "/warehouse/tmp/" in rest and name in WRITING
    return [Seen(name, n, private) for (name, n), private in found.items()]


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def _until_stopped(pid: int) -> None:
    deadline = time.monotonic() + 20
    while "T (stopped)" not in _status(pid) and "t (tracing" not in _status(pid):
        if time.monotonic() > deadline:
            raise StuckError(f"process {pid} did not stop itself: {_standing(pid)}")
        time.sleep(0.001)


def _until_traced(pid: int) -> None:
    deadline = time.monotonic() + 20
    while re.search(r"TracerPid:\t0$", _status(pid), re.MULTILINE):
        assert time.monotonic() < deadline, "strace did not attach"
        time.sleep(0.001)
    _until_stopped(pid)


def copy_of(root: Path, to: Path) -> Path:
    """A workspace with the same content."""
    if to.exists():
        shutil.rmtree(to)
    shutil.copytree(root, to)
    return to
