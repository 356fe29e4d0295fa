"""`ganzhi flow`, `ganzhi ivr` and `ganzhi blueprint`: how cases really go, event logs in and out, the voice menu,
service blueprints."""

from __future__ import annotations

from ganzhi.cli.flow import exchange, look
from ganzhi.cli.flow.blueprint import blueprint
from ganzhi.cli.flow.group import flow
from ganzhi.cli.flow.ivr import ivr

__all__ = ["blueprint", "exchange", "flow", "ivr", "look"]
