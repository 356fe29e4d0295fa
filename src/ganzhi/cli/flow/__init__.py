"""`ganzhi flow` and `ganzhi ivr`: how cases really go, event logs in and out, the voice menu."""

from __future__ import annotations

from ganzhi.cli.flow import exchange, look
from ganzhi.cli.flow.group import flow
from ganzhi.cli.flow.ivr import ivr

__all__ = ["exchange", "flow", "ivr", "look"]
