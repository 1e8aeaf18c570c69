"""Decisions about statements: pure functions."""
