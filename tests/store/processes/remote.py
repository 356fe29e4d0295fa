"""The near end of a process that has a store of its own (see `worker.py`)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import ganzhi

ROOT = Path(__file__).resolve().parents[3]


class Remote:
    """Sends commands as lines of JSON and reads answers; `say` and `hear` apart let several run at once."""

    def __init__(self) -> None:
        path = os.pathsep.join([str(Path(ganzhi.__file__).parents[1]), str(ROOT)])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.processes.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            cwd=ROOT,
        )

    def say(self, act: str, *args: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([act, *args]) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        """The next answer; EOFError when the process is gone."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise EOFError
        return json.loads(line)

    def do(self, act: str, *args: Any) -> Any:
        self.say(act, *args)
        return self.hear()

    def end(self, child: int, *, kill: bool) -> list[Any]:
        """What a child of `fork_off` said until its end, which must be the one that is wanted."""
        if kill:
            os.kill(child, signal.SIGKILL)
        self.say("reap", child)
        said = []
        while not isinstance(answer := self.hear(), dict) or "signal" not in answer:
            said.append(answer)
        assert answer["signal"] == (signal.SIGKILL if kill else 0)
        return said

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
