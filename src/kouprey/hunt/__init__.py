"""Hunt: questions to recorded events, asked with the rules of others (Sigma), and answered per rule."""
