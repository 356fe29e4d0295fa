"""`ganzhi flow`: how cases really go, and event logs in and out."""

from __future__ import annotations

from ganzhi.cli.flow import exchange, look
from ganzhi.cli.flow.group import flow

__all__ = ["exchange", "flow", "look"]
