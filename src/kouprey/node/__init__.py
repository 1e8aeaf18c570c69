"""The keystone: which capabilities there are, how they are assembled, and how a node runs."""
