"""Migrations of readiness."""
