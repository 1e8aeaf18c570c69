"""Outside shapes of TAXII 2.1: what clients send and what they are sent."""
