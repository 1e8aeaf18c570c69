"""Storage: durable state on SQLite (one process, one writer) or PostgreSQL (several processes)."""
