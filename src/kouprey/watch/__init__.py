"""Watch: what sensors see, matched against every indicator in force while it happens, and kept for those to come."""
