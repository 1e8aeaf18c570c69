"""Decisions of watch: which indicators a value matches."""
