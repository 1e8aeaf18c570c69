"""Tables of hunts."""
