"""Outside shapes of hunts: Sigma rules and records of events."""
