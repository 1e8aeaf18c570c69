"""Migrations of federation: numbered SQL files."""
