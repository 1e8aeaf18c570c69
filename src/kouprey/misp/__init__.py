"""MISP events taken in as STIX: what becomes what, what does not, and the originals kept."""
