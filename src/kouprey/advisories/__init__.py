"""Verified public statements: what a party says to everybody, signed, chained, and found again by whoever doubts."""
