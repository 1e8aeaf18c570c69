"""Migrations of capacity."""
