"""A TAXII 2.1 read view of our collections, for everybody else's tools."""
