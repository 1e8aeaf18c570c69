"""MISP as it stands outside: events in files, and the manifest of a feed."""
