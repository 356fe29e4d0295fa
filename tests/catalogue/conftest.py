"""The pack that ships, read and checked once for all tests of the catalogue."""

from __future__ import annotations

import pytest

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue


@pytest.fixture(scope="session")
def pack() -> Catalogue:
    """The telecom pack without an overlay."""
    return load_catalogue("telecom", None)
