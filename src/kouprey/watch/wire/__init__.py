"""Outside shapes of watch: lines of sensors, and batches of them."""
