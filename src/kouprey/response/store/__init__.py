"""All SQL of response."""
