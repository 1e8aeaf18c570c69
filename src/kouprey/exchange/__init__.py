"""The exchange of objects: what arrives, which version it is, and what may be passed on."""
