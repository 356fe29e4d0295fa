"""Feeds that arrive in small pieces every few seconds, and the counts per minute that go with them."""
