"""Outside shapes of capacity: messages between nodes, badges, calendars, tables and papers."""
