"""Response: hand-offs, by which parties ask one another to act across a border, and both can prove what was said."""
