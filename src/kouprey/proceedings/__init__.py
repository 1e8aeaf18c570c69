"""Confidential proceedings: dossiers that named persons open, on their own machines, and the ledger of who did what."""
