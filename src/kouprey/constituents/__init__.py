"""Constituents: readers without a node of their own, hosted on ours, and what concerns their networks."""
