"""Readiness: how a country stands in the indexes that rank it, what this node can prove of it, and what helps next."""
