"""All outgoing calls: resolved once, pinned, capped, never to private addresses unless allowed."""
