"""Serves the made-up pages for a look: `python -m tests.portal [PORT] [VARIANT]`."""

from __future__ import annotations

import sys

import uvicorn

from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from tests.portal.fakes import context

uvicorn.run(create_app(Door.open_to(context(*sys.argv[2:3]))), port=int((*sys.argv, 8765)[1]), log_level="warning")
