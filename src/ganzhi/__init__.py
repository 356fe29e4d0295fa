"""ganzhi (感知): see, explain and improve a telecom operator's service as the customer perceives it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("ganzhi")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0+source"

__all__ = ["__version__"]
