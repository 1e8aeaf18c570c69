"""Tables of performance."""
