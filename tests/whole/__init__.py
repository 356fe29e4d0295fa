"""The finished program on real data, as its users have it: links followed, loads under way, both stores."""
