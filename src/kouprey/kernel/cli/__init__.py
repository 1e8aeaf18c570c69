"""The frame of all commands: lazy loading, errors for people, JSON for machines."""
