"""`ganzhi trace`: link transactions across systems, list what is stuck, tell one story, look at clocks."""

from ganzhi.cli.trace import look as look
from ganzhi.cli.trace.group import trace

__all__ = ["trace"]
