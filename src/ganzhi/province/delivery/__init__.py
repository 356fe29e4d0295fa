"""How records leave the province: file families, shards, dates in names, encodings, and everything that goes
wrong on the way (late, short, twice, corrected, with codes nobody announced)."""
