"""The tables of the exchange, brought forward step by step."""
