"""Decisions of readiness: pure functions of frameworks, answers and facts."""
