"""The stores and the town of the life cycle's tests."""

from __future__ import annotations

from tests.improve.conftest import new_town, template, town

__all__ = ["new_town", "template", "town"]
