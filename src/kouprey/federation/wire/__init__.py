"""Outside shapes of federation: entries, link answers and parcels, as docs/spec/ fixes them."""
