"""Capacity: programmes, trainings with seats across borders, attendance, badges, and certificates of others."""
