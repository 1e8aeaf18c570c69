"""Migrations of the guard: what this node has signed, kept apart from the database and out of every backup."""
