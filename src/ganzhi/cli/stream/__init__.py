"""`ganzhi stream`: feeds without end."""
