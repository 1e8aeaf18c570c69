"""Statements in the shapes that others read."""
