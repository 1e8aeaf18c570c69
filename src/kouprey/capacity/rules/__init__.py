"""Decisions of capacity: who gets a seat, how many points count, and what our own badges may say."""
