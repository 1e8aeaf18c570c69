"""Who acts: parties and their cards, persons, sessions and tokens."""
