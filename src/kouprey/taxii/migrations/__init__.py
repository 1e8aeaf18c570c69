"""The tables of the TAXII door, brought forward step by step."""
