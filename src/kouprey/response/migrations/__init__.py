"""Numbered SQL of response."""
