"""The shelf for every test of the folder."""

from tests.complaints.cases.shelf import shelf, store_template

__all__ = ["shelf", "store_template"]
