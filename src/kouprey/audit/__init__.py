"""Reads what the node has written down about who saw, changed, released and exported what."""
