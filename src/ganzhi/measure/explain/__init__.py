"""Why a number changed, or misses its target: exact contributions, and the attributes that carry it."""
