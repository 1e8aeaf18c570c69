"""Numbered SQL of constituents."""
