"""`python -m tools.docs` writes the pages; with `--check` it only says which differ, and fails then."""

from __future__ import annotations

import sys

from tools.docs import differing, write

if __name__ == "__main__":
    checking = "--check" in sys.argv[1:]
    names = differing() if checking else write()
    for name in names:
        print(f"{'differs' if checking else 'written'}: docs/reference/{name}")
    sys.exit(1 if checking and names else 0)
