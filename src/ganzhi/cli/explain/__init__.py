"""`ganzhi explain`."""
