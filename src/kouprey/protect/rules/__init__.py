"""Decisions of protect: what may be listed, and when a person is asked."""
