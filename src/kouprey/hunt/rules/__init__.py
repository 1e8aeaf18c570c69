"""Decisions of hunts: what events a rule finds."""
