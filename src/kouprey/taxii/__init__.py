"""A TAXII 2.1 door to our collections, for everybody else's tools."""
