"""Runs work in a child process and kills it at a chosen system call or moment."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
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

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def _send(self, command: dict[str, Any]) -> tuple[int, Path]:
        self._number += 1
        out = self.folder / f"out-{self._number}.json"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**command, "out": str(out)}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["pid"], out

    def _ended(self, out: Path) -> Ended:
        assert self._process.stdout is not None
        status = json.loads(self._process.stdout.readline())["status"]
        text = out.read_text(encoding="utf-8") if out.exists() else ""
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        return Ended(killed, code, json.loads(text) if code == 0 else text)

    def run(self, op: str, root: Path, **more: Any) -> Any:
        """Do the work undisturbed and return its result."""
        _, out = self._send({"op": op, "root": str(root), **more})
        ended = self._ended(out)
        assert ended.exit == 0, f"{op} failed: {ended.result}"
        return ended.result

    def traced(self, op: str, root: Path, *, inject: str | None = None, **more: Any) -> tuple[Ended, list[Seen]]:
        """Do the work under strace; `inject` as in strace's option. Returns how it ended and the calls
        seen, in order."""
        pid, out = self._send({"op": op, "root": str(root), "stopped": True, **more})
        log = self.folder / f"strace-{self._number}.log"
        command = ["strace", "-f", "-q", "-y", "-o", str(log), "-e", f"trace={CALLS}", "-p", str(pid)]
        if inject is not None:
            command[1:1] = ["-e", f"inject={inject}"]
        tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _until_traced(pid)
        os.kill(pid, signal.SIGCONT)
        ended = self._ended(out)
        tracer.wait(timeout=30)
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
        return self._ended(out)


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
    while "T (stopped)" not in _status(pid) and "t (tracing" not in _status(pid):
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
