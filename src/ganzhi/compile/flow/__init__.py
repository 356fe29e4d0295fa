"""Event logs as SQL: who follows whom, variants, and what goes against the declared order. Opens no connection."""
