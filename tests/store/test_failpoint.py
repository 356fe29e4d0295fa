from __future__ import annotations

import os
import signal

import pytest

from ganzhi.base.failpoint import VARIABLE, failpoint


def _ending(setting: str, passes: int) -> int:
    """The signal by which a process ends that passes the point "here" so often; 0 when it lives."""
    child = os.fork()
    if child == 0:
        os.environ[VARIABLE] = setting
        for _ in range(passes):
            failpoint("there")
            failpoint("here")
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(
    ("setting", "passes", "killed"),
    [
        ("here", 1, True), ("here:1", 1, True), ("here:3", 3, True), ("here:3", 2, False), ("her", 9, False),
        ("", 1, False), ("here:x", 9, False), ("here:0", 9, False), ("other", 9, False),
    ],
)  # fmt: skip
def test_a_process_dies_at_the_named_pass_and_at_no_other(setting: str, passes: int, killed: bool) -> None:
    assert _ending(setting, passes) == (signal.SIGKILL if killed else 0)
