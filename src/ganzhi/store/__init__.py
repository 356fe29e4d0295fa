"""What people decide and what makes files count: manifest, ledger, jobs, outbox, audit (SQLite, PostgreSQL)."""
