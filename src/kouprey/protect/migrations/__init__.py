"""Tables of protect."""
