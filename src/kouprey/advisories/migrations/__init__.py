"""The tables of advisories."""
