"""All SQL of capacity."""
