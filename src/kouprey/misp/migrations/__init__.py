"""Numbered SQL of misp."""
