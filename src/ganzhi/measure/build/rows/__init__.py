"""One record: all of it, what it counts in, where it came from, and a masked value in full."""
