"""Footfall against capacity: what comes to a hall, what its open desks can serve, and when that is not enough (S002-030)."""
