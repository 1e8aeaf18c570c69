"""Migrations of the guard: what this node has signed, kept apart from the database and out of every backup.

They only add tables, and columns with a default: after a way back an older version works on what a newer one has left.
"""
